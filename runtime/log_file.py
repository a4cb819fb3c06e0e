"""Where log lines go: a file that survives logrotate and a full disk, or standard error.

Each line leaves in one `write` of an O_APPEND descriptor, so that lines of several processes never mix. Nothing that
happens to the file may stop the daemon: its lines go to standard error then, and it says so once. Must not know what a
line is about, nor log anything through structlog itself.
"""

import contextlib
import os
import threading
from pathlib import Path

STDERR = 2
MODE = 0o640
"""Logs name callers: not for everybody on the machine."""


class LogFile:
    """A log's end: whole lines in, into `path`, or to standard error when `path` is None. Safe for several threads."""

    def __init__(self, path: Path | None, *, stderr: int = STDERR) -> None:
        self.path = path
        self._stderr = stderr
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._torn = False
        self._diverted = 0
        self._in_trouble = False
        self._lock = threading.Lock()
        self.lines_lost = 0
        """Lines that could be written nowhere."""

    def write_line(self, line: str) -> None:
        """Write one line; `line` has no line end. Raises nothing."""
        encoded = line.encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            if self.path is None:
                self._to_stderr(encoded)
                return
            try:
                self._to_file(self.path, encoded)
            except OSError as error:
                self._divert(self.path, encoded, error)

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        with self._lock:
            self._close()

    def _to_file(self, path: Path, encoded: bytes) -> None:
        if self._descriptor is None or self._identity != _identity_of(path):
            self._reopen(path)
        assert self._descriptor is not None
        if self._in_trouble:
            said = f"log_file_recovered file={path} lines_diverted={self._diverted} lines_lost={self.lines_lost}\n"
            self._append(self._descriptor, said.encode())
            self._in_trouble = False
            self._diverted = 0
        self._append(self._descriptor, encoded)

    def _append(self, descriptor: int, encoded: bytes) -> None:
        """All of it or OSError. A disk that fills up takes part of a line; the next line then begins on its own."""
        whole = b"\n" + encoded if self._torn else encoded
        written = os.write(descriptor, whole)
        while 0 < written < len(whole):
            self._torn = True
            whole = whole[written:]
            written = os.write(descriptor, whole)
        self._torn = False

    def _reopen(self, path: Path) -> None:
        """Open the file that stands under the name now: logrotate has moved or removed the one that we had."""
        self._close()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        status = os.fstat(self._descriptor)
        self._identity = status.st_dev, status.st_ino

    def _close(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # what a late close reports was reported by the write before it
                os.close(self._descriptor)
        self._descriptor = None
        self._identity = None

    def _divert(self, path: Path, encoded: bytes, error: OSError) -> None:
        self._close()
        if not self._in_trouble:
            self._in_trouble = True
            said = f"log_file_failed file={path} reason={error.strerror!r}: lines go to standard error until it works\n"
            self._to_stderr(said.encode("utf-8", "backslashreplace"), counts=False)
        self._diverted += 1
        self._to_stderr(encoded)

    def _to_stderr(self, encoded: bytes, *, counts: bool = True) -> None:
        try:
            os.write(self._stderr, encoded)
        except OSError:  # closed, or a full pipe that nobody reads: there is nowhere left to say it
            self.lines_lost += counts


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
