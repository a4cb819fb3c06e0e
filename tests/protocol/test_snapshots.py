"""A snapshot survives being written as frames, and nothing else is taken for one."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import encode
from protocol.errors import Problem
from protocol.frame import Frame, FrameReader
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.snapshots import pack_snapshot, read_snapshot
from tests.protocol import samples
from tests.protocol.samples import call, party

SNAPSHOT = samples.snapshot(5, ("8001", "8002"), (call(1, party("8001"), party("8002")), call(2, party("8003"))))


def frames_of(data: bytes) -> list[Frame]:
    return FrameReader(BODY_BYTES_MAX_SERVER).receive(data)


def test_a_snapshot_is_read_as_it_was_written() -> None:
    assert read_snapshot(frames_of(pack_snapshot(SNAPSHOT, 1))) == SNAPSHOT


@given(st.integers(0, 6))
def test_a_snapshot_that_lacks_a_frame_is_none_or_says_less(at: int) -> None:
    frames = frames_of(pack_snapshot(SNAPSHOT, 1))
    lost = frames.pop(at)
    read = read_snapshot(frames)
    if lost.kind in (Kind.SNAPSHOT_LINK, Kind.SNAPSHOT_LICENCE, Kind.SNAPSHOT_END):
        assert isinstance(read, Problem)
    else:
        assert read != SNAPSHOT


def test_an_event_is_no_part_of_a_snapshot() -> None:
    assert isinstance(read_snapshot(frames_of(encode(samples.established(6)))), Problem)
