"""Steps as bytes and back, with clocks that go either way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.capture.step import StepCodec
from gateway.doors import Door

TIMES = st.integers(min_value=0, max_value=2**52)
READINGS = st.lists(st.tuples(st.integers(min_value=0, max_value=1), TIMES), max_size=5)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(Door)), TIMES, st.binary(max_size=40), READINGS, st.binary(max_size=40),
        st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=2**32 - 1),
    ),
    max_size=6,
)  # fmt: skip


@given(STEPS, TIMES, TIMES)
def test_they_come_back(
    steps: list[tuple[Door, int, bytes, list[tuple[int, int]], bytes, int, int]], wall: int, monotonic: int
) -> None:
    writing, reading = StepCodec(wall, monotonic), StepCodec(wall, monotonic)
    for door, at, brought, readings, sent, events, crc in steps:
        noted = [now << 1 | clock for clock, now in readings]
        step = reading.read(door, writing.pack(at, brought, noted, sent, events, crc))
        assert (step.door, step.wall_us, step.brought, step.sent, step.events) == (door, at, brought, sent, events)
        assert list(step.readings) == readings
        assert step.frames_crc == (crc if events else 0)


def test_an_ordinary_step_costs_a_few_bytes() -> None:
    codec = StepCodec(1_795_000_000_000_000, 5_000_000)
    codec.pack(1_795_000_000_000_000, b"", [], b"", 0, 0)
    content = codec.pack(1_795_000_000_200_000, b"", [1_795_000_000_200_003 << 1, 5_200_004 << 1 | 1], b"", 0, 0)
    assert len(content) < 16


@pytest.mark.parametrize(
    ("kind", "content"), [(99, b""), (Door.TICK, b""), (Door.TICK, b"\x00\x05"), (Door.TICK, b"\x00\x00\x00\x00\x00x")]
)
def test_what_no_step_is_is_refused(kind: int, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        StepCodec(0, 0).read(kind, content)
