"""Frames survive any cutting and gluing, and what is no frame ends the stream with a reason."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.csta_xml.framing import (
    BODY_BYTES_MAX,
    EVENT_INVOKE_ID,
    HEADER_BYTES,
    REQUEST_INVOKE_ID_MAX,
    Deframer,
    Frame,
    FrameFault,
    FrameProblem,
    InvokeIds,
    frame,
)

frames = st.builds(Frame, st.integers(0, EVENT_INVOKE_ID), st.binary(max_size=300))


def test_a_frame_looks_as_annex_j_wants() -> None:
    assert frame(7, b"<a/>") == b"\x00\x00\x00\x0c0007<a/>"
    assert frame(EVENT_INVOKE_ID, b"") == b"\x00\x00\x00\x089999"
    assert Frame(EVENT_INVOKE_ID, b"").is_event
    assert not Frame(REQUEST_INVOKE_ID_MAX, b"").is_event


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 400), max_size=12))
def test_frames_survive_any_cutting_and_gluing(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(frame(one.invoke_id, one.body) for one in sent)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    deframer = Deframer()
    got: list[Frame | FrameProblem] = []
    for start, end in pairwise(places):
        got += deframer.receive(stream[start:end])
    assert got == sent
    assert deframer.pending_bytes == 0


def test_single_bytes() -> None:
    deframer = Deframer()
    stream = frame(1, b"<a/>") + frame(2, b"<b/>")
    got = [item for position in range(len(stream)) for item in deframer.receive(stream[position : position + 1])]
    assert got == [Frame(1, b"<a/>"), Frame(2, b"<b/>")]


@pytest.mark.parametrize("size", [0, 0x7FFF - HEADER_BYTES, 0x8000 - HEADER_BYTES, BODY_BYTES_MAX])
def test_the_length_is_unsigned_and_counts_the_header(size: int) -> None:
    body = b"x" * size
    assert Deframer().receive(frame(3, body)) == [Frame(3, body)]


def test_what_no_frame_can_hold_is_not_built() -> None:
    with pytest.raises(ValueError, match="65528 bytes"):
        frame(1, b"x" * (BODY_BYTES_MAX + 1))
    for invoke_id in (-1, 10_000):
        with pytest.raises(ValueError, match="invoke id"):
            frame(invoke_id, b"")


@pytest.mark.parametrize(
    ("received", "fault"),
    [
        (b"\x00\x01\x00\x0c0001<a/>", FrameFault.FORMAT_INDICATOR),
        (b"HTTP/1.1", FrameFault.FORMAT_INDICATOR),
        (b"\x00\x00\x00\x070001", FrameFault.LENGTH),
        (b"\x00\x00\x00\x000001", FrameFault.LENGTH),
        (b"\x00\x00\x00\x0c00a1<a/>", FrameFault.INVOKE_ID),
        (b"\x00\x00\x00\x0c 001<a/>", FrameFault.INVOKE_ID),
        (b"\x00\x00\x00\x0c-001<a/>", FrameFault.INVOKE_ID),
        (b"\x00\x00\x00\x0c00\xb21<a/>", FrameFault.INVOKE_ID),
    ],
)
def test_what_is_no_frame_ends_the_stream(received: bytes, fault: FrameFault) -> None:
    deframer = Deframer()
    whole = frame(5, b"<ok/>")
    assert deframer.receive(whole + received + whole) == [
        Frame(5, b"<ok/>"),
        FrameProblem(fault, (received + whole)[:16].hex()),
    ]
    assert deframer.broken
    assert deframer.receive(whole) == []
    assert deframer.pending_bytes == 0


def test_a_problem_says_what_is_wrong() -> None:
    [problem] = Deframer().receive(b"\x00\x00\x00\x070001")
    assert str(problem) == "length is shorter than the header: 0000000730303031"


@given(st.binary(max_size=100))
def test_random_bytes_are_frames_or_a_problem(received: bytes) -> None:
    for item in Deframer().receive(received):
        assert isinstance(item, Frame | FrameProblem)


def test_numbers_go_round_past_those_in_use() -> None:
    ids = InvokeIds()
    assert [ids.allocate(0.0) for _ in range(3)] == [0, 1, 2]
    assert ids.answered(0)
    assert ids.answered(2)
    for expected in range(3, REQUEST_INVOKE_ID_MAX + 1):
        assert ids.allocate(0.0) == expected
        assert ids.answered(expected)
    assert [ids.allocate(0.0), ids.allocate(0.0)] == [0, 2]
    assert ids.pending == {0, 1, 2}


def test_an_answer_to_nothing_is_told() -> None:
    ids = InvokeIds()
    assert not ids.answered(0)
    ids.allocate(0.0)
    assert ids.answered(0)
    assert not ids.answered(0)


def test_a_number_that_timed_out_rests() -> None:
    ids = InvokeIds(quiet_seconds=10.0)
    for _ in range(REQUEST_INVOKE_ID_MAX + 1):
        ids.allocate(0.0)
    ids.timed_out(17, 5.0)
    assert ids.allocate(14.9) is None
    assert not ids.answered(17)
    assert ids.allocate(15.0) == 17


def test_timing_out_twice_or_without_request_changes_nothing() -> None:
    ids = InvokeIds(quiet_seconds=10.0)
    ids.timed_out(0, 0.0)
    assert ids.allocate(0.0) == 0


@given(st.lists(st.sampled_from(["allocate", "answer", "time_out"]), max_size=60))
def test_no_number_is_out_twice(steps: list[str]) -> None:
    ids = InvokeIds(quiet_seconds=5.0)
    out: list[int] = []
    rests: dict[int, float] = {}
    for now, step in enumerate(steps):
        if step == "allocate":
            number = ids.allocate(float(now))
            assert number is not None
            assert number not in out
            assert rests.get(number, 0.0) <= now
            out.append(number)
        elif out:
            number = out.pop(0)
            if step == "answer":
                ids.answered(number)
            else:
                ids.timed_out(number, float(now))
                rests[number] = now + 5.0
    assert ids.pending == set(out)
