"""Records: what is packed is found again, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.limits import FRAME_BYTES_MAX, NUMBER_MAX
from gateway.journal.record import (
    RECORD,
    RECORD_BYTES,
    SHORTEST_BYTES,
    RecordKind,
    Walked,
    is_checkpoint,
    is_cut_short,
    next_good,
    pack_checkpoint,
    pack_events,
    pack_hole,
    walk,
)
from protocol.archive import Hole
from protocol.frame import pack_frame
from tests.gateway.journal.stage import frame, number_of

bodies = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def found(walked: Walked, piece: bytes) -> list[bytes]:
    return [piece[start:stop] for _, start, stop in walked.events]


@given(st.integers(1, NUMBER_MAX - 10), bodies)
def test_events_come_back_as_they_were(first: int, parts: list[bytes]) -> None:
    frames = [frame(number, body) for number, body in enumerate(parts, first)]
    piece = pack_events(first, frames)
    walked = walk(piece, first)
    assert found(walked, piece) == frames
    assert walked == Walked(walked.events, len(piece), first + len(frames), damaged=False)
    assert [number for number, _, _ in walked.events] == [number_of(one) for one in frames]


@given(bodies)
def test_a_piece_that_ends_anywhere_gives_the_records_that_are_whole_in_it(parts: list[bytes]) -> None:
    frames = [frame(number, body) for number, body in enumerate(parts, 1)]
    whole = pack_events(1, frames)
    for end in range(len(whole)):
        walked = walk(whole[:end], 1)
        assert found(walked, whole) == frames[: len(walked.events)]
        assert not walked.damaged
        assert walked.at <= end
        assert is_cut_short(whole[walked.at : end], walked.expected)


@given(bodies, st.data())
def test_no_flipped_bit_goes_unnoticed_and_no_whole_record_is_taken_for_one_cut_short(
    parts: list[bytes], data: st.DataObject
) -> None:
    frames = [frame(number, body) for number, body in enumerate(parts, 1)]
    whole = pack_events(1, frames)
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[at] ^ 1 << data.draw(st.integers(0, 7))
    harmed = whole[:at] + bytes((flipped,)) + whole[at + 1 :]
    walked = walk(harmed, 1)
    assert found(walked, harmed) == frames[: len(walked.events)]
    assert len(walked.events) < len(frames)
    assert not is_cut_short(harmed[walked.at :], walked.expected)
    following = next_good(harmed[walked.at :], walked.expected)
    is_last = len(walked.events) == len(frames) - 1
    assert (following is None) == is_last
    if following is not None:
        rest = walk(harmed[walked.at + following :], walked.expected)
        assert found(rest, harmed[walked.at + following :]) == frames[len(walked.events) + 1 :]


def test_a_wrong_length_that_leads_to_a_later_record_skips_none() -> None:
    one, two, three = (pack_events(number, [frame(number)]) for number in (1, 2, 3))
    length = len(one) + len(two) - RECORD_BYTES
    harmed = length.to_bytes(4) + one[4:] + two + three
    assert next_good(harmed, 1) == len(one)
    body_length = len(one) + len(two) - SHORTEST_BYTES
    harmed = one[:RECORD_BYTES] + body_length.to_bytes(4) + one[RECORD_BYTES + 4 :] + two + three
    assert next_good(harmed, 1) == len(one)


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_without_an_error(junk: bytes) -> None:
    walked = walk(junk, 1)
    assert 0 <= walked.at <= len(junk)
    is_cut_short(junk, 1)
    next_good(junk, 1)


def test_a_hole_moves_the_number_on() -> None:
    piece = pack_events(1, [frame(1)]) + pack_hole(Hole(2, 9)) + pack_events(10, [frame(10)])
    walked = walk(piece, 1)
    assert [number for number, _, _ in walked.events] == [1, 10]
    assert walked.expected == 11
    assert walk(pack_hole(Hole(2, 9)), 2).expected == 10
    assert is_cut_short(pack_hole(Hole(2, 9))[:-1], 2)


@pytest.mark.parametrize(
    "piece",
    [
        pack_events(5, [frame(5)]),
        pack_hole(Hole(5, 9)),
        pack_hole(Hole(9, 8)),
        pack_hole(Hole(0, 8)),
        pack_hole(Hole(6, NUMBER_MAX + 1)),
        RECORD.pack(16, 0, RecordKind.CHECKPOINT) + bytes(16),
        RECORD.pack(16, 0, 77) + bytes(16),
        RECORD.pack(FRAME_BYTES_MAX + 1, 0, RecordKind.EVENT) + bytes(16),
        RECORD.pack(15, 0, RecordKind.EVENT) + bytes(16),
        RECORD.pack(17, 0, RecordKind.HOLE) + bytes(17),
        bytes(SHORTEST_BYTES),
    ],
)
def test_what_cannot_stand_there_is_damage(piece: bytes) -> None:
    assert walk(piece, 6).damaged


def test_numbers_never_go_back_and_are_bounded() -> None:
    assert walk(pack_events(NUMBER_MAX + 1, [frame(NUMBER_MAX + 1)]), 1).damaged
    assert walk(pack_events(3, [frame(3)]) + pack_events(3, [frame(3)]), 1).damaged


@pytest.mark.parametrize(
    ("first", "one"),
    [
        (1, frame(2)),
        (1, frame(1)[:-1]),
        (1, frame(1) + b"x"),
        (1, b"short"),
        (1, frame(1)[:6] + b"\x01" + frame(1)[7:]),
        (1, pack_frame(0x0205, 1, 1, bytes(FRAME_BYTES_MAX))),
    ],
)
def test_a_frame_that_could_not_be_read_again_is_our_bug(first: int, one: bytes) -> None:
    with pytest.raises(ValueError, match="event 1"):
        pack_events(first, [one])


@pytest.mark.parametrize(
    ("rest", "is_cut"),
    [
        (b"", True),
        (bytes(RECORD_BYTES - 1), True),
        (bytes(RECORD_BYTES), False),
        (bytes(4096), False),
        (pack_events(7, [frame(7)])[:-1], True),
        (pack_events(8, [frame(8)])[:-1], False),
        (pack_events(7, [frame(7)]), False),
        (RECORD.pack(40, 0, RecordKind.EVENT) + b"xx", True),
        (RECORD.pack(FRAME_BYTES_MAX + 1, 0, RecordKind.EVENT) + b"xx", False),
        (RECORD.pack(20, 0, RecordKind.HOLE) + b"xx", False),
        (RECORD.pack(40, 0, RecordKind.CHECKPOINT) + b"xx", False),
    ],
)
def test_only_the_beginning_of_the_next_record_was_cut_short(rest: bytes, is_cut: bool) -> None:
    assert is_cut_short(rest, 7) == is_cut


def test_a_checkpoint_is_whole_or_none() -> None:
    head = pack_checkpoint(b"state")
    assert is_checkpoint(head, b"state")
    assert not is_checkpoint(head, b"statf")
    assert not is_checkpoint(head, b"stat")
    assert not is_checkpoint(head[:-1], b"state")
