"""The journal's files: a segment whose records are damaged in any way, and the small files beside it."""

import json
from collections.abc import Iterator
from struct import Struct
from zlib import crc32

from gateway.journal.consumers import Consumers, read_places
from gateway.journal.limits import EPOCH_MAX, NUMBER_MAX
from gateway.journal.record import pack_checkpoint, pack_events, pack_hole
from gateway.journal.segment import Segment
from gateway.journal.segment_header import SegmentHeader, Unusable, pack_segment_header, read_segment_header
from gateway.journal.state import COPY_BYTES, PLACES, State, pack_state, read_copy, read_state
from protocol.archive import Hole
from protocol.frame import HEADER, HEADER_BYTES
from tests.fuzz.target import Script, Target
from tests.gateway.journal.stage import BOOT, EPOCH, NOW_US, frame

FIRST = 11
CHECKPOINT = b"the state before"
SEGMENT_HEADER = SegmentHeader(EPOCH, FIRST, NOW_US, len(CHECKPOINT))
HEAD = pack_segment_header(SEGMENT_HEADER) + pack_checkpoint(CHECKPOINT) + CHECKPOINT
EVENT, JUMP, HOLE, RAW, FLIP, CUT, BACK = range(7)
"""Instructions: an event; one whose number jumps; a hole; bytes that are no record; a bit flips; the end is cut off; an
event again that was long before."""
INSTRUCTIONS = 7
CRC = Struct(">I")


# -- a segment -------------------------------------------------------------------------------------------------------


def check_segment(data: bytes) -> None:
    """Whatever was damaged: events come whole, in rising order; what is missing between is told as holes and nothing
    else is; a second reading, from any place in the index, says the same as the first."""
    content = bytes(_written(Script(data)))
    sizes: list[int] = []

    def read_at(at: int, length: int) -> bytes:
        assert 0 <= at <= len(content)
        sizes.append(length)
        return content[at : at + length]

    segment = Segment(SEGMENT_HEADER, len(content))
    first = [frame for piece in segment.pieces(read_at) for frame in _frames(piece.content, piece.events)]
    numbers = [number for number, _ in first]
    assert numbers == sorted(set(numbers)), "numbers only rise"
    looked = Segment(SEGMENT_HEADER, len(content))
    second = []
    while not looked.is_looked_through:
        before = looked.frontier
        piece = looked.look_further(read_at)
        second += _frames(piece.content, piece.events)
        assert before < looked.frontier or looked.is_looked_through, "it gets on"
    assert second == first
    held = {*numbers}
    missing = {number for hole in looked.holes for number in _few(hole)}
    assert missing.isdisjoint(held)
    assert all(one.last < two.first for one, two in zip(looked.holes, looked.holes[1:], strict=False))
    told = len(held) + sum(hole.last - hole.first + 1 for hole in looked.holes)
    assert told == looked.expected - FIRST, "every number is held or told missing"
    assert looked.is_whole or looked.is_cut_short or looked.damages
    for number, one in first[:3]:
        at, expected = looked.place_of(number)
        found: list[tuple[int, bytes]] = []
        while expected <= number and at < looked.ends_at:
            again = looked.read(at, expected, read_at)
            found += _frames(again.content, again.events)
            at, expected = again.next_at, again.expected
        assert (number, one) in found


def _frames(content: bytes, events: list[tuple[int, int, int]]) -> list[tuple[int, bytes]]:
    found = []
    for number, start, stop in events:
        one = content[start:stop]
        length, _, flags, _, own = HEADER.unpack_from(one)
        assert (own, length + HEADER_BYTES, flags) == (number, len(one), 0), "an event is one whole frame"
        found.append((number, one))
    return found


def _few(hole: Hole) -> range:
    """A hole may be as long as there are numbers: its ends stand for it."""
    return range(hole.first, min(hole.last, hole.first + 100) + 1)


def _written(script: Script) -> bytearray:
    """A segment as the instructions say."""
    content = bytearray(HEAD)
    number = FIRST
    for step in script.steps():
        match step % INSTRUCTIONS:
            case 0 | 1 as jumps:
                number += script.number() if jumps else 0
                content += pack_events(number, [frame(number, script.take(script.number()))])
                number += 1
            case 2:
                last = number + script.number()
                content += pack_hole(Hole(number, last))
                number = last + 1
            case 3:
                content += script.take(script.number())
            case 4:
                at = int.from_bytes(script.take(2), "big") % len(content)
                content[max(at, len(HEAD)) : at + 1] = bytes(
                    byte ^ 1 << script.number() % 8 for byte in content[at : at + 1]
                )
            case 6:
                earlier = max(1, number - 1 - script.number())
                content += pack_events(earlier, [frame(earlier, b"again")])
            case _:
                kept = max(len(HEAD), len(content) - script.number())
                del content[kept:]
    return content


