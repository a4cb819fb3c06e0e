"""Records: how a checkpoint, an event and a hole stand in a segment, and how they are found again. Pure.

Nothing read is believed before its length, its CRC and its number are checked. What does not hold is damage, and the
record after it is looked for by both lengths that a record names, its own and that of the frame in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final
from zlib import crc32

from gateway.journal.limits import FRAME_BYTES_MAX, NUMBER_MAX
from protocol.archive import Hole
from protocol.frame import HEADER, HEADER_BYTES

RECORD: Final = Struct(">IIB")
"""length, crc, kind (docs/journal.md, Record); the CRC covers kind and content."""
RECORD_BYTES: Final = RECORD.size
HOLE: Final = Struct(">QQ")
_HEADS: Final = Struct(RECORD.format + HEADER.format.removeprefix(">"))
"""The head of a record and of the frame in it, read as one: walking is what a start spends its time on."""
SHORTEST_BYTES: Final = _HEADS.size
"""Of an event without a body; a hole is as long."""


class RecordKind(IntEnum):
    """Numbers on disk, never used for something else."""

    CHECKPOINT = 1
    EVENT = 2
    HOLE = 3


_SEEDS: Final = {kind: crc32(bytes((kind,))) for kind in RecordKind}
"""CRC of the kind byte alone, to go on from."""
_EVENT: Final = int(RecordKind.EVENT)
_HOLE: Final = int(RecordKind.HOLE)
_EVENT_SEED: Final = _SEEDS[RecordKind.EVENT]


@dataclass(slots=True)
class Walked:
    """What a walk over bytes found: `events` as (number, start, end) of each frame, `at` where it stopped, which
    number is expected there, and whether it stopped at damage rather than for want of bytes."""

    events: list[tuple[int, int, int]]
    at: int
    expected: int
    damaged: bool


def pack_checkpoint(content: bytes) -> bytes:
    """What stands before a checkpoint's bytes."""
    return RECORD.pack(len(content), crc32(content, _SEEDS[RecordKind.CHECKPOINT]), RecordKind.CHECKPOINT)


def is_checkpoint(head: bytes, content: bytes) -> bool:
    """Whether a record's head belongs to this content, whole and unharmed."""
    return head == pack_checkpoint(content)


def pack_hole(hole: Hole) -> bytes:
    """A whole hole record."""
    content = HOLE.pack(hole.first, hole.last)
    return RECORD.pack(len(content), crc32(content, _SEEDS[RecordKind.HOLE]), RecordKind.HOLE) + content


def pack_events(first: int, frames: Sequence[bytes]) -> bytes:
    """Records of frames numbered from `first` on. ValueError for a frame that is not whole, too long, or bears another
    number: it could never be read again."""
    pack, header = RECORD.pack, HEADER.unpack_from
    pieces: list[bytes] = []
    number = first
    for frame in frames:
        length = len(frame)
        if length < HEADER_BYTES or length > FRAME_BYTES_MAX:
            raise ValueError(f"event {number}: a frame of {length} bytes")
        body_length, _, flags, _, own = header(frame)
        if own != number or body_length + HEADER_BYTES != length or flags:
            raise ValueError(f"event {number}: its frame says number {own}, {body_length} bytes, flags {flags}")
        pieces.append(pack(length, crc32(frame, _EVENT_SEED), _EVENT))
        pieces.append(frame)
        number += 1
    return b"".join(pieces)


def walk(piece: bytes, expected: int) -> Walked:
    """Events from the start of `piece`, which is where a record begins, as far as its bytes go.

    Numbers only rise; where they jump, or a hole record says so, events are missing.
    """
    unpack = _HEADS.unpack_from
    view = memoryview(piece)
    events: list[tuple[int, int, int]] = []
    at, end = 0, len(piece)
    while end - at >= SHORTEST_BYTES:
        length, crc, kind, body_length, _, flags, _, number = unpack(piece, at)
        start = at + RECORD_BYTES
        stop = start + length
        if kind == _EVENT and HEADER_BYTES <= length <= FRAME_BYTES_MAX:
            if stop > end:
                break
            if (
                body_length + HEADER_BYTES != length
                or not expected <= number <= NUMBER_MAX
                or flags
                or crc32(view[start:stop], _EVENT_SEED) != crc
            ):
                return Walked(events, at, expected, damaged=True)
            events.append((number, start, stop))
            expected = number + 1
        elif kind == _HOLE and length == HOLE.size:
            hole = _hole(piece, start, crc)
            if hole is None or hole.first < expected:
                return Walked(events, at, expected, damaged=True)
            expected = hole.last + 1
        else:
            return Walked(events, at, expected, damaged=True)
        at = stop
    return Walked(events, at, expected, damaged=False)


def next_good(piece: bytes, expected: int) -> int | None:
    """Where the record after a damaged one begins, in a piece that starts with the damaged one; None when it cannot be
    found. The end of the piece is no record."""
    if len(piece) < SHORTEST_BYTES:
        return None
    length: int = RECORD.unpack_from(piece)[0]
    body_length: int = HEADER.unpack_from(piece, RECORD_BYTES)[0]
    # The nearer one first: a wrong length may by chance lead to the beginning of a later record.
    for content in sorted((length, HEADER_BYTES + body_length)):
        at = RECORD_BYTES + content
        if HEADER_BYTES <= content <= FRAME_BYTES_MAX and at < len(piece):
            following = walk(piece[at : at + RECORD_BYTES + FRAME_BYTES_MAX], expected)
            if following.at:
                return at
    return None


def is_cut_short(rest: bytes, expected: int) -> bool:
    """Whether the end of a file is the beginning of a record that a crash kept from being written whole: then its event
    was not sent. Anything else that is no record is damage, and may have been sent."""
    if len(rest) < RECORD_BYTES:
        return True
    length, _, kind = RECORD.unpack_from(rest)
    if len(rest) >= RECORD_BYTES + length:
        return False
    if kind == _HOLE:
        return bool(length == HOLE.size)
    if kind != _EVENT or not HEADER_BYTES <= length <= FRAME_BYTES_MAX:
        return False
    if len(rest) < SHORTEST_BYTES:
        return True
    body_length, _, flags, _, number = HEADER.unpack_from(rest, RECORD_BYTES)
    return bool(body_length + HEADER_BYTES == length and not flags and number == expected)


def _hole(piece: bytes, start: int, crc: int) -> Hole | None:
    content = piece[start : start + HOLE.size]
    if crc32(content, _SEEDS[RecordKind.HOLE]) != crc:
        return None
    first, last = HOLE.unpack(content)
    return Hole(first, last) if 0 < first <= last <= NUMBER_MAX else None
