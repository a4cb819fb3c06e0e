"""Numbers and call ids."""

import pytest

from simulator.numbering import OUTSIDE_NUMBER, RANGE_SIZE_MAX, CallIds, CallIdStyle, numbers_of


def test_ranges_keep_leading_zeros() -> None:
    assert numbers_of("0098-0101, 7") == ["0098", "0099", "0100", "0101", "7"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no number"),
        ("abc", "no number"),
        ("１０００", "no number"),
        ("1010-1000", "rising range"),
        ("99-100", "one length"),
        ("1000-1001,1001", "twice"),
        (f"00000-{RANGE_SIZE_MAX:05d}", "more than"),
    ],
)
def test_what_is_no_range_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        numbers_of(text)


def test_call_ids_by_style() -> None:
    assert [CallIds(CallIdStyle.RISING).take({}), CallIds(CallIdStyle.SMALL).take({})] == ["1", "0"]
    ids = CallIds(CallIdStyle.HEX)
    first, second = ids.take({}), ids.take({})
    assert len(first) == 32
    assert int(first, 16) != int(second, 16)


def test_small_ids_skip_those_in_use_and_go_on_above_when_all_are() -> None:
    ids = CallIds(CallIdStyle.SMALL)
    live = {str(number) for number in range(256)}
    assert ids.take(live - {"7"}) == "7"
    assert ids.take(live) == "257"


@pytest.mark.parametrize(
    ("number", "is_outside"),
    [("0301234", True), ("+4930", True), ("*21#", True), ("77", False), ("1000", False), ("0", False)],
)
def test_what_goes_to_the_public_network(number: str, is_outside: bool) -> None:
    assert (OUTSIDE_NUMBER.fullmatch(number) is not None) is is_outside
