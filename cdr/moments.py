"""Moments as people write them, in a site's time zone: days, hours, "yesterday", "2h". Pure.

Where clocks are put back an hour comes twice: then the first of the two is meant. Where they are put forward an hour is
missing: a moment within it is the one that the clocks jump to.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FORMS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_AGO: Final = re.compile(r"(\d{1,6})([mhdw])")
_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DAYS: Final = {"today": 0, "yesterday": -1, "tomorrow": 1}
EXPECTED: Final = (
    "expected a day (2026-01-31), a day and time (2026-01-31 08:00), today, yesterday, or how long ago (2h, 7d)"
)
MICROSECONDS: Final = 1_000_000


def moment_of(text: str, zone: ZoneInfo, now_us: int) -> int:
    """Microseconds since 1970 UTC; ValueError says what was expected."""
    words = text.strip().lower()
    if words == "now":
        return now_us
    if (ago := _AGO.fullmatch(words)) is not None:
        return now_us - int(ago[1]) * _UNITS[ago[2]] * MICROSECONDS
    if words in _DAYS:
        return begin_of(local_day(now_us, zone) + timedelta(days=_DAYS[words]), zone)
    for form in _FORMS:
        try:
            written = datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        return _microseconds(written.replace(tzinfo=zone))
    try:
        exact = datetime.fromisoformat(text.strip())
    except ValueError:
        exact = None
    if exact is None or exact.tzinfo is None:
        raise ValueError(f"{text!r}: {EXPECTED}")
    return _microseconds(exact)


def local_day(time_us: int, zone: ZoneInfo) -> date:
    """The day of a moment there."""
    return local_time(time_us, zone).date()


def local_time(time_us: int, zone: ZoneInfo) -> datetime:
    """A moment as the clocks there show it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)).astimezone(zone)


def begin_of(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day there; midnight, or where that is missing the first one after it."""
    return _microseconds(datetime(day.year, day.month, day.day, tzinfo=zone))


def _microseconds(when: datetime) -> int:
    # By way of UTC: a missing hour becomes the one after it, since the offset before the jump is taken.
    return (when.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
