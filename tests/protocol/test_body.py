"""A body is read as the specification says: fixed part, fields once each, unknown ones skipped, nothing left over."""

import pytest
from construct import Int16ub, Struct

from protocol.body import FIELD_HEADER, Body, Field, WholeText, split_fields
from protocol.errors import Code, Problem

SAMPLE = Body(Struct("code" / Int16ub), (Field(1, "text", WholeText), Field(2, "count", Int16ub)))


def field(tag: int, packed: bytes) -> bytes:
    return FIELD_HEADER.pack(tag, len(packed)) + packed


def problem_of(parsed: object) -> str:
    assert isinstance(parsed, Problem)
    assert parsed.code is Code.MALFORMED
    return parsed.text


def test_what_is_built_is_parsed_and_absent_fields_stay_absent() -> None:
    assert SAMPLE.parse(SAMPLE.build({"code": 7, "text": "前台", "count": None})) == {"code": 7, "text": "前台"}


def test_unknown_tags_are_skipped_and_order_is_free() -> None:
    body = b"\x00\x07" + field(9, b"later") + field(2, b"\x00\x05") + field(1, b"hi")
    assert SAMPLE.parse(body) == {"code": 7, "count": 5, "text": "hi"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00", "fixed part has 2"),
        (b"\x00\x07\x00", "bytes after the last field"),
        (b"\x00\x07" + field(1, b"hello")[:-1], "announces 5 bytes, 4 are left"),
        (b"\x00\x07" + field(1, b"a") + field(1, b"b"), "comes twice"),
        (b"\x00\x07" + field(9, b"a") + field(9, b"b"), "comes twice"),
        (b"\x00\x07" + field(2, b"\x00"), "count"),
        (b"\x00\x07" + field(2, b"\x00\x05\x00"), "count"),
        (b"\x00\x07" + field(1, b"\xff\xfe"), "text"),
    ],
)
def test_what_cannot_be_is_a_problem_that_says_where(body: bytes, said: str) -> None:
    assert said in problem_of(SAMPLE.parse(body))


def test_an_element_may_grow_at_its_end() -> None:
    from protocol.bodies import DEVICE_CHANGE

    grown = bytes([0, 10, 4, 5, 0, 4]) + b"8001" + b"++"
    assert DEVICE_CHANGE.parse(grown).device == "8001"


def test_a_value_too_large_for_a_field_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="field text"):
        SAMPLE.build({"code": 1, "text": "x" * 65_536})


def test_fields_are_split_by_tag() -> None:
    assert split_fields(b"fixed" + field(3, b"c") + field(1, b""), 5) == {3: b"c", 1: b""}
