"""Log files read as records: from the beginning, and on as they grow, over rotation by renaming and by truncation.

Reads only. It polls, since a log may lie on a network file system, where no kernel tells of changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from ultra.log_records import Record, is_continuation, parse_line

READ_BYTES: Final = 256 * 1024
"""At a time: memory stays small however large a log is."""

LINE_BYTES_MAX: Final = 1024 * 1024
"""A line without an end is cut here: it is no log line."""


class Lines:
    """Bytes into whole lines; a line that is not yet finished waits. Bytes that are no UTF-8 are shown as such."""

    def __init__(self) -> None:
        self._pending = b""

    def receive(self, received: bytes) -> list[str]:
        *lines, self._pending = (self._pending + received).split(b"\n")
        if len(self._pending) > LINE_BYTES_MAX:
            lines.append(self._pending)
            self._pending = b""
        return [line.decode("utf-8", "backslashreplace").rstrip("\r") for line in lines]

    def rest(self) -> list[str]:
        """The unfinished line, if any: the file ends here."""
        rest, self._pending = self._pending, b""
        return [rest.decode("utf-8", "backslashreplace")] if rest else []


class Records:
    """Lines into records: a traceback joins the record before it, which therefore waits for the next line."""

    def __init__(self) -> None:
        self._held: Record | None = None

    def receive(self, lines: list[str]) -> list[Record]:
        found: list[Record] = []
        for line in lines:
            if self._held is not None and is_continuation(line):
                self._held = replace(self._held, line=f"{self._held.line}\n{line}")
                continue
            found += self.rest()
            # What has no time of its own happened after the line before it.
            self._held = parse_line(line) or Record(line)
        return found

    def rest(self) -> list[Record]:
        """The record that waits, if any: no more lines are there now."""
        held, self._held = self._held, None
        return [] if held is None else [held]


def read_records(path: Path) -> Iterator[Record]:
    """Every record of a file as it is now. OSError when it cannot be read."""
    lines, records = Lines(), Records()
    with path.open("rb") as file:
        while received := file.read(READ_BYTES):
            yield from records.receive(lines.receive(received))
    yield from records.receive(lines.rest())
    yield from records.rest()


class Follower:
    """One growing log file. ``poll`` gives what came since; the file may be missing, moved away or cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._retired: BinaryIO | None = None
        self._lines = Lines()
        self._records = Records()

    def poll(self) -> list[Record]:
        """New records, in the order of the file. Raises nothing for a file that is not there."""
        lines: list[str] = []
        if self._retired is not None:
            # The daemon may have been in the middle of a line when its file was moved away.
            lines += self._lines.receive(self._retired.read()) + self._lines.rest()
            self._retired.close()
            self._retired = None
        if self._file is not None:
            if self._is_cut_off(self._file):
                lines += self._lines.rest()
                self._file.seek(0)
            lines += self._lines.receive(self._file.read())
            if self._is_moved_away(self._file):
                self._retired, self._file = self._file, None
        elif self._retired is None:
            lines += self._open()
        return self._records.receive(lines) + self._records.rest()

    def close(self) -> None:
        for file in (self._file, self._retired):
            if file is not None:
                file.close()
        self._file = self._retired = None

    def _open(self) -> list[str]:
        try:
            self._file = self.path.open("rb")
        except OSError:
            return []
        return self._lines.receive(self._file.read())

    def _is_cut_off(self, file: BinaryIO) -> bool:
        return os.fstat(file.fileno()).st_size < file.tell()

    def _is_moved_away(self, file: BinaryIO) -> bool:
        ours = os.fstat(file.fileno())
        try:
            named = self.path.stat()
        except OSError:
            return True
        return (ours.st_dev, ours.st_ino) != (named.st_dev, named.st_ino)
