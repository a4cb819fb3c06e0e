"""Moments as people write them, where clocks are put forward and back, too."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from cdr.forms import iso_of
from cdr.moments import begin_of, local_day, local_time, moment_of
from tests.cdr.sample_records import at

ZURICH, SHANGHAI, KATHMANDU = ZoneInfo("Europe/Zurich"), ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Kathmandu")
NOW = at("2026-03-29 12:00:00")
"""In Zürich the day on which 02:00 became 03:00."""


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-01-31", ZURICH, "2026-01-30T23:00:00"),
        ("2026-01-31", SHANGHAI, "2026-01-30T16:00:00"),
        ("2026-01-31 08:30", KATHMANDU, "2026-01-31T02:45:00"),
        (" 2026-01-31T08:30:15 ", ZURICH, "2026-01-31T07:30:15"),
        ("today", ZURICH, "2026-03-28T23:00:00"),
        ("yesterday", ZURICH, "2026-03-27T23:00:00"),
        ("Tomorrow", ZURICH, "2026-03-29T22:00:00"),
        ("now", ZURICH, "2026-03-29T12:00:00"),
        ("90m", ZURICH, "2026-03-29T10:30:00"),
        ("2d", ZURICH, "2026-03-27T12:00:00"),
        ("2026-03-29 02:30", ZURICH, "2026-03-29T01:30:00"),
        ("2026-10-25 02:30", ZURICH, "2026-10-25T00:30:00"),
        ("2026-01-31T08:30:00.5Z", ZURICH, "2026-01-31T08:30:00.500000"),
    ],
)
def test_a_moment(text: str, zone: ZoneInfo, utc: str) -> None:
    assert iso_of(moment_of(text, zone, NOW)).startswith(utc)


@pytest.mark.parametrize("text", ["", "31.1.2026", "2026-13-01", "8:00", "-1d", "soon", "2026-01-31T08:30:00.5"])
def test_what_is_none_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a day \(2026-01-31\)"):
        moment_of(text, ZURICH, NOW)


def test_days_are_those_of_the_place() -> None:
    assert local_day(at("2026-01-30 23:30:00"), ZURICH) == date(2026, 1, 31)
    assert f"{local_time(at('2026-07-01 12:00:00'), ZURICH):%H:%M}" == "14:00"
    hours = (begin_of(date(2026, 3, 30), ZURICH) - begin_of(date(2026, 3, 29), ZURICH)) / 3_600_000_000
    assert hours == 23
