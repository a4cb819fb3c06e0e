"""A segment in memory: its index, pieces of any kind, and damage stepped over."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.limits import FRAME_BYTES_MAX, INDEX_BYTES
from gateway.journal.record import pack_checkpoint, pack_events, pack_hole
from gateway.journal.segment import Segment
from gateway.journal.segment_header import SegmentHeader, pack_segment_header
from protocol.archive import Hole
from protocol.frame import HEADER_BYTES
from tests.gateway.journal.stage import EPOCH, NOW_US, frame, number_of

CHECKPOINT = b"the state before"
FIRST = 11
HEADER = SegmentHeader(EPOCH, FIRST, NOW_US, len(CHECKPOINT))
HEAD = pack_segment_header(HEADER) + pack_checkpoint(CHECKPOINT) + CHECKPOINT


class File:
    """Bytes that are read as a file is."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)
        self.reads: list[int] = []

    def read_at(self, at: int, length: int) -> bytes:
        self.reads.append(length)
        return bytes(self.content[at : at + length])

    def segment(self) -> Segment:
        return Segment(HEADER, len(self.content))


def file_of(*records: bytes) -> File:
    return File(HEAD + b"".join(records))


def event(number: int, body: bytes = b"x" * 30) -> bytes:
    return pack_events(number, [frame(number, body)])


def events(first: int, count: int, body: bytes = b"x" * 30) -> bytes:
    return b"".join(event(number, body) for number in range(first, first + count))


def all_numbers(file: File, segment: Segment) -> list[int]:
    return [
        number_of(piece.content[start:stop])
        for piece in segment.pieces(file.read_at)
        for _, start, stop in piece.events
    ]


def looked_through(file: File, segment: Segment | None = None) -> Segment:
    segment = segment or file.segment()
    while not segment.is_looked_through:
        segment.look_further(file.read_at)
    return segment


def test_all_events_are_found_and_the_place_of_each_is_near() -> None:
    file = file_of(events(FIRST, 9_000))
    segment = looked_through(file)
    assert (segment.expected, segment.holes, segment.damages) == (FIRST + 9_000, [], [])
    assert all_numbers(file, segment) == list(range(FIRST, FIRST + 9_000))
    for number in (FIRST, FIRST + 1, FIRST + 4_321, FIRST + 8_999):
        at, expected = segment.place_of(number)
        assert expected <= number
        assert (number - expected) * len(event(1)) <= 2 * INDEX_BYTES
        piece = segment.read(at, expected, file.read_at)
        assert piece.events[0][0] == expected
    assert max(file.reads) <= INDEX_BYTES


def test_records_larger_than_a_piece_are_read_whole() -> None:
    body = bytes(FRAME_BYTES_MAX - HEADER_BYTES)
    file = file_of(event(FIRST), events(FIRST + 1, 5, body), event(FIRST + 6))
    segment = looked_through(file)
    assert (segment.expected, segment.is_whole) == (FIRST + 7, True)
    assert all_numbers(file, segment) == list(range(FIRST, FIRST + 7))


def test_holes_are_noted_wherever_they_stand() -> None:
    file = file_of(
        pack_hole(Hole(11, 12)),
        event(13),
        pack_hole(Hole(14, 15)),
        events(16, 2),
        event(20),
        pack_hole(Hole(21, 30)),
    )
    segment = looked_through(file)
    assert segment.holes == [Hole(11, 12), Hole(14, 15), Hole(18, 19), Hole(21, 30)]
    assert segment.expected == 31
    assert all_numbers(file, segment) == [13, 16, 17, 20]


def test_a_damaged_record_costs_itself_only() -> None:
    file = file_of(events(FIRST, 3_000))
    one = len(event(1))
    for number in (FIRST + 5, FIRST + 2_000):
        file.content[len(HEAD) + (number - FIRST) * one + 30] ^= 1
    segment = looked_through(file)
    assert segment.holes == [Hole(FIRST + 5, FIRST + 5), Hole(FIRST + 2_000, FIRST + 2_000)]
    assert segment.damages == [len(HEAD) + at * one for at in (5, 2_000)]
    assert (segment.expected, segment.is_whole) == (FIRST + 3_000, True)
    assert len(all_numbers(file, segment)) == 2_998


