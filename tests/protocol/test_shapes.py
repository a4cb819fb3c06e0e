"""Texts and elements: read alike by the compiled and the interpreted form, refused alike when bytes are missing."""

import struct
from typing import Any

import pytest
from construct import Construct, ConstructError, FocusedSeq, Int8ub, Int16ub, Struct, Terminated
from hypothesis import given
from hypothesis import strategies as st

from model.events import Event
from protocol.bodies import BODIES
from protocol.body import Field, split_fields
from protocol.kinds import Kind
from protocol.packing import pack_event
from protocol.shapes import Element, Text
from tests.protocol import samples

GROWING = Element(Struct("state" / Int8ub, "device" / Text))
REFUSED = (ConstructError, struct.error, UnicodeDecodeError)


def read(shape: Construct, piece: bytes) -> object:
    try:
        return shape.parse(piece)
    except REFUSED:
        return "refused"


@pytest.mark.parametrize("shape", [GROWING, GROWING.compile()], ids=["interpreted", "compiled"])
@pytest.mark.parametrize(
    ("piece", "is_read"),
    [
        (b"\x00\x07\x03\x00\x048001", True),
        (b"\x00\x09\x03\x00\x048001++", True),
        (b"\x00\x07\x03\x00\x04800", False),
        (b"\x00\x08\x03\x00\x048001", False),
        (b"\x00\x06\x03\x00\x04800x", False),
        (b"\x00\x07\x03\x00\x04\xff\xfe\xfd\xfc", False),
        (b"\x00\x02\x03\x00", False),
        (b"\x00", False),
        (b"", False),
    ],
)
def test_what_is_announced_must_be_there(shape: Construct, piece: bytes, is_read: bool) -> None:
    assert (read(shape, piece) != "refused") is is_read


def test_an_element_begins_with_its_length() -> None:
    assert GROWING.build({"state": 3, "device": "前"}) == b"\x00\x06\x03\x00\x03" + "前".encode()


def test_a_text_too_long_for_its_length_is_our_mistake() -> None:
    with pytest.raises(ConstructError):
        Text.build("x" * 65_536)


def as_declared(field: Field, piece: bytes) -> Any:
    """What construct's interpreted form makes of a field, which is the declaration itself."""
    return read(FocusedSeq("value", "value" / field.shape, Terminated), piece)


def as_parsed(field: Field, piece: bytes) -> Any:
    try:
        return field.parse(piece)
    except REFUSED:
        return "refused"


def plain(value: Any) -> Any:
    """Without what construct keeps in a container for itself."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "_io"}
    return [plain(one) for one in value] if isinstance(value, list) else value


@given(samples.events, st.data())
def test_the_compiled_form_reads_and_refuses_as_the_declaration_does(event: Event, data: st.DataObject) -> None:
    kind, body = pack_event(event)
    declared = BODIES[Kind(kind)]
    pieces = split_fields(body, int(declared.fixed.sizeof()))
    assert isinstance(pieces, dict)
    for field in declared.fields:
        piece = bytearray(pieces.get(field.tag, b""))
        for _ in range(data.draw(st.integers(0, 3))):
            if piece:
                piece[data.draw(st.integers(0, len(piece) - 1))] = data.draw(st.integers(0, 255))
        cut = bytes(piece[: data.draw(st.integers(max(0, len(piece) - 3), len(piece)))])
        assert plain(as_parsed(field, cut)) == plain(as_declared(field, cut))


@given(st.sampled_from([(kind, one) for kind, body in BODIES.items() for one in body.fields]), st.binary(max_size=60))
def test_random_bytes_are_read_and_refused_alike(declared: tuple[Kind, Field], piece: bytes) -> None:
    field = declared[1]
    assert plain(as_parsed(field, piece)) == plain(as_declared(field, piece))


def test_a_number_of_too_few_bytes_is_refused() -> None:
    assert as_parsed(Field(1, "count", Int16ub), b"\x01") == "refused"
