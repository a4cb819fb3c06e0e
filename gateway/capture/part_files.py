"""The files of captures: one is written, those that are too old go. Plain calls of the system; every one may raise
OSError."""

import contextlib
import os
from pathlib import Path
from typing import Final

from gateway.capture.layout import SUFFIX

FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
"""Captures name callers: not for everybody on the machine."""

BUFFER_BYTES: Final = 256 * 1024
"""Written at once: a busy second's steps. What a crash may lose is what came since the last second."""


class PartFile:
    """A part that is being written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        self.path = path
        self.size = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        self._file = open(descriptor, "wb", buffering=BUFFER_BYTES)  # noqa: SIM115 (open for the part's life)

    def write(self, record: bytes) -> None:
        """Add to it."""
        self.size += len(record)
        self._file.write(record)

    def flush(self) -> None:
        """What was added can be read by others."""
        self._file.flush()

    def close(self) -> None:
        """It is whole."""
        self._file.close()

    def abandon(self) -> None:
        """It stays as it is; what could not be written is given up."""
        with contextlib.suppress(OSError):
            self._file.close()


def parts_in(folder: Path) -> list[Path]:
    """The parts in a folder, the oldest first."""
    return sorted(path for path in folder.glob(f"capture-*{SUFFIX}") if path.is_file())


def make_room(folder: Path, keep_bytes: int) -> None:
    """Delete the oldest parts until what is left is no larger than is to be kept."""
    parts = parts_in(folder) if folder.is_dir() else []
    sizes = {part: part.stat().st_size for part in parts}
    surplus = sum(sizes.values()) - keep_bytes
    for part, size in sizes.items():
        if surplus <= 0:
            return
        part.unlink()
        surplus -= size
