"""Numbers in few bytes, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.capture.varints import Reader, pack, unzigzag, zigzag


@given(st.lists(st.integers(min_value=0, max_value=2**64)))
def test_numbers_come_back(numbers: list[int]) -> None:
    reader = Reader(pack(numbers))
    assert [reader.number() for _ in numbers] == numbers
    assert reader.is_at_end


@given(st.integers(min_value=-(2**62), max_value=2**62))
def test_a_difference_of_either_sign_comes_back(number: int) -> None:
    assert unzigzag(zigzag(number)) == number
    assert zigzag(number) >= 0


def test_small_numbers_are_one_byte() -> None:
    assert pack([0, 127]) == b"\x00\x7f"
    assert len(pack([128])) == 2


@pytest.mark.parametrize("written", [b"", b"\x80", b"\xff" * 11])
def test_where_no_number_stands_is_said(written: bytes) -> None:
    with pytest.raises(ValueError, match="no number"):
        Reader(written).number()


def test_a_block_that_is_longer_than_what_is_left_is_refused() -> None:
    with pytest.raises(ValueError, match="5 bytes are named, and 2 are left"):
        Reader(b"\x05ab").block()
    assert Reader(b"\x02abc").block() == b"ab"
