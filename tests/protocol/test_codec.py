"""Events come back equal through their bytes; bytes that cannot be are a problem, never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.causes import Cause
from model.events import CallEvent, Event, LinkEvent
from protocol.codec import decode, decode_snapshot, encode
from protocol.errors import Code, Problem
from protocol.frame import FrameReader
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.packing import pack_event
from tests.protocol import samples
from tests.protocol.samples import established, link_event


@given(samples.events)
def test_every_event_comes_back_equal_through_its_frame(event: Event) -> None:
    (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(encode(event))
    assert frame.stream == 1
    assert decode(frame.kind, frame.number, frame.body) == event


@given(samples.events, st.data())
def test_a_body_cut_anywhere_is_a_problem_or_an_event_with_less(event: Event, data: st.DataObject) -> None:
    kind, body = pack_event(event)
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    assert decode(kind, event.number, cut) != event


@given(samples.events, st.data())
def test_mutated_bytes_never_raise(event: Event, data: st.DataObject) -> None:
    kind, body = pack_event(event)
    wire = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    read = decode(kind, event.number, bytes(wire))
    if not isinstance(read, Problem):
        assert decode(*_frame(read)) == read


def _frame(event: Event) -> tuple[int, int, bytes]:
    kind, body = pack_event(event)
    return kind, event.number, body


@given(st.sampled_from(Kind), st.binary(max_size=200))
def test_random_bytes_never_raise(kind: Kind, body: bytes) -> None:
    decode(kind, 1, body)
    decode_snapshot(kind, body)


def test_a_cause_of_a_newer_server_is_other() -> None:
    kind, body = pack_event(established(1))
    newer = body[:8] + (60_000).to_bytes(2, "big") + body[10:]
    read = decode(kind, 1, newer)
    assert isinstance(read, CallEvent)
    assert read.cause is Cause.OTHER


@pytest.mark.parametrize("time_us", [2**63 - 1, -(2**63)])
def test_a_time_outside_the_calendar_is_a_problem(time_us: int) -> None:
    kind, body = pack_event(link_event(1))
    read = decode(kind, 1, time_us.to_bytes(8, "big", signed=True) + body[8:])
    assert isinstance(read, Problem)
    assert "between the years" in read.text


def test_a_missing_field_is_named() -> None:
    kind, body = pack_event(link_event(1))
    assert decode(kind, 1, body[:8]) == Problem(Code.MALFORMED, "field link is missing")
    assert decode_snapshot(Kind.SNAPSHOT_CALL, b"") == Problem(Code.MALFORMED, "field call is missing")


def test_a_state_that_nobody_knows_is_a_problem() -> None:
    event = link_event(1)
    kind, body = pack_event(event)
    at = body.index(event.link.since_us.to_bytes(8, "big"), 8) - 1
    read = decode(kind, 1, body[:at] + b"\x63" + body[at + 1 :])
    assert isinstance(read, Problem)
    assert "99 is not a valid LinkState" in read.text


def test_other_kinds_are_no_events() -> None:
    for kind in (int(Kind.HELLO), int(Kind.SNAPSHOT_CALL), 0x7777):
        read = decode(kind, 1, b"")
        assert isinstance(read, Problem)
        assert read.code is Code.NOT_SUPPORTED
    assert isinstance(decode_snapshot(Kind.SNAPSHOT_END, b""), Problem)


def test_two_changes_where_one_belongs_is_a_problem() -> None:
    from model.events import DeviceEvent

    event = DeviceEvent(1, samples.T0, samples.device("8001"), samples.change("8001"))
    kind, body = pack_event(event)
    change = body[17:27]
    doubled = body[:11] + b"\x00\x01" + (22).to_bytes(2, "big") + b"\x00\x02" + change + change + body[27:]
    read = decode(kind, 1, doubled)
    assert isinstance(read, Problem)
    assert "concerns one device, not 2" in read.text
    assert isinstance(decode(*_frame(LinkEvent(2, samples.T0, samples.LINK))), LinkEvent)
