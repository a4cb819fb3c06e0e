"""The journal's files: plain calls of the operating system, and nothing decided. Every function may raise OSError.

What is to be whole or not at all is written under another name, made safe and renamed; what is to work on a full disk
is written in place.
"""

import contextlib
import fcntl
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.journal.limits import OPEN_READERS_MAX
from gateway.journal.segment_header import UNFINISHED

FOLDER_MODE: Final = 0o750
FILE_MODE: Final = 0o640
"""Events name callers: not for everybody on the machine."""

LOCK_NAME: Final = "lock"
PID_BYTES_MAX: Final = 20

CLOSED: Final = -1
"""In the place of a descriptor: its number may be another file's by now."""


class Lock:
    """An exclusive lock on a folder, held until it is closed or the process ends in whatever way."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Give the folder free."""
        if self._descriptor != CLOSED:
            os.close(self._descriptor)
        self._descriptor = CLOSED


def make_folder(folder: Path) -> None:
    """The folder and those above it, unless they are there."""
    folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)


def lock(folder: Path) -> Lock | int:
    """The lock, or the number of the process that has it (0: it did not say)."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.read(descriptor, PID_BYTES_MAX)
        os.close(descriptor)
        return int(written) if written.isdigit() else 0
    except OSError:
        os.close(descriptor)
        raise
    with contextlib.suppress(OSError):  # a full disk keeps the number out, not the lock
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return Lock(descriptor)


def names(folder: Path) -> list[str]:
    """The names of the files in a folder, sorted."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))


def size_and_time(path: Path) -> tuple[int, int]:
    """A file's bytes, and microseconds since 1970 of its last change."""
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns // 1_000


def read_some(path: Path, at: int, length: int) -> bytes:
    """Up to `length` bytes; fewer only at the file's end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _read_at(descriptor, at, length)
    finally:
        os.close(descriptor)


def write_whole(folder: Path, name: str, pieces: Sequence[bytes]) -> None:
    """A file that is there whole and safe, or not at all; one of that name is replaced."""
    os.close(_written_whole(folder, name, pieces))


def write_quickly(folder: Path, name: str, content: bytes) -> None:
    """As ``write_whole``, but only a crash of the process finds it whole: after a power cut it may be anything."""
    os.close(_written_whole(folder, name, [content], is_safe=False))


def begin_whole(folder: Path, name: str, pieces: Sequence[bytes]) -> "Writing":
    """The same for a file that is written on. Once it bears its name nothing can fail any more: an error then would
    leave two files that both seem to be the newest."""
    return Writing(_written_whole(folder, name, pieces), sum(map(len, pieces)), is_torn=False)


def open_writing(path: Path, size: int) -> "Writing":
    """A file to write on behind its first `size` bytes."""
    return Writing(os.open(path, os.O_WRONLY | os.O_CLOEXEC), size, is_torn=True)


def check_room(folder: Path, name: str, length: int) -> None:
    """OSError unless `length` bytes can be had in a new file, which is deleted again."""
    path = folder / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        os.posix_fallocate(descriptor, 0, length)
    finally:
        os.close(descriptor)
        os.unlink(path)


def rename(folder: Path, name: str, other: str) -> None:
    """Give a file another name."""
    os.rename(folder / name, folder / other)


def delete(path: Path) -> None:
    """Remove a file; one that is gone already is no error."""
    path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Make a file's content safe; one that is gone needs it no more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names safe."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Writing:
    """A file that is written at given places, in place. `size` is where it ends as far as its writer is concerned:
    what a failed write left behind it is cut off before the next one."""

    def __init__(self, descriptor: int, size: int, *, is_torn: bool) -> None:
        """`is_torn`: something may stand behind `size`."""
        self.size = size
        self._torn = is_torn
        self._descriptor = descriptor

    def append(self, content: bytes) -> None:
        """All of it in one write if the system takes it, or OSError and nothing."""
        if self._torn:
            os.ftruncate(self._descriptor, self.size)
        self._torn = True
        try:
            _write_at(self._descriptor, content, self.size)
        except OSError:
            self.cut(self.size)
            raise
        self.size += len(content)
        self._torn = False

    def cut(self, size: int) -> None:
        """Go back to an earlier size; what cannot be cut off now is cut off before the next write. No OSError."""
        self.size = size
        self._torn = True
        with contextlib.suppress(OSError):  # as the docstring says
            os.ftruncate(self._descriptor, size)
            self._torn = False

    def overwrite(self, content: bytes, at: int) -> None:
        """Write within the file."""
        _write_at(self._descriptor, content, at)

    def sync(self) -> None:
        """Make what was written safe. After an error nobody knows which part of it is."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Close the file. No OSError."""
        with contextlib.suppress(OSError):  # what a late close reports was reported by the write before it
            os.close(self._descriptor)
        self._descriptor = CLOSED


class Reading:
    """Files of one folder that are read at given places, the last few used held open."""

    def __init__(self, folder: Path, open_max: int = OPEN_READERS_MAX) -> None:
        self._folder = folder
        self._open_max = open_max
        self._descriptors: OrderedDict[str, int] = OrderedDict()

    def read(self, name: str, at: int, length: int) -> bytes:
        """Up to `length` bytes of a file; fewer only at its end."""
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            while len(self._descriptors) >= self._open_max:
                os.close(self._descriptors.popitem(last=False)[1])
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
            self._descriptors[name] = descriptor
        else:
            self._descriptors.move_to_end(name)
        return _read_at(descriptor, at, length)

    def forget(self, name: str) -> None:
        """Close a file that is deleted or replaced."""
        descriptor = self._descriptors.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    @property
    def open_files(self) -> int:
        """How many are held open."""
        return len(self._descriptors)

    def close(self) -> None:
        """Close them all."""
        for name in list(self._descriptors):
            self.forget(name)


def _written_whole(folder: Path, name: str, pieces: Sequence[bytes], *, is_safe: bool = True) -> int:
    fresh = folder / (name + UNFINISHED)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        at = 0
        for piece in pieces:
            _write_at(descriptor, piece, at)
            at += len(piece)
        if is_safe:
            os.fsync(descriptor)
        os.rename(fresh, folder / name)
    except OSError:
        os.close(descriptor)
        with contextlib.suppress(OSError):  # what is left over is deleted at the next start
            os.unlink(fresh)
        raise
    if is_safe:
        with contextlib.suppress(OSError):  # a name that a power cut takes away is missed at the next start
            sync_folder(folder)
    return descriptor


def _read_at(descriptor: int, at: int, length: int) -> bytes:
    content = os.pread(descriptor, length, at)
    while len(content) < length:
        more = os.pread(descriptor, length - len(content), at + len(content))
        if not more:
            break
        content += more
    return content


def _write_at(descriptor: int, content: bytes, at: int) -> None:
    written = os.pwrite(descriptor, content, at)
    while written < len(content):
        written += os.pwrite(descriptor, memoryview(content)[written:], at + written)
