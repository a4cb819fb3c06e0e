"""The columns of a report as people read them: on the terminal, in CSV, on the page. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cdr.report.report import By
from cdr.report.tally import Tally
from runtime.texts import Text, text

NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it is called in full, and its cell."""

    heading: Text
    meaning: Text
    cell: Callable[[Tally], str]


def count(value: int) -> str:
    return str(value)


def seconds(span_us: int | None) -> str:
    """``0:07``, ``12:30``, ``3:05:00``."""
    if span_us is None:
        return NOTHING
    whole = round(span_us / 1_000_000)
    minutes = f"{whole % 3600 // 60:02}" if whole >= 3600 else str(whole // 60)
    return f"{whole // 3600}:{minutes}:{whole % 60:02}" if whole >= 3600 else f"{minutes}:{whole % 60:02}"


def share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1%}"


OFFERED = Column(text("offered"), text("calls that came"), lambda one: count(one.offered))
ANSWERED = Column(text("answered"), text("calls that were answered"), lambda one: count(one.answered))
ABANDONED = Column(text("abandoned"), text("callers who hung up before"), lambda one: count(one.abandoned))
OTHER = Column(text("other"), text("busy, not answered, failed, sent elsewhere"), lambda one: count(one.other))
WITHIN = Column(text("in time"), text("answered within the threshold"), lambda one: count(one.answered_within))
IGNORED = Column(
    text("SL ignored"),
    text("service level, abandoned calls ignored: in time / (offered − abandoned)"),
    lambda one: share(one.level_abandoned_ignored),
)
NEGATIVE = Column(
    text("SL negative"),
    text("service level, abandoned calls with negative impact: in time / offered"),
    lambda one: share(one.level_abandoned_negative),
)
POSITIVE = Column(
    text("SL positive"),
    text("service level, abandoned calls with positive impact: (in time + abandoned in time) / offered"),
    lambda one: share(one.level_abandoned_positive),
)
WAIT = Column(text("avg wait"), text("mean wait of answered calls"), lambda one: seconds(one.average_wait_us))
LONGEST = Column(text("longest wait"), text("of all calls"), lambda one: seconds(one.longest_wait_us))
TALK = Column(text("avg talk"), text("mean talk of answered calls"), lambda one: seconds(one.average_talk_us))
WRAP_UP = Column(
    text("avg wrap-up"), text("mean work after answered calls"), lambda one: seconds(one.average_wrap_up_us)
)
TALKED = Column(text("talked"), text("talk, all calls together"), lambda one: seconds(one.talking_us))
OCCUPANCY = Column(
    text("occupancy"),
    text("busy with calls or the work after them, of the time in which calls could come"),
    lambda one: share(one.occupancy),
)
BUSY = Column(text("busy share"), text("of the time, how much the trunk was in use"), lambda one: share(one.busy_share))

_CALLS: Final = (OFFERED, ANSWERED, ABANDONED, OTHER)
_LEVELS: Final = (WITHIN, IGNORED, NEGATIVE, POSITIVE)
_WAITS: Final = (WAIT, LONGEST)
COLUMNS: Final[dict[By, tuple[Column, ...]]] = {
    By.HOUR: (*_CALLS, *_LEVELS, *_WAITS, TALK, WRAP_UP),
    By.DAY: (*_CALLS, *_LEVELS, *_WAITS, TALK, WRAP_UP),
    By.QUEUE: (*_CALLS, *_LEVELS, *_WAITS, TALK),
    By.AGENT: (OFFERED, ANSWERED, OTHER, WAIT, TALK, WRAP_UP, TALKED, OCCUPANCY),
    By.TRUNK: (OFFERED, ANSWERED, OTHER, TALK, TALKED, BUSY),
}
NAMES: Final[dict[By, Text]] = {
    By.HOUR: text("hour"),
    By.DAY: text("day"),
    By.QUEUE: text("queue"),
    By.AGENT: text("agent"),
    By.TRUNK: text("trunk"),
}
TOTAL: Final = text("together")
