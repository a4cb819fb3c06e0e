"""Quarters of an hour to hours and days of a place: midnight, odd offsets, the two nights on which clocks change."""

from zoneinfo import ZoneInfo

from cdr.report.buckets import QUARTER_US, days, hours
from cdr.report.tally import Tally
from tests.cdr.sample_records import at

ZURICH, KATHMANDU = ZoneInfo("Europe/Zurich"), ZoneInfo("Asia/Kathmandu")


def quarters(first: str, last: str) -> list[tuple[int, Tally]]:
    """A call in each quarter, from the first to the last (UTC)."""
    return [(one, Tally(offered=1)) for one in range(at(first) // QUARTER_US, at(last) // QUARTER_US + 1)]


def counts(found: dict[tuple[int, str], Tally]) -> dict[str, int]:
    return {name: tally.offered for (_, name), tally in found.items()}


def test_the_hour_that_is_missing_in_spring_is_missing() -> None:
    assert counts(hours(quarters("2026-03-29 00:00:00", "2026-03-29 01:45:00"), ZURICH)) == {
        "2026-03-29 01:00": 4,
        "2026-03-29 03:00": 4,
    }


def test_the_hour_that_comes_twice_in_autumn_is_two_hours() -> None:
    assert counts(hours(quarters("2026-10-25 00:00:00", "2026-10-25 02:45:00"), ZURICH)) == {
        "2026-10-25 02:00 CEST": 4,
        "2026-10-25 02:00 CET": 4,
        "2026-10-25 03:00": 4,
    }


def test_a_day_is_as_long_as_it_was() -> None:
    assert counts(days(quarters("2026-03-28 23:00:00", "2026-03-29 21:45:00"), ZURICH)) == {"2026-03-29": 92}
    assert counts(days(quarters("2026-10-24 22:00:00", "2026-10-25 22:45:00"), ZURICH)) == {"2026-10-25": 100}


def test_before_and_after_midnight_are_two_days() -> None:
    assert counts(days(quarters("2026-01-30 22:45:00", "2026-01-30 23:00:00"), ZURICH)) == {
        "2026-01-30": 1,
        "2026-01-31": 1,
    }


def test_where_hours_begin_at_a_quarter_past() -> None:
    assert counts(hours(quarters("2026-01-30 18:00:00", "2026-01-30 18:30:00"), KATHMANDU)) == {
        "2026-01-30 23:00": 1,
        "2026-01-31 00:00": 2,
    }


def test_a_bucket_knows_when_its_first_call_came() -> None:
    ((begins, _), *_) = hours(quarters("2026-01-30 18:00:00", "2026-01-30 18:30:00"), ZURICH)
    assert begins == at("2026-01-30 18:00:00")
