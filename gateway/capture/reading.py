"""Parts of captures from their files: which files are meant, and their records as they can be read. Opens files only.

Ends of files are of three kinds: the part ended in order, and says which part follows; it was cut off, by a kill or a
full disk; or it is still being written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.capture.layout import END, BadCapture, Record, RecordReader
from gateway.capture.part_files import parts_in
from runtime.problems import why_unreadable

READ_BYTES = 1024 * 1024
"""At a time: a part is not held in memory as a whole."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The end of a file as it is now: whether the part ended in order, what file follows it (empty: none), and bytes of
    a record that is not whole."""

    is_ended: bool
    next_file: str
    torn_bytes: int


def files_of(paths: tuple[Path, ...]) -> list[Path]:
    """The files meant by files and folders; a folder stands for the parts in it, the oldest first. BadCapture for one
    that is not there, and for a folder without parts."""
    files: list[Path] = []
    for path in paths:
        found = parts_in(path) if path.is_dir() else [path]
        if not found or not found[0].exists():
            what = "no part of a capture is in this folder" if path.is_dir() else "there is no such file"
            raise BadCapture(str(path), 0, what)
        files += found
    return files


class PartReader:
    """The records of one file. ``records`` gives those that are there; call it again when the file has grown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next_file = ""
        self.is_ended = False
        self._records = RecordReader(path.name)
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise _unreadable(path, error) from error

    def records(self) -> Iterator[Record]:
        """Those that are whole and have not been given. BadCapture for damage, and for a disk that cannot be read."""
        while True:
            try:
                piece = self._file.read(READ_BYTES)
            except OSError as error:
                raise _unreadable(self.path, error) from error
            if not piece:
                return
            for record in self._records.receive(piece):
                if self.is_ended:
                    raise BadCapture(self.path.name, record.offset, "a record behind the part's end")
                if record.kind == END:
                    self.is_ended, self.next_file = True, record.content.decode("utf-8", "replace")
                yield record

    @property
    def rest(self) -> Rest:
        """How the file ends now."""
        return Rest(self.is_ended, self.next_file, self._records.torn_bytes)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _unreadable(path: Path, error: OSError) -> BadCapture:
    return BadCapture(str(path), 0, f"it cannot be read: {why_unreadable(error).render()}")