def segment_seeds() -> Iterator[bytes]:
    event = bytes((EVENT, 5)) + b"abcde"
    yield event * 6
    yield event * 3 + bytes((HOLE, 4)) + event + bytes((JUMP, 9, 2)) + b"xy" + event * 2
    yield event * 6 + bytes((FLIP, 0, 140, 3))
    yield event * 6 + bytes((FLIP, 0, 101, 7, FLIP, 0, 160, 1))
    yield event * 4 + bytes((CUT, 13))
    yield event * 2 + bytes((RAW, 40)) + bytes(40) + event
    yield event * 5 + bytes((BACK, 2)) + event
    yield bytes((RAW, 9)) + b"\0\0\0\x10\0\0\0\0\x02"


def long_segments(length: int) -> Iterator[bytes]:
    """Within the steps that there are: events, holes and rubbish of the greatest size."""
    event = bytes((EVENT, 250)) + bytes(250)
    count = min(60, length // 252)
    yield event * count
    yield bytes((RAW, 250)) + bytes(250) + event * count
    yield event * count + bytes((FLIP, 0, 200, 1))


# -- the files beside it ---------------------------------------------------------------------------------------------


def check_small_files(data: bytes) -> None:
    """The first byte says which file; with an even one its CRC is made right, so that what stands in it is believed as
    far as it can be."""
    kind, content = (data[0], data[1:]) if data else (0, b"")
    match kind % 6:
        case 0 | 1:
            held = _with_crc(content, COPY_BYTES) if kind % 2 == 0 else content
            copy = read_copy(held)
            _check_state(copy)
            file = bytearray(max(PLACES) + COPY_BYTES)
            for place in PLACES:
                file[place : place + len(held[:COPY_BYTES])] = held[:COPY_BYTES]
            assert read_state(bytes(file)) == copy or len(held) < COPY_BYTES
        case 2 | 3:
            length = len(pack_segment_header(SEGMENT_HEADER))
            head = _with_crc(content, length) if kind % 2 == 0 else content
            header = read_segment_header(SEGMENT_HEADER.name, head)
            if isinstance(header, SegmentHeader):
                assert header.name == SEGMENT_HEADER.name
                assert pack_segment_header(header) == head[:length]
                assert header.events_at > length
        case _:
            places = read_places(content, EPOCH)
            if places:
                consumers = Consumers([str(name) for name in places][:3], EPOCH, places)
                assert read_places(consumers.pack(), EPOCH) == consumers.places


def _check_state(copy: State | Unusable) -> None:
    if isinstance(copy, State):
        assert 0 < copy.epoch <= EPOCH_MAX
        assert max(copy.last, copy.reserved, copy.segment) <= NUMBER_MAX
        assert copy.boot_id.isprintable() or copy.boot_id


def _with_crc(content: bytes, length: int) -> bytes:
    fields = content[: length - CRC.size].ljust(length - CRC.size, b"\0")
    return fields + CRC.pack(crc32(fields))


def small_file_seeds() -> Iterator[bytes]:
    states = (State(1, EPOCH), State(7, EPOCH, 90, 120, 11, BOOT, is_clean=True), State(8, EPOCH, is_unwritable=True))
    for state in states:
        yield b"\0" + pack_state(state)
        yield b"\1" + pack_state(state)
    yield b"\2" + pack_segment_header(SEGMENT_HEADER)
    yield b"\3" + pack_segment_header(SEGMENT_HEADER)
    yield b"\4" + json.dumps({"epoch": EPOCH, "consumers": {"cdr": 17, "board": 0}}).encode()
    yield b"\4" + b'{"epoch": 1, "consumers": [["a", 1]]}'


def long_small_files(length: int) -> Iterator[bytes]:
    places = {f"{number:05}": number for number in range(length // 15)}
    yield b"\4" + json.dumps({"epoch": EPOCH, "consumers": places}).encode()
    yield b"\4" + b"[" * length


SMALL_FILE_WORDS = (b"ULTRASTA", b"ULTRAJNL", b"1e9", b'"consumers": ')

TARGETS = (
    Target("journal-segment", check_segment, segment_seeds, (b"\0\0\0\x10", b"\0\0\0\x19"), long=long_segments),
    Target("journal-small-files", check_small_files, small_file_seeds, SMALL_FILE_WORDS, long=long_small_files),
)
