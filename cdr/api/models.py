"""What the interface gives, as its description (OpenAPI) tells it: made from the records, so that it cannot differ."""

from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from cdr.records import (
    ConversationRecord,
    IvrSessionRecord,
    LegRecord,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
    Spans,
)
from cdr.store.schema import TIMES

_CONFIG: Final = ConfigDict(extra="forbid")


def model_of(kind: type[Record], name: str) -> type[BaseModel]:
    """The model of a kind's form (``cdr.forms``)."""
    hints = get_type_hints(kind)
    members: dict[str, Any] = {}
    for one in fields(kind):
        hint = hints[one.name]
        if hint is Spans:
            members |= {f"{span.name.removesuffix('_us')}_seconds": (float, ...) for span in fields(Spans)}
        elif one.name in TIMES:
            optional = type(None) in get_args(hint)
            members[one.name.removesuffix("_us")] = (datetime | None if optional else datetime, ...)
        elif one.name.endswith("_us"):
            members[f"{one.name.removesuffix('_us')}_seconds"] = (float, ...)
        elif hint in (bool, int) or (isinstance(hint, type) and issubclass(hint, StrEnum)):
            members[one.name] = (hint, ...)
        else:
            members[one.name] = (list[str] if hint == tuple[str, ...] else str, ...)
    made: type[BaseModel] = create_model(name, __config__=_CONFIG, **members)
    return made


Conversation: Any = model_of(ConversationRecord, "Conversation")
Leg: Any = model_of(LegRecord, "Leg")
Segment: Any = model_of(SegmentRecord, "Segment")
QueueVisit: Any = model_of(QueueVisitRecord, "QueueVisit")
IvrSession: Any = model_of(IvrSessionRecord, "IvrSession")
Problem: Any = model_of(ProblemRecord, "Problem")


class Conversations(BaseModel):
    """A page, the oldest first; ``next`` is what to give as ``after`` for the one that follows, None at the end."""

    conversations: list[Conversation]
    next: str | None


class Story(BaseModel):
    """A conversation with all that belongs to it."""

    conversation: Conversation
    legs: list[Leg]
    segments: list[Segment]
    queue_visits: list[QueueVisit]
    ivr_sessions: list[IvrSession]
    problems: list[Problem]


class Figures(BaseModel):
    """Counts of a row; shares are 0 … 1, None where there is nothing to divide by."""

    offered: int
    answered: int
    abandoned: int
    other: int
    answered_within: int
    abandoned_within: int
    service_level_abandoned_ignored: float | None
    service_level_abandoned_negative: float | None
    service_level_abandoned_positive: float | None
    average_wait_seconds: float | None
    longest_wait_seconds: float | None
    average_talk_seconds: float | None
    average_wrap_up_seconds: float | None
    talking_seconds: float | None
    occupancy: float | None
    busy_share: float | None


class NamedFigures(Figures):
    """A row: an hour, a day, a queue, an agent, a trunk."""

    name: str


class ReportForm(BaseModel):
    """A report; what it counts is said in the manual of ``ultra cdr report``."""

    by: str
    begins: datetime
    ends: datetime
    zone: str
    within_seconds: float
    direction: str | None
    rows: list[NamedFigures]
    total: Figures


class Refusal(BaseModel):
    """Why there is no answer: a stable code, and words."""

    code: str
    text: str
