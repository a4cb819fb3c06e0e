"""The crowd of the bench finds what it is there for: a byte that differs in a snapshot, an event that is missing."""

import pytest

from bench.crowd import Follower, Found, Stage, compared_with
from model.mirror import Mirror
from protocol.codec import encode
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.messages import Subscribed, pack_subscribed
from protocol.snapshots import pack_snapshot
from tests.protocol import samples
from tests.protocol.samples import EPOCH, call, established, party

CALLS = tuple(call(number, party("8001"), party("8002")) for number in range(1, 30))
STATE = samples.snapshot(3, ("8001", "8002"), CALLS)
SNAPSHOT = pack_snapshot(STATE, 1)
OPENING = pack_frame(Kind.SUBSCRIBED, 1, 1, pack_subscribed(Subscribed(True, EPOCH, 1, 3)))
EVENTS = b"".join(encode(established(number), 1) for number in (4, 5, 6))
HEARTBEAT = pack_frame(Kind.HEARTBEAT, 0, 0)
SIZES = (1, 15, 16, 17, 100, 1_000, 10**6)


def follower(found: Found, received: bytes, size: int) -> Follower:
    one = Follower(0, found)
    one.begin()
    for at in range(0, len(received), size):
        one.take(received[at : at + size])
    one.connection.close()
    return one


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("first_size", SIZES)
def test_who_is_given_the_same_is_live_in_whatever_pieces_it_comes(first_size: int, size: int) -> None:
    found = Found()
    for one in (follower(found, OPENING + SNAPSHOT + EVENTS, each) for each in (first_size, size)):
        assert (one.stage, one.snapshot, one.last, one.is_live) == (Stage.EVENTS, 3, 6, True)
    assert found.wrong == []
    assert bytes(found.snapshots[3].frames) == SNAPSHOT


@pytest.mark.parametrize("size", SIZES)
def test_two_who_read_the_same_snapshot_by_turns(size: int) -> None:
    found = Found()
    both = [Follower(0, found), Follower(0, found)]
    for one in both:
        one.begin()
    received = OPENING + SNAPSHOT + EVENTS
    for at in range(0, len(received), size):
        for one in both if at // size % 2 else both[::-1]:
            one.take(received[at : at + size])
    for one in both:
        assert (one.stage, one.last) == (Stage.EVENTS, 6)
        one.connection.close()
    assert found.wrong == []


@pytest.mark.parametrize("size", SIZES)
def test_a_heartbeat_between_two_pieces_is_no_difference(size: int) -> None:
    found = Found()
    follower(found, OPENING + SNAPSHOT, 10**6)
    frame = found.snapshots[3].ends[7]
    one = follower(found, OPENING + SNAPSHOT[:frame] + HEARTBEAT + SNAPSHOT[frame:] + EVENTS, size)
    assert one.last == 6
    assert found.wrong == []


@pytest.mark.parametrize("size", SIZES)
def test_another_byte_is_found(size: int) -> None:
    found = Found()
    follower(found, OPENING + SNAPSHOT, 10**6)
    at = len(SNAPSHOT) // 2
    follower(found, OPENING + SNAPSHOT[:at] + bytes([SNAPSHOT[at] ^ 0xFF]) + SNAPSHOT[at + 1 :], size)
    assert "the snapshot of 3 is not the same for everybody" in found.wrong


def test_a_missing_event_is_found() -> None:
    found = Found()
    follower(found, OPENING + SNAPSHOT + encode(established(4), 1) + encode(established(6), 1), 10**6)
    assert found.wrong == ["a hole: 6 after 4"]


def test_a_refusal_in_place_of_a_snapshot_is_found() -> None:
    found = Found()
    follower(found, pack_frame(Kind.REFUSED, 0, 0, b"\0\x6b"), 10**6)
    assert len(found.wrong) == 1


def test_snapshots_are_held_against_the_state_of_who_never_left() -> None:
    events = [Frame(*frame) for frame in FrameReader(BODY_BYTES_MAX_SERVER).receive(EVENTS)]
    mirror = Mirror(STATE)
    mirror.apply(established(4))
    right = pack_snapshot(mirror.snapshot(), 1)
    assert list(compared_with(SNAPSHOT, events, {3: SNAPSHOT, 4: right})) == []
    assert list(compared_with(SNAPSHOT, events, {4: pack_snapshot(samples.snapshot(4, ("8001",), CALLS), 1)})) == [
        "the snapshot of 4 is not the state at 4"
    ]
    assert list(compared_with(SNAPSHOT, events, {9: right})) == ["nobody knows the state at 9"]
