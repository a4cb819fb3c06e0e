"""A segment as it is held in memory: its header, a sparse index, and what was found damaged in it. Pure.

The file is read through a function that is given, in pieces of some 64 KiB, and each piece is checked whenever it is
read. The index grows at the frontier, the place up to which the segment has been looked through once.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.journal.limits import FRAME_BYTES_MAX, INDEX_BYTES, PIECE_BYTES
from gateway.journal.record import RECORD_BYTES, is_cut_short, next_good, walk
from gateway.journal.segment_header import SegmentHeader
from protocol.archive import Hole

ReadAt = Callable[[int, int], bytes]
"""Bytes of the segment's file at an offset, up to a length; fewer at its end. May raise OSError."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some events of a segment: (number, start, end) of each frame within `content`. What follows stands at `next_at`
    and is at least number `expected`."""

    content: bytes
    events: list[tuple[int, int, int]]
    next_at: int
    expected: int


class Segment:
    """One segment. `size` is what of its file is to be read; the writer lets it grow."""

    def __init__(self, header: SegmentHeader, size: int) -> None:
        self.header = header
        self.size = size
        self.frontier = header.events_at
        self.expected = header.first
        """The number that comes next at the frontier."""
        self.holes: list[Hole] = []
        """Numbers missing between events, as far as it was looked through."""
        self.damages: list[int] = []
        """Offsets at which a record is damaged."""
        self.is_cut_short = False
        """Whether it ends, after whole records, in the beginning of one."""
        self._ends_at: int | None = size if header.events_at > size else None
        if self._ends_at is not None:
            self.damages.append(size)
        self._numbers = [header.first]
        self._offsets = [header.events_at]
        self._after_damage: dict[int, int] = {}

    @property
    def first(self) -> int:
        """The number of its first event."""
        return self.header.first

    @property
    def ends_at(self) -> int:
        """The offset after its last readable record, as far as is known."""
        return self.size if self._ends_at is None else self._ends_at

    @property
    def is_whole(self) -> bool:
        """Whether it can be read, and written, to its end."""
        return self._ends_at is None

    @property
    def is_looked_through(self) -> bool:
        """Whether the frontier has reached the end."""
        return self.frontier >= self.ends_at

    @property
    def event_bytes(self) -> int:
        """Bytes after the checkpoint."""
        return max(0, self.size - self.header.events_at)

    def look_further(self, read_at: ReadAt) -> Piece:
        """Look through the next piece at the frontier; there must be one."""
        at, before = self.frontier, self.expected
        piece = self.read(at, before, read_at)
        self._enter(at, before)
        self.frontier, self.expected = piece.next_at, piece.expected
        self._note_holes(before, piece)
        return piece

    def grown(self, size: int, expected: int) -> None:
        """Whole records were written: it ends at `size` now, and number `expected` comes next. The frontier goes along
        unless it lags or so much came at once that it needs an index of its own."""
        goes_along = self.frontier == self.size and size - self.size <= INDEX_BYTES
        self.size = size
        if goes_along:
            self._enter(self.frontier, self.expected)
            self.frontier, self.expected = size, expected

    def place_of(self, number: int) -> tuple[int, int]:
        """Where to read from for a number that the frontier has passed: an offset, and the number expected there."""
        nearest = bisect_right(self._numbers, number) - 1
        return self._offsets[nearest], self._numbers[nearest]

    def read(self, at: int, expected: int, read_at: ReadAt) -> Piece:
        """The events at an offset where a record begins, at least one record on; damage is stepped over. `at` must be
        before `ends_at`."""
        length = min(INDEX_BYTES, self.ends_at - at)
        content = read_at(at, length)
        walked = walk(content, expected)
        if not walked.at and not walked.damaged and at + length < self.ends_at:
            length = min(PIECE_BYTES, self.ends_at - at)
            content = read_at(at, length)
            walked = walk(content, expected)
        next_at = at + walked.at
        if walked.damaged or len(content) < length or (at + length >= self.ends_at and next_at < self.ends_at):
            next_at = self._step_over(next_at, walked.expected, read_at)
        return Piece(content, walked.events, next_at, walked.expected)

    def pieces(self, read_at: ReadAt) -> Iterator[Piece]:
        """All of it, from its first event to what is its end when it gets there."""
        at, expected = self.header.events_at, self.header.first
        while at < self.ends_at:
            piece = self.read(at, expected, read_at)
            yield piece
            at, expected = piece.next_at, piece.expected

    def cut_to_end(self) -> None:
        """The file is cut off after its last whole record: it is whole again."""
        self.size = self.ends_at
        self._ends_at = None
        self.is_cut_short = False

    def _enter(self, at: int, expected: int) -> None:
        """Into the index, if the last entry is far enough away."""
        if at - self._offsets[-1] >= INDEX_BYTES:
            self._numbers.append(expected)
            self._offsets.append(at)

    def _step_over(self, at: int, expected: int, read_at: ReadAt) -> int:
        """The next readable record after one that is not, or the end."""
        if at in self._after_damage:
            return self._after_damage[at]
        rest = read_at(at, min(PIECE_BYTES, self.size - at))
        is_all = at + len(rest) >= self.size
        if is_all and len(rest) < RECORD_BYTES + FRAME_BYTES_MAX and is_cut_short(rest, expected):
            self._ends_at = at
            self.is_cut_short = True
            return at
        self.damages.append(at)
        found = next_good(rest, expected)
        if found is None:
            self._ends_at = at
            return at
        self._after_damage[at] = at + found
        return at + found

    def _note_holes(self, expected: int, piece: Piece) -> None:
        events = piece.events
        if not events:
            numbers: list[int] = []
        elif events[0][0] == expected and piece.expected - expected == len(events):
            return
        else:
            numbers = [number for number, _, _ in events]
        for number in (*numbers, piece.expected):
            if number > expected:
                self.holes.append(Hole(expected, number - 1))
            expected = number + 1
