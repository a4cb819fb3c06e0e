"""A time is one that a calendar has."""

import pytest

from protocol.times import time_of


@pytest.mark.parametrize("good", [0, 1_767_225_600_000_000, -62_135_596_800_000_000, 253_402_300_799_999_999])
def test_times_of_the_years_1_to_9999(good: int) -> None:
    assert time_of(good) == good


@pytest.mark.parametrize("bad", [-62_135_596_800_000_001, 253_402_300_800_000_000, 2**63 - 1])
def test_what_is_no_time(bad: int) -> None:
    with pytest.raises(ValueError, match="is no time between the years 1 and 9999"):
        time_of(bad)
