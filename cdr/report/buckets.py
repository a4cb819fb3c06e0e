"""Quarters of an hour to the hours and days of a place. Pure.

Databases count in quarters of an hour of UTC, which every time zone is made of; which hour and day that is, is decided
here, with the place's own calendar. The hour that comes twice when clocks are put back is two hours; a day is as long
as it was, 23 hours or 25.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cdr.moments import local_time
from cdr.report.tally import Tally

QUARTER_US: Final = 900 * 1_000_000
Bucket = tuple[int, str]
"""When it begins (microseconds since 1970 UTC), and its name."""


def hours(quarters: Iterable[tuple[int, Tally]], zone: ZoneInfo) -> dict[Bucket, Tally]:
    """By local hour, in the order of time."""
    return _folded(quarters, zone, "%Y-%m-%d %H:00")


def days(quarters: Iterable[tuple[int, Tally]], zone: ZoneInfo) -> dict[Bucket, Tally]:
    """By local day, in the order of time."""
    return _folded(quarters, zone, "%Y-%m-%d")


def _folded(quarters: Iterable[tuple[int, Tally]], zone: ZoneInfo, form: str) -> dict[Bucket, Tally]:
    is_hours = "%H" in form
    begins: dict[str, int] = {}
    tallies: dict[str, Tally] = {}
    for quarter, tally in sorted(quarters, key=lambda one: one[0]):
        at_us = quarter * QUARTER_US
        local = local_time(at_us, zone)
        name = f"{local:{form}}{_twice(local) if is_hours else ''}"
        begins.setdefault(name, at_us)
        tallies.setdefault(name, Tally()).add(tally)
    return {(begins[name], name): tally for name, tally in tallies.items()}


def _twice(local: datetime) -> str:
    """What tells the two hours of one name apart."""
    is_second = local.utcoffset() != local.replace(fold=0).utcoffset()
    is_first = local.utcoffset() != local.replace(fold=1).utcoffset()
    return f" {local:%Z}" if is_first or is_second else ""
