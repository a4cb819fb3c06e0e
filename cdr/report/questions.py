"""What a report asks the database: one question for each table that it counts in, answered in few rows."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, func, literal_column, select, true

from cdr.records import Direction, Result, Role
from cdr.report.sql import greatest_of, least_of, moment, quarter, span_us
from cdr.report.tally import Tally
from cdr.store.rows import time_of
from cdr.store.schema import AGENT_PERIODS, CONVERSATIONS, LEGS, QUEUE_VISITS

NOBODY = (Role.QUEUE, Role.MENU, Role.PARKED)
"""Parts of a queue, an IVR port, a parking space: they ring, but nobody sits there."""
STAFFED = ("ready", "reserved", "busy", "wrap_up")
"""States of an agent to whom a call could come, or who has one."""
OCCUPIED = ("reserved", "busy", "wrap_up")
ONE, ZERO = literal_column("1", Integer), literal_column("0", Integer)
"""Written into the SQL: over ODBC PostgreSQL is told no type of a parameter."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Microseconds since 1970 UTC, the end not included; ``within_us`` is the threshold of the service level."""

    begins_us: int
    ends_us: int
    within_us: int

    @property
    def span_us(self) -> int:
        """How long it is."""
        return self.ends_us - self.begins_us


def quarters(connection: Connection, interval: Interval, direction: Direction | None) -> Iterator[tuple[int, Tally]]:
    """Conversations by the quarter of an hour in which they began. What went on in an earlier one is not one of its
    own."""
    table = CONVERSATIONS.c
    where = [*_began(table.began, interval), table.result != Result.JOINED.value]
    if direction is not None:
        where.append(table.direction == direction.value)
    wait = table.waiting_us + table.queued_us
    is_answered = table.result == Result.ANSWERED.value
    is_abandoned = table.result == Result.ABANDONED.value
    key = quarter(table.began)
    counts = _counts(is_answered, is_abandoned, wait, table.talking_us, interval)
    question = select(key.label("key"), *counts).where(*where).group_by(key)
    for row in connection.execute(question):
        yield int(row.key), _tally(row)
    yield from _wrap_ups(connection, interval, quarter(LEGS.c.began))


def queues(connection: Connection, interval: Interval) -> dict[str, Tally]:
    """Visits by queue; talk is that of whoever answered them."""
    table = QUEUE_VISITS.c
    wait = span_us(table.entered, table.left)
    counts = _counts(table.outcome == "answered", table.outcome == "abandoned", wait, None, interval)
    question = select(table.queue.label("key"), *counts).where(*_began(table.entered, interval)).group_by(table.queue)
    found = {str(row.key): _tally(row) for row in connection.execute(question)}
    served = and_(LEGS.c.conversation_id == table.conversation_id, LEGS.c.device == table.device)
    talk = (
        select(table.queue.label("key"), func.sum(LEGS.c.talking_us))
        .select_from(QUEUE_VISITS.join(LEGS, served))
        .where(*_began(table.entered, interval), table.outcome == "answered")
        .group_by(table.queue)
    )
    for name, talking_us in connection.execute(talk):
        found.setdefault(str(name), Tally()).talking_us += int(talking_us or 0)
    return found


def agents(connection: Connection, interval: Interval) -> dict[str, Tally]:
    """Parts in conversations by agent, or by extension where nobody was logged in; offered is what rang there."""
    table = LEGS.c
    # The empty text stands in the SQL: as a parameter it would be another one at each place where the key stands.
    key = case((table.agent != literal_column("''"), table.agent), else_=table.device)
    is_answered = table.answered.is_not(None)
    counts = _counts(is_answered, None, table.ringing_us, table.talking_us, interval)
    question = (
        select(key.label("key"), *counts, func.sum(table.wrap_up_us).label("wrap_up_us"))
        .where(*_began(table.began, interval), table.inside == true(), table.ringing_us > 0)
        .where(*(table.role != role for role in NOBODY))
        .group_by(key)
    )
    found: dict[str, Tally] = defaultdict(Tally)
    for row in connection.execute(question):
        found[str(row.key)] = _tally(row)
        found[str(row.key)].wrap_up_us = int(row.wrap_up_us or 0)
    periods = AGENT_PERIODS.c
    spent = (
        select(periods.agent.label("key"), periods.state, _clipped(periods.began, periods.ended, interval))
        .where(periods.began < time_of(interval.ends_us), periods.ended > time_of(interval.begins_us))
        .group_by(periods.agent, periods.state)
    )
    for name, state, spent_us in connection.execute(spent):
        tally = found[str(name)]
        tally.staffed_us += int(spent_us or 0) if state in STAFFED else 0
        tally.occupied_us += int(spent_us or 0) if state in OCCUPIED else 0
    return dict(found)


