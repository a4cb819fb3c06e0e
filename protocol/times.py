"""Times on the wire: microseconds since 1970 UTC, within the years that a calendar has."""

from datetime import UTC, datetime, timedelta
from typing import Final

from model.ids import Microseconds

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_US: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LATEST_US: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def time_of(value: int) -> Microseconds:
    """A time, ValueError outside the years that a calendar has."""
    if not _EARLIEST_US <= value <= _LATEST_US:
        raise ValueError(f"{value} microseconds is no time between the years 1 and 9999")
    return Microseconds(value)
