"""Where a client is in a stream, kept in a file of its own: after a crash or a restart it goes on from there.

The place is written after an event has been taken: a kill between the two shows that event once more, and never loses
one. Who must not count anything twice keeps the place in the same write as what it made of the event.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from model.ids import EventId

LINE_BYTES: Final = 64
"""Two numbers of twenty digits, a colon and room: a line of one length is written over in place, in one call."""


class NoPlace(ValueError):
    """The file holds something else than a place: it is not overwritten."""


class PlaceFile:
    """An open place file. ``place`` is None while nothing has been taken. OSError when it cannot be opened or written;
    ``NoPlace`` for a file of another kind."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held = os.pread(self._descriptor, LINE_BYTES + 1, 0)
        try:
            self.place = EventId.parse(held.decode("ascii").strip()) if held else None
        except ValueError as error:
            os.close(self._descriptor)
            raise NoPlace(
                f"{path} holds no place in a stream: expected a line EPOCH:NUMBER, or no such file"
            ) from error

    def keep(self, place: EventId) -> None:
        """Everything up to here has been taken."""
        os.pwrite(self._descriptor, f"{place}".ljust(LINE_BYTES - 1).encode("ascii") + b"\n", 0)
        self.place = place

    def close(self) -> None:
        """Give the file free."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
