"""The segments that are held, oldest first, and reading across them. Pure: files are read through what is given.

Numbers that no segment holds, between two of them or within one, are a hole, and every answer says so. What is older
than the oldest of the epoch is not held.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator

from gateway.journal.limits import LOOK_THROUGH_BYTES
from gateway.journal.segment import ReadAt, Segment
from gateway.journal.values import NotHeld
from protocol.archive import Frames, Hole
from runtime.problems import why_unreadable
from runtime.texts import Text, text

ReadFile = Callable[[str, int, int], bytes]
"""Bytes of a file by name, at an offset, up to a length. May raise OSError."""


def _place(segment: Segment) -> tuple[int, int]:
    return segment.header.epoch, segment.first


class Catalogue:
    """The segments of all epochs that are held, and the events of one epoch, `epoch`."""

    def __init__(self, read_file: ReadFile, epoch: int = 0) -> None:
        self.epoch = epoch
        self.segments: list[Segment] = []
        self.problems: dict[str, Text] = {}
        """By file, what readers met; the caller takes them out."""
        self._read_file = read_file
        self._damages_told: set[tuple[str, int]] = set()
        self._to_look_at: list[Segment] | None = None

    def add(self, segment: Segment) -> None:
        """A segment found, or begun; it takes the place of one with the same epoch and first number."""
        self.segments = [held for held in self.segments if _place(held) != _place(segment)]
        insort(self.segments, segment, key=_place)

    def remove(self, segment: Segment) -> None:
        """A segment that was deleted."""
        self.segments.remove(segment)

    def of_epoch(self) -> list[Segment]:
        """Those of the epoch, oldest first."""
        begin = bisect_right(self.segments, (self.epoch, 0), key=_place)
        return self.segments[begin : bisect_right(self.segments, (self.epoch, 2**64), key=_place)]

    def first_held(self) -> int | None:
        """The first number of the oldest segment of the epoch."""
        begin = bisect_right(self.segments, (self.epoch, 0), key=_place)
        return self.segments[begin].first if begin < len(self.segments) else None

    def read(self, after: int, last: int, bytes_max: int) -> Frames | Hole | NotHeld:
        """The events after a number, up to `last`, which is the last number used: about `bytes_max` bytes, at least one
        event; none only at the end, or when so much had to be looked through that it is the others' turn. A file that
        cannot be read is a hole, said in `problems`."""
        wanted = after + 1
        if wanted > last:
            return Frames([], after)
        at = bisect_right(self.segments, (self.epoch, wanted), key=_place) - 1
        if at < 0 or self.segments[at].header.epoch != self.epoch:
            return NotHeld(self.first_held() or last + 1)
        segment = self.segments[at]
        following = self.segments[at + 1] if at + 1 < len(self.segments) else None
        ends = last if following is None or following.header.epoch != self.epoch else following.first - 1
        try:
            if not self._look_as_far_as(segment, wanted):
                return Frames([], after)
            if segment.expected <= wanted:
                return Hole(wanted, ends)
            return self._read_segment(segment, wanted, ends, bytes_max)
        except OSError as error:
            self._cannot_be_read(segment, error)
            return Hole(wanted, ends)

    def read_all(self, segment: Segment) -> Iterator[tuple[int, bytes]]:
        """Number and frame of every event of a segment. May raise OSError."""
        for piece in segment.pieces(self._reader_of(segment)):
            for number, start, stop in piece.events:
                yield number, piece.content[start:stop]

    def look_through(self, segment: Segment) -> None:
        """Look through a whole segment. May raise OSError."""
        while not segment.is_looked_through:
            segment.look_further(self._reader_of(segment))

    def look_on(self, bytes_max: int) -> None:
        """Look through about that many bytes of what stood here at the first call, the newest first, so that damage is
        known before somebody resumes over it. What cannot be read is said in `problems` and left alone."""
        if self._to_look_at is None:
            self._to_look_at = self.of_epoch()
        while self._to_look_at and bytes_max > 0:
            segment = self._to_look_at[-1]
            if segment.is_looked_through or segment not in self.segments:
                self._to_look_at.pop()
                continue
            begun_at = segment.frontier
            try:
                segment.look_further(self._reader_of(segment))
            except OSError as error:
                self._cannot_be_read(segment, error)
                self._to_look_at.pop()
            bytes_max -= segment.frontier - begun_at

    def take_problems(self) -> list[Text]:
        """In words what readers met since the last call: files that cannot be read, and damage, each told once."""
        problems = list(self.problems.values())
        self.problems.clear()
        met = {(segment.header.name, at) for segment in self.segments for at in segment.damages}
        for file, at in sorted(met - self._damages_told):
            problems.append(text("{file} is damaged at byte {at}: events are missing there", file=file, at=at))
        self._damages_told = met
        return problems

    def _reader_of(self, segment: Segment) -> ReadAt:
        return lambda at, length: self._read_file(segment.header.name, at, length)

    def _cannot_be_read(self, segment: Segment, error: OSError) -> None:
        name = segment.header.name
        self.problems[name] = text("{file} cannot be read: {reason}", file=name, reason=why_unreadable(error))

    def _look_as_far_as(self, segment: Segment, wanted: int) -> bool:
        """Whether the frontier has passed a number, or the end, within what one call may look through."""
        begun_at = segment.frontier
        while segment.expected <= wanted and not segment.is_looked_through:
            if segment.frontier - begun_at >= LOOK_THROUGH_BYTES:
                return False
            segment.look_further(self._reader_of(segment))
        return True

    def _read_segment(self, segment: Segment, wanted: int, ends: int, bytes_max: int) -> Frames | Hole:
        frames: list[bytes] = []
        gathered = 0
        at, expected = segment.place_of(wanted)
        while at < segment.ends_at:
            if at == segment.frontier:
                piece = segment.look_further(self._reader_of(segment))
            else:
                piece = segment.read(at, expected, self._reader_of(segment))
            for number, start, stop in piece.events:
                if number < wanted:
                    continue
                if number > wanted:
                    return Frames(frames, wanted - 1) if frames else Hole(wanted, number - 1)
                frames.append(piece.content[start:stop])
                gathered += stop - start
                wanted += 1
                if gathered >= bytes_max:
                    return Frames(frames, wanted - 1)
            at, expected = piece.next_at, piece.expected
        return Frames(frames, wanted - 1) if frames else Hole(wanted, ends)
