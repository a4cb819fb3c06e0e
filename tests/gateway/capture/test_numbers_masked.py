"""Other numbers of the same length, each always the same, and nothing else touched."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.capture.numbers_masked import AmiMask, CstaMask, NumberMask, runs_in
from gateway.links.csta_xml.framing import frame

SECRET = bytes(32)


@given(st.text("0123456789", min_size=5, max_size=20), st.binary(min_size=1, max_size=32))
def test_a_number_becomes_one_of_its_length_and_always_the_same(digits: str, secret: bytes) -> None:
    mask = NumberMask(secret)
    assert re.fullmatch(r"\d+", mask.number(digits))
    assert len(mask.number(digits)) == len(digits)
    assert mask.number(digits) == NumberMask(secret).number(digits)


def test_no_two_numbers_become_one() -> None:
    mask = NumberMask(SECRET, frozenset({"12345", "54321"}))
    masked = {mask.number(f"{number:05}") for number in range(100_000)}
    assert len(masked) == 100_000


def test_numbers_of_port_cfg_stay_and_nobody_becomes_one() -> None:
    kept = runs_in(["EXT 10000-10999", "EXT 8001 device=N<+862180010000>"])
    assert kept == {"10000", "10999", "862180010000"}
    mask = NumberMask(SECRET, kept)
    assert mask.number("10000") == "10000"
    assert all(mask.number(f"{number:05}") not in kept for number in range(20_000, 30_000))


@pytest.mark.parametrize(
    "text",
    ["8001", "u1795000000.7", "1795000000.7", "PJSIP/8001-00000012", "2026-11-26T05:23:29", "ultra-0123456789ab"],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert NumberMask(SECRET).text(text) == text


@pytest.mark.parametrize("text", ["13800001111", "+13800001111", "Local/13800001111@ctx-00000001;1", "a <13800001111>"])
def test_what_is_one_does_not(text: str) -> None:
    masked = NumberMask(SECRET).text(text)
    assert "13800001111" not in masked
    assert len(masked) == len(text)


def in_pieces(mask: AmiMask | CstaMask, content: bytes, cuts: list[int]) -> bytes:
    """The content masked, as it comes when it is cut there."""
    return b"".join(mask.received(content[a:b]) for a, b in pairwise([0, *sorted(cuts), len(content)]))


AMI = (
    b"Event: Newchannel\r\nCallerIDNum: 13800001111\r\nUniqueid: 1795000000.7\r\nExten: 8001\r\n\r\n"
    b"Event: StatusComplete\r\nListItems: 10000\r\n\r\n"
)


@given(st.lists(st.integers(min_value=0, max_value=len(AMI)), max_size=6))
def test_an_asterisk_s_lines_however_they_are_cut(cuts: list[int]) -> None:
    masked = in_pieces(AmiMask(NumberMask(SECRET)), AMI, cuts)
    assert masked == AmiMask(NumberMask(SECRET)).received(AMI)
    assert len(masked) == len(AMI)
    assert b"13800001111" not in masked
    assert b"ListItems: 10000\r\n" in masked


BODY = (
    b"<E><callID>12345</callID><deviceID>13800001111</deviceID>"
    b"<s:messageSequenceNumber>10000</s:messageSequenceNumber></E>"
)
CSTA = frame(9999, BODY) + frame(7, BODY)


@given(st.lists(st.integers(min_value=0, max_value=len(CSTA)), max_size=6))
def test_a_csta_switch_s_frames_however_they_are_cut(cuts: list[int]) -> None:
    masked = in_pieces(CstaMask(NumberMask(SECRET)), CSTA, cuts)
    assert masked == CstaMask(NumberMask(SECRET)).received(CSTA)
    assert len(masked) == len(CSTA)
    assert b"13800001111" not in masked
    assert b">10000<" in masked
    assert masked[:8] == CSTA[:8]


def test_what_is_no_frame_is_handed_on() -> None:
    assert CstaMask(NumberMask(SECRET)).received(b"HTTP/1.1 400 Bad") == b"HTTP/1.1 400 Bad"
