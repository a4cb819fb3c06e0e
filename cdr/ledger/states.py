"""What a part lives through, derived from its connection and from who else is in its call."""

from collections.abc import Sequence

from cdr.ledger.draft import Part
from cdr.records import PartState, Role
from model.states import ConnectionState, PortKind

_BY_CONNECTION = {
    ConnectionState.INITIATED: PartState.DIALLING,
    ConnectionState.ALERTING: PartState.RINGING,
    ConnectionState.HOLD: PartState.HOLDING,
    ConnectionState.QUEUED: PartState.QUEUED,
    ConnectionState.FAIL: PartState.FAILED,
}


def state_of(part: Part, others: Sequence[Part], *, somebody_comes: bool = False) -> PartState:
    """``others`` are the other live parts of its call. Somebody who talks beats somebody who rings: a caller whose
    second target rings hears the first. ``somebody_comes``: a transfer or a forwarding has named who will ring."""
    by_connection = _BY_CONNECTION.get(part.connection)
    if by_connection is not None:
        return by_connection
    if part.unanswered:
        return PartState.RINGING
    there = {other.connection for other in others if not other.unanswered}
    if ConnectionState.CONNECTED in there:
        if all(_is_menu(other) for other in others if other.connection is ConnectionState.CONNECTED):
            return PartState.MENU
        return PartState.TALKING
    if ConnectionState.ALERTING in there or any(other.unanswered for other in others):
        return PartState.WAITING
    if ConnectionState.QUEUED in there:
        parked = all(other.role is Role.PARKED for other in others if other.connection is ConnectionState.QUEUED)
        return PartState.PARKED if parked else PartState.QUEUED
    if ConnectionState.HOLD in there:
        return PartState.HELD
    if ConnectionState.FAIL in there:
        return PartState.FAILED
    if somebody_comes:
        return PartState.WAITING
    return PartState.ALONE if _has_met_somebody(part) else PartState.DIALLING


def _is_menu(part: Part) -> bool:
    return part.kind is PortKind.IVR


def _has_met_somebody(part: Part) -> bool:
    return part.state is not PartState.DIALLING or any(state is not PartState.DIALLING for state in part.spans)


def credited(parts: Sequence[Part], subject: Part) -> int:
    """The index in the conversation of whom talking seconds belong to: of those who talk with the subject, the
    extension that has been there longest. -1: nobody inside (trunk to trunk)."""
    talking = [
        index
        for index, part in enumerate(parts)
        if part.is_live
        and part is not subject
        and part.is_person
        and part.call_id == subject.call_id
        and part.connection is ConnectionState.CONNECTED
    ]
    return min(talking, key=lambda index: (parts[index].began_us, index), default=-1)
