"""Frames come out as they went in, in whatever pieces; what cannot be a frame is refused at its header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code
from protocol.frame import HEADER_BYTES, Frame, FrameReader, pack_frame

BODY_MAX = 64
frames = st.builds(
    Frame,
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFF),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=BODY_MAX),
)


def packed(frame: Frame) -> bytes:
    return pack_frame(frame.kind, frame.stream, frame.number, frame.body)


def test_the_header_is_as_the_specification_draws_it() -> None:
    assert pack_frame(0x0208, 1, 4713, b"ab") == bytes.fromhex("00000002 0208 00 01 0000000000001269") + b"ab"


@given(st.lists(frames, max_size=4), st.data())
def test_any_frames_glued_and_cut_anywhere_come_out(sent: list[Frame], data: st.DataObject) -> None:
    wire = b"".join(map(packed, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    reader = FrameReader(BODY_MAX)
    received: list[Frame] = []
    for begin, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        received += reader.receive(wire[begin:end])
    assert received == sent
    assert reader.problem is None
    assert reader.waiting_bytes == 0


def test_cut_at_every_byte() -> None:
    sent = [Frame(1, 0, 7, b"hello"), Frame(2, 1, 8, b"")]
    wire = b"".join(map(packed, sent))
    for cut in range(len(wire) + 1):
        reader = FrameReader(BODY_MAX)
        assert reader.receive(wire[:cut]) + reader.receive(wire[cut:]) == sent


def test_a_body_too_large_is_refused_before_it_arrives() -> None:
    reader = FrameReader(BODY_MAX)
    header = pack_frame(1, 0, 0, b"x" * (BODY_MAX + 1))[:HEADER_BYTES]
    assert reader.receive(packed(Frame(9, 0, 0, b"good")) + header) == [Frame(9, 0, 0, b"good")]
    assert reader.problem is not None
    assert reader.problem.code is Code.BODY_TOO_LARGE
    assert reader.waiting_bytes == 0


@pytest.mark.parametrize("flags", [1, 0x80, 0xFF])
def test_flags_must_be_zero(flags: int) -> None:
    wire = bytearray(pack_frame(1, 0, 0))
    wire[6] = flags
    reader = FrameReader(BODY_MAX)
    assert reader.receive(bytes(wire)) == []
    assert reader.problem is not None
    assert reader.problem.code is Code.BAD_FRAME


def test_nothing_is_read_after_a_problem() -> None:
    reader = FrameReader(BODY_MAX)
    reader.receive(b"\xff" * HEADER_BYTES)
    assert reader.receive(pack_frame(1, 0, 0)) == []
