"""The stream: numbers without holes, what is held, who gets which, never a silent hole on resume."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import EventId
from protocol.codec import encode
from protocol.errors import Code
from protocol.filters import Filter, passes
from protocol.frame import FrameReader
from protocol.limits import BODY_BYTES_MAX_SERVER, RING_BYTES_MAX, RING_EVENTS_MAX
from protocol.messages import Gap, StreamPlace, Subscribe
from protocol.stream import NUMBER_MAX, CaughtUp, Start, Stream
from tests.protocol.mirrors import World, filters
from tests.protocol.samples import EPOCH, established, link_event

EVERYTHING: Filter = None


def stream_of(
    events: int, *, ring_events_max: int = RING_EVENTS_MAX, ring_bytes_max: int = RING_BYTES_MAX
) -> Stream[str]:
    stream: Stream[str] = Stream("site/gateway", EPOCH, ring_events_max=ring_events_max, ring_bytes_max=ring_bytes_max)
    for number in range(1, events + 1):
        stream.publish(established(number))
    return stream


def numbers_in(data: bytes) -> list[int]:
    return [frame.number for frame in FrameReader(BODY_BYTES_MAX_SERVER).receive(data)]


def turn(stream: Stream[str]) -> dict[str, list[int]]:
    """What each member would be written."""
    return {member: numbers_in(data) for audience, data in stream.take_turn() for member in audience.members}


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_hole_in_the_numbers_is_our_bug(number: int) -> None:
    stream = stream_of(1)
    with pytest.raises(ValueError, match="no hole"):
        stream.publish(established(number))


def test_its_place_is_what_it_holds() -> None:
    assert Stream[str]("s", EPOCH).place == StreamPlace(1, "s", EPOCH, 1, 0)
    assert stream_of(5).place == StreamPlace(1, "site/gateway", EPOCH, 1, 5)


@pytest.mark.parametrize(
    ("after", "start"),
    [
        (None, Start(30, snapshot=True)),
        (EventId(EPOCH, 30), Start(30, snapshot=False)),
        (EventId(EPOCH, 10), Start(10, snapshot=False)),
        (EventId(EPOCH, 9), Start(30, True, Gap(Code.NOT_HELD, EPOCH, 10, 10))),
        (EventId(EPOCH, 0), Start(30, True, Gap(Code.NOT_HELD, EPOCH, 1, 10))),
        (EventId(EPOCH, 31), Start(30, True, Gap(Code.AHEAD_OF_STREAM, EPOCH, 31, 31))),
        (EventId(7, 3), Start(30, True, Gap(Code.OTHER_EPOCH, 7, 4, 0))),
        (EventId(7, NUMBER_MAX), Start(30, True, Gap(Code.OTHER_EPOCH, 7, NUMBER_MAX, 0))),
    ],
)
def test_a_resume_is_whole_or_says_what_is_missing(after: EventId | None, start: Start) -> None:
    stream = stream_of(30, ring_events_max=10)
    assert stream.first == 11
    assert stream.start(Subscribe(after)) == start


def test_bytes_bound_the_ring_too() -> None:
    one = len(encode(established(1)))
    stream = stream_of(20, ring_events_max=4, ring_bytes_max=5 * one)
    assert (stream.first, stream.last) == (17, 20)


@given(filters, st.integers(0, 40), st.integers(1, 400), st.data())
def test_catching_up_gives_what_live_would_have(
    wanted: Filter, after: int, bytes_max: int, data: st.DataObject
) -> None:
    world = World()
    stream: Stream[str] = Stream("s", EPOCH, ring_events_max=8)
    live: list[int] = []
    for _ in range(40):
        event = world.step(data) if data else established(1)
        stream.publish(event)
        if event.number > after and passes(encode(event), wanted):
            live.append(event.number)
    got: list[int] = []
    at = after
    if after + 1 < stream.first:
        assert stream.catch_up(at, wanted, bytes_max) is None
        return
    while at < stream.last:
        piece = stream.catch_up(at, wanted, bytes_max)
        assert isinstance(piece, CaughtUp)
        assert piece.after > at
        numbers = numbers_in(piece.data)
        assert len(numbers) == piece.events
        got += numbers
        at = piece.after
    assert got == live
    assert stream.catch_up(at, wanted, bytes_max) == CaughtUp(b"", 0, stream.last)


def test_equal_filters_share_one_buffer() -> None:
    stream = stream_of(0)
    for member in ("a", "b"):
        stream.join(member, frozenset({"8001"}))
    stream.join("c", EVERYTHING)
    stream.publish(established(1))
    stream.publish(established(2, "8003"))
    stream.publish(established(3))
    turns = {tuple(audience.members): data for audience, data in stream.take_turn()}
    assert {members: numbers_in(data) for members, data in turns.items()} == {("a", "b"): [1, 3], ("c",): [1, 2, 3]}
    assert turn(stream) == {}
    assert stream.audiences == 2


def test_an_event_of_two_wanted_devices_comes_once() -> None:
    stream = stream_of(0)
    stream.join("a", frozenset({"8001", "8002"}))
    stream.publish(established(1, "8001", "8002"))
    assert turn(stream) == {"a": [1]}


def test_the_link_s_events_reach_every_filter() -> None:
    stream = stream_of(0)
    stream.join("nothing", frozenset())
    stream.publish(link_event(1))
    assert turn(stream) == {"nothing": [1]}
    stream.join("one", frozenset({"8001"}))
    stream.join("all", EVERYTHING)
    stream.publish(link_event(2))
    assert turn(stream) == {"nothing": [2], "one": [2], "all": [2]}


def test_who_left_gets_nothing_and_leaves_nothing() -> None:
    stream = stream_of(0)
    alone = stream.join("a", frozenset({"8001"}))
    everything = stream.join("b", EVERYTHING)
    stream.publish(established(1))
    stream.leave("a", alone)
    assert turn(stream) == {"b": [1]}
    stream.leave("b", everything)
    stream.leave("b", everything)
    stream.publish(established(2))
    assert turn(stream) == {}
    assert stream.audiences == 0


def test_a_join_in_the_middle_of_a_turn_is_our_bug() -> None:
    stream = stream_of(0)
    stream.join("a", EVERYTHING)
    stream.publish(established(1))
    with pytest.raises(RuntimeError, match="flushed"):
        stream.join("b", EVERYTHING)


def test_the_filter_index_is_bounded() -> None:
    stream = stream_of(0)
    thousand = [frozenset(f"{first}-{device}" for device in range(1_000)) for first in range(1_001)]
    for wanted in thousand[:-1]:
        assert stream.may_join(wanted)
        stream.join("m", wanted)
    assert not stream.may_join(thousand[-1])
    assert stream.may_join(thousand[0])
    assert stream.may_join(EVERYTHING)
