"""Records written by hand, for tests of what reads them: everything that does not matter has a value."""

from datetime import UTC, datetime
from typing import Any

from cdr.records import (
    AgentPeriodRecord,
    Batch,
    ConversationRecord,
    Direction,
    Ending,
    LegRecord,
    PartState,
    QueueVisitRecord,
    Record,
    Result,
    Role,
    SegmentRecord,
    Spans,
    Where,
)
from cdr.store.store import Store
from model.ids import Microseconds

SECOND = 1_000_000


def at(text: str) -> Microseconds:
    """``2026-01-31 08:00:00`` UTC."""
    when = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Microseconds(round(when.timestamp() * SECOND))


def conversation(number: int, began_us: int, *, wait: float = 5, talk: float = 60, **more: Any) -> ConversationRecord:
    """One that came in by T001, waited and talked so many seconds."""
    wait_us, talk_us = round(wait * SECOND), round(talk * SECOND)
    values: dict[str, Any] = {
        "conversation_id": f"1:{number}",
        "stream": "gateway",
        "direction": Direction.INBOUND,
        "caller": f"0139{number}",
        "called": "6000",
        "trunk": "T001",
        "first_device": "8001",
        "first_agent": "7001",
        "last_device": "8001",
        "last_agent": "7001",
        "queue": "sales",
        "result": Result.ANSWERED,
        "abandoned_where": Where.NOWHERE,
        "cause": "normalClearing",
        "began_us": began_us,
        "answered_us": began_us + wait_us,
        "ended_us": began_us + wait_us + talk_us,
        "waiting_us": wait_us,
        "menu_us": 0,
        "queued_us": 0,
        "talking_us": talk_us,
        "held_us": 0,
        "uncertain_us": 0,
        "transfers": 0,
        "conferences": 0,
    }
    values |= more
    values |= {"direction": Direction(values["direction"]), "result": Result(values["result"])}
    return ConversationRecord(**values)


def abandoned(number: int, began_us: int, wait: float) -> ConversationRecord:
    """One whose caller hung up after so many seconds."""
    return conversation(number, began_us, wait=wait, talk=0, result=Result.ABANDONED, abandoned_where=Where.QUEUE,
                        answered_us=None, last_agent="", last_device="")  # fmt: skip


def leg(number: int, began_us: int, *, ring: float = 5, talk: float = 60, wrap_up: float = 0, **more: Any) -> LegRecord:
    """A part of extension 8001 with agent 7001."""
    ring_us, talk_us = round(ring * SECOND), round(talk * SECOND)
    values: dict[str, Any] = {
        "leg_id": f"1:{number}/{more.pop('leg', 0)}",
        "conversation_id": f"1:{number}",
        "first_call_id": f"1:{number}",
        "last_call_id": f"1:{number}",
        "device": "8001",
        "trunk": "",
        "inside": True,
        "role": Role.DISTRIBUTED,
        "agent": "7001",
        "began_us": began_us,
        "answered_us": began_us + ring_us,
        "ended_us": began_us + ring_us + talk_us,
        "spans": Spans(ringing_us=ring_us, talking_us=talk_us),
        "wrap_up_us": round(wrap_up * SECOND),
        "ending": Ending.OTHERS_LEFT,
        "cause": "normalClearing",
        "ended_by": "",
    }
    return LegRecord(**values | more)


def segment(number: int, began_us: int, seconds: float, state: PartState = PartState.TALKING) -> SegmentRecord:
    """A stretch of a caller's time."""
    ended_us = Microseconds(began_us + round(seconds * SECOND))
    return SegmentRecord(f"1:{number}/0", f"1:{number}", state, Microseconds(began_us), ended_us, ("0139", "8001"),
                         "8001", "7001", "")  # fmt: skip


def visit(
    number: int, entered_us: int, wait: float, outcome: str = "answered", queue: str = "sales"
) -> QueueVisitRecord:
    """A stay in a queue."""
    left_us = Microseconds(entered_us + round(wait * SECOND))
    return QueueVisitRecord(f"2:{number}", f"1:{number}", "cti", queue, outcome, "7001", "8001",
                            Microseconds(entered_us), left_us, 0, 1, 1)  # fmt: skip


def period(number: int, state: str, began_us: int, ended_us: int, agent: str = "7001") -> AgentPeriodRecord:
    """An agent's stretch in one state."""
    return AgentPeriodRecord(f"2:{number}", "2:1", agent, "8001", state, "", "", Microseconds(began_us),
                             Microseconds(ended_us))  # fmt: skip


def written(url: str, *records: Record) -> str:
    """A database with these records; its address."""
    store = Store.open(url, "UTC")
    store.write(Batch(records, (), ()))
    store.close()
    return url
