"""A journal read from its oldest event to its newest, by somebody who is not its gateway, running or not.

Only reads: puts nothing aside, cuts nothing off, holds no lock. What the gateway writes meanwhile may or may not be
seen; what is not whole at the end is not there yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.journal import files
from gateway.journal.findings import read_checkpoint
from gateway.journal.segment import Segment
from gateway.journal.segment_header import (
    SEGMENT_HEADER_BYTES,
    SegmentHeader,
    Unusable,
    named_epoch,
    read_segment_header,
)
from gateway.journal.values import Checkpoint
from protocol.archive import Hole


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event's frame, whole."""

    epoch: int
    number: int
    frame: bytes


@dataclass(frozen=True, slots=True)
class KeptHole:
    """Numbers of an epoch whose events are not held."""

    epoch: int
    hole: Hole


Kept = Checkpoint | KeptEvent | KeptHole


class NewerJournal(ValueError):
    """A segment was written by a later version of this program; the text names it."""


def segments_of(folder: Path) -> list[Segment]:
    """Every usable segment, oldest first. OSError for a folder that cannot be read, ``NewerJournal``."""
    segments = []
    for name in files.names(folder):
        if named_epoch(name) is None:
            continue
        header = read_segment_header(name, files.read_some(folder / name, 0, SEGMENT_HEADER_BYTES))
        if header is Unusable.NEWER_VERSION:
            raise NewerJournal(f"{folder / name} was written by a newer version")
        if isinstance(header, SegmentHeader):
            segments.append(Segment(header, files.size_and_time(folder / name)[0]))
    return segments


def read_back(folder: Path) -> Iterator[Kept]:
    """Everything, in order: of each epoch a checkpoint, then its events; after a hole the next checkpoint there is. May
    raise as ``segments_of``."""
    reading = files.Reading(folder)
    epoch, expected, is_uncertain = 0, 0, True
    try:
        for segment in segments_of(folder):
            header = segment.header
            if header.epoch != epoch:
                epoch, expected, is_uncertain = header.epoch, header.first, True
            if header.first > expected:
                yield KeptHole(epoch, Hole(expected, header.first - 1))
                expected, is_uncertain = header.first, True
            if is_uncertain and (checkpoint := read_checkpoint(reading, header)) is not None:
                is_uncertain = False
                yield checkpoint
            for number, frame in _events(segment, reading):
                if number > expected:
                    is_uncertain = True
                    yield KeptHole(epoch, Hole(expected, number - 1))
                yield KeptEvent(epoch, number, frame)
                expected = number + 1
    finally:
        reading.close()


def _events(segment: Segment, reading: files.Reading) -> Iterator[tuple[int, bytes]]:
    def read_at(at: int, length: int) -> bytes:
        return reading.read(segment.header.name, at, length)

    for piece in segment.pieces(read_at):
        for number, start, stop in piece.events:
            yield number, piece.content[start:stop]