def trunks(connection: Connection, interval: Interval) -> dict[str, Tally]:
    """Parts in conversations by trunk, and how much of the time it was in use."""
    table = LEGS.c
    counts = _counts(table.answered.is_not(None), None, table.ringing_us, table.talking_us, interval)
    question = (
        select(table.trunk.label("key"), *counts)
        .where(*_began(table.began, interval), table.trunk != "")
        .group_by(table.trunk)
    )
    found: dict[str, Tally] = defaultdict(Tally)
    for row in connection.execute(question):
        found[str(row.key)] = _tally(row)
    used = (
        select(table.trunk.label("key"), _clipped(table.began, table.ended, interval))
        .where(table.began < time_of(interval.ends_us), table.ended > time_of(interval.begins_us), table.trunk != "")
        .group_by(table.trunk)
    )
    for name, spent_us in connection.execute(used):
        found[str(name)].seized_us += int(spent_us or 0)
    for tally in found.values():
        tally.span_us = interval.span_us
    return dict(found)


def _wrap_ups(connection: Connection, interval: Interval, key: ColumnElement[int]) -> Iterator[tuple[int, Tally]]:
    """Work after calls, in the quarter in which the agent's part began."""
    question = (
        select(key.label("key"), func.sum(LEGS.c.wrap_up_us).label("wrap_up_us"))
        .where(*_began(LEGS.c.began, interval), LEGS.c.wrap_up_us > 0)
        .group_by(key)
    )
    for row in connection.execute(question):
        yield int(row.key), Tally(wrap_up_us=int(row.wrap_up_us or 0))


def _began(column: ColumnElement[Any], interval: Interval) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= time_of(interval.begins_us), column < time_of(interval.ends_us)


def _counts(
    is_answered: ColumnElement[bool],
    is_abandoned: ColumnElement[bool] | None,
    wait: ColumnElement[int],
    talking: ColumnElement[int] | None,
    interval: Interval,
) -> list[ColumnElement[Any]]:
    def count(condition: ColumnElement[bool] | None) -> ColumnElement[Any]:
        return func.sum(case((condition, ONE), else_=ZERO)) if condition is not None else func.sum(ZERO)

    in_time = wait <= interval.within_us
    return [
        func.count().label("offered"),
        count(is_answered).label("answered"),
        count(is_abandoned).label("abandoned"),
        count(and_(is_answered, in_time)).label("answered_within"),
        count(None if is_abandoned is None else and_(is_abandoned, in_time)).label("abandoned_within"),
        func.sum(case((is_answered, wait), else_=ZERO)).label("wait_us"),
        func.max(wait).label("longest_wait_us"),
        (func.sum(talking) if talking is not None else func.sum(ZERO)).label("talking_us"),
    ]


def _clipped(began: ColumnElement[Any], ended: ColumnElement[Any], interval: Interval) -> ColumnElement[Any]:
    """As much of it as lies in the interval."""
    first, last = greatest_of(began, moment(interval.begins_us)), least_of(ended, moment(interval.ends_us))
    return func.sum(span_us(first, last)).label("spent")


def _tally(row: Any) -> Tally:
    names = ("offered", "answered", "abandoned", "answered_within", "abandoned_within", "wait_us", "longest_wait_us",
             "talking_us")  # fmt: skip
    tally = Tally(**{name: int(getattr(row, name) or 0) for name in names})
    tally.other = tally.offered - tally.answered - tally.abandoned
    return tally
