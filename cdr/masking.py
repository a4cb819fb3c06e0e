"""Telephone numbers of people outside, made unreadable in the records of a conversation. Pure.

Who is outside the legs say. The site's own numbers, extensions, agents, trunks and queues stay: reports need them and
they are nobody's secret. What a caller typed goes in any case, and numbers are also found in the texts of problems.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final

from cdr.records import (
    ConversationRecord,
    Direction,
    IvrSessionRecord,
    LegRecord,
    ProblemRecord,
    Record,
    SegmentRecord,
)

HIDDEN_DIGITS: Final = 4
"""Of a long number, its last: what comes before says the country and the place. Shorter ones are hidden wholly."""
LONG_DIGITS: Final = 7
HIDDEN: Final = "x"


class Masking(StrEnum):
    """What becomes of a number."""

    MASK = "mask"
    """``01391234`` is ``0139xxxx``."""
    REMOVE = "remove"
    """Nothing is left."""

    def of(self, number: str) -> str:
        """What a number becomes; the same if it was that before."""
        if self is Masking.REMOVE:
            return ""
        shown = max(len(number) - HIDDEN_DIGITS, 0) if len(number) >= LONG_DIGITS else 0
        return number[:shown] + HIDDEN * (len(number) - shown)


def masked(records: Iterable[Record], how: Masking) -> list[Record]:
    """All records of one conversation, without the numbers of people outside."""
    held = list(records)
    outside = _outside(held)
    return [_masked(one, outside, how) for one in held]


def _outside(records: Iterable[Record]) -> set[str]:
    found: set[str] = set()
    for one in records:
        if isinstance(one, LegRecord) and not one.inside and one.device != one.trunk:
            found.add(one.device)
        elif isinstance(one, ConversationRecord):
            if one.direction in (Direction.INBOUND, Direction.TANDEM):
                found.add(one.caller)
            if one.direction in (Direction.OUTBOUND, Direction.TANDEM):
                found.add(one.called)
    return found - {""}


def _masked(record: Record, outside: set[str], how: Masking) -> Record:
    def hide(number: str) -> str:
        return how.of(number) if number in outside else number

    match record:
        case ConversationRecord():
            return replace(record, caller=hide(record.caller), called=hide(record.called),
                           first_device=hide(record.first_device), last_device=hide(record.last_device))  # fmt: skip
        case LegRecord():
            return replace(record, device=hide(record.device), ended_by=hide(record.ended_by))
        case SegmentRecord():
            parties = tuple(sorted(filter(None, map(hide, record.parties))))
            return replace(record, parties=parties, device=hide(record.device))
        case IvrSessionRecord():
            return replace(record, digits=how.of(record.digits), destination=hide(record.destination))
        case ProblemRecord():
            text = record.text
            for number in sorted(outside, key=len, reverse=True):
                text = text.replace(number, how.of(number))
            return replace(record, text=text)
        case _:
            return record