def test_more_than_a_record_damaged_costs_the_rest() -> None:
    file = file_of(events(FIRST, 10))
    one = len(event(1))
    file.content[len(HEAD) + 5 * one : len(HEAD) + 7 * one] = bytes(2 * one)
    segment = looked_through(file)
    assert (segment.expected, segment.is_whole, segment.is_cut_short) == (FIRST + 5, False, False)
    assert segment.ends_at == len(HEAD) + 5 * one
    assert all_numbers(file, segment) == list(range(FIRST, FIRST + 5))


def test_damage_that_comes_after_the_look_through_is_met_by_who_reads() -> None:
    file = file_of(events(FIRST, 10))
    segment = looked_through(file)
    file.content[len(HEAD) + 40] ^= 1
    assert all_numbers(file, segment) == list(range(FIRST + 1, FIRST + 10))
    assert segment.damages == [len(HEAD)]


def test_a_record_cut_short_is_no_damage_and_can_be_cut_off() -> None:
    whole = file_of(events(FIRST, 3))
    for end in range(len(HEAD) + 1, len(whole.content)):
        segment = looked_through(File(bytes(whole.content[:end])))
        assert segment.damages == []
        assert segment.is_cut_short == (segment.ends_at < end)
        segment.cut_to_end()
        assert (segment.is_whole, segment.is_cut_short) == (True, False)
        assert segment.size == len(HEAD) + (segment.expected - FIRST) * len(event(1))


def test_a_checkpoint_cut_short_leaves_no_event() -> None:
    for end in range(len(HEAD)):
        segment = File(HEAD[:end]).segment()
        assert segment.is_looked_through
        assert not segment.is_whole
        assert segment.event_bytes == 0
        assert segment.damages == [end]


def test_a_file_that_is_shorter_than_it_was_is_damage() -> None:
    file = file_of(events(FIRST, 10))
    segment = file.segment()
    del file.content[len(HEAD) + 100 :]
    looked_through(file, segment)
    assert (segment.expected, segment.is_whole) == (FIRST + 1, False)


def test_what_is_written_goes_into_the_index_unless_it_is_much_at_once() -> None:
    file = file_of()
    segment = looked_through(file)
    number = FIRST
    for count in (1, 800, 800, 800, 5_000, 1):
        file.content += events(number, count)
        number += count
        segment.grown(len(file.content), number)
    assert segment.size == len(file.content)
    assert segment.expected == FIRST + 2_401
    at, expected = segment.place_of(FIRST + 2_000)
    assert FIRST < expected <= FIRST + 2_000
    assert segment.read(at, expected, file.read_at).events[0][0] == expected
    looked_through(file, segment)
    assert segment.expected == number
    assert all_numbers(file, segment) == list(range(FIRST, number))


@given(st.lists(st.sampled_from(["event", "large", "hole", "harm"]), max_size=12), st.data())
def test_whatever_is_harmed_no_event_is_made_up_and_none_is_missing_without_a_hole(
    plan: Sequence[str], data: st.DataObject
) -> None:
    records: list[bytes] = []
    held: dict[int, bytes] = {}
    number = FIRST
    for what in plan:
        if what == "hole":
            records.append(pack_hole(Hole(number, number + 2)))
            number += 3
        else:
            one = frame(number, bytes(70_000) if what == "large" else b"body")
            held[number] = one
            records.append(pack_events(number, [one]))
            number += 1
    file = file_of(*records)
    for _ in range(plan.count("harm")):
        at = data.draw(st.integers(len(HEAD), len(file.content) - 1))
        file.content[at] ^= data.draw(st.integers(1, 255))
    segment = looked_through(file)
    found = {
        each: piece.content[start:stop] for piece in segment.pieces(file.read_at) for each, start, stop in piece.events
    }
    assert found.items() <= held.items()
    in_holes = {each for hole in segment.holes for each in range(hole.first, hole.last + 1)}
    assert set(range(FIRST, segment.expected)) == set(found) | in_holes
    assert not set(found) & in_holes
