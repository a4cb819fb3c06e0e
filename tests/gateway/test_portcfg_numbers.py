"""Numbers and ranges: what they stand for, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portcfg_numbers import NUMBER_CHARS_MAX, RANGE_PORTS_MAX, BadNumbers, NumberRange, read_numbers
from gateway.portcfg_problems import PortCode


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        ("8001", ["8001"]),
        ("0001", ["0001"]),
        ("T008-T011", ["T008", "T009", "T010", "T011"]),
        ("0098-0101", ["0098", "0099", "0100", "0101"]),
        ("*98", ["*98"]),
        ("+8621001-+8621003", ["+8621001", "+8621002", "+8621003"]),
        ("8001-8001", ["8001"]),
    ],
)
def test_numbers(word: str, numbers: list[str]) -> None:
    read = read_numbers(word)
    assert isinstance(read, NumberRange)
    assert list(read) == numbers
    assert len(read) == len(numbers)


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("", PortCode.BAD_NUMBER, None),
        ("abc", PortCode.BAD_NUMBER, None),
        ("80O1", PortCode.BAD_NUMBER, None),
        ("8001-", PortCode.BAD_NUMBER, None),
        ("-8001", PortCode.BAD_NUMBER, None),
        ("8001-8002-8003", PortCode.BAD_NUMBER, None),
        ("8001,8002", PortCode.BAD_NUMBER, None),
        ("８００１", PortCode.BAD_NUMBER, None),
        ("٣", PortCode.BAD_NUMBER, None),
        ("1" * (NUMBER_CHARS_MAX + 1), PortCode.BAD_NUMBER, None),
        ("8099-8002", PortCode.REVERSED_RANGE, "8002-8099"),
        ("T030-T001", PortCode.REVERSED_RANGE, "T001-T030"),
        ("8002-99", PortCode.UNEQUAL_RANGE, "8002-8099, both ends written out"),
        ("T001-030", PortCode.UNEQUAL_RANGE, "T001-T030, both ends written out"),
        ("998-1002", PortCode.UNEQUAL_RANGE, None),
        ("T001-S030", PortCode.UNEQUAL_RANGE, None),
        ("00000-10000", PortCode.OVERSIZED_RANGE, "at most 10000 ports in a range"),
    ],
)
def test_refusals(word: str, code: PortCode, expected: str | None) -> None:
    read = read_numbers(word)
    assert isinstance(read, BadNumbers)
    assert read.code is code
    assert word in read.message.render()
    assert expected in {None, read.expected.render()}


def test_the_largest_range_is_read() -> None:
    read = read_numbers("0000-9999")
    assert isinstance(read, NumberRange)
    assert len(read) == RANGE_PORTS_MAX


@given(st.text("ABCz+*#", max_size=3), st.integers(0, 99_000), st.integers(0, 999), st.integers(5, 9))
def test_a_range_as_text_is_read_back(prefix: str, first: int, more: int, digits: int) -> None:
    numbers = NumberRange(prefix, first, first + more, digits)
    assert read_numbers(str(numbers)) == numbers
    assert {len(number) for number in numbers} == {len(prefix) + digits}


@given(st.text())
def test_any_word_is_numbers_or_refused(word: str) -> None:
    assert isinstance(read_numbers(word), NumberRange | BadNumbers)
