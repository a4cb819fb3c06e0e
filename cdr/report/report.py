"""A report: rows of one sort over an interval, and their sum."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from cdr.forms import iso_of
from cdr.records import Direction
from cdr.report import questions
from cdr.report.buckets import days, hours
from cdr.report.questions import Interval
from cdr.report.tally import Tally


class By(StrEnum):
    """What a row stands for."""

    HOUR = "hour"
    DAY = "day"
    QUEUE = "queue"
    AGENT = "agent"
    TRUNK = "trunk"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name (an hour, a queue …) and its counts."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Report:
    """``direction``: which conversations the rows by hour and day count, None for all."""

    by: By
    interval: Interval
    zone: ZoneInfo
    direction: Direction | None
    rows: tuple[Row, ...]
    total: Tally


def make_report(
    connection: Connection, by: By, interval: Interval, zone: ZoneInfo, direction: Direction | None
) -> Report:
    """Ask the database and put the rows in order: hours and days by time, the others by name."""
    if by in (By.HOUR, By.DAY):
        found = questions.quarters(connection, interval, direction)
        buckets = (hours if by is By.HOUR else days)(found, zone)
        rows = [Row(name, tally) for (_, name), tally in sorted(buckets.items(), key=lambda one: one[0][0])]
    else:
        ask = {By.QUEUE: questions.queues, By.AGENT: questions.agents, By.TRUNK: questions.trunks}[by]
        rows = [Row(name, tally) for name, tally in sorted(ask(connection, interval).items())]
    total = Tally()
    for row in rows:
        total.add(row.tally)
    return Report(by, interval, zone, direction, tuple(rows), total)


def form_of_report(report: Report) -> dict[str, Any]:
    """As JSON; names are API."""
    return {
        "by": report.by.value,
        "from": iso_of(report.interval.begins_us),
        "to": iso_of(report.interval.ends_us),
        "zone": report.zone.key,
        "within_seconds": report.interval.within_us / 1_000_000,
        "direction": None if report.direction is None else report.direction.value,
        "rows": [{"name": row.name, **form_of_tally(row.tally)} for row in report.rows],
        "total": form_of_tally(report.total),
    }


def form_of_tally(tally: Tally) -> dict[str, Any]:
    """A row's figures; None where there is nothing to divide by."""
    return {
        "offered": tally.offered,
        "answered": tally.answered,
        "abandoned": tally.abandoned,
        "other": tally.other,
        "answered_within": tally.answered_within,
        "abandoned_within": tally.abandoned_within,
        "service_level_abandoned_ignored": tally.level_abandoned_ignored,
        "service_level_abandoned_negative": tally.level_abandoned_negative,
        "service_level_abandoned_positive": tally.level_abandoned_positive,
        "average_wait_seconds": _seconds(tally.average_wait_us),
        "longest_wait_seconds": _seconds(tally.longest_wait_us),
        "average_talk_seconds": _seconds(tally.average_talk_us),
        "average_wrap_up_seconds": _seconds(tally.average_wrap_up_us),
        "talking_seconds": _seconds(tally.talking_us),
        "occupancy": tally.occupancy,
        "busy_share": tally.busy_share,
    }


def _seconds(span_us: int | None) -> float | None:
    return None if span_us is None else span_us / 1_000_000
