"""Why a device comes, and how its part ends."""

import pytest

from cdr.ledger import roles
from cdr.ledger.draft import Part
from cdr.records import Ending, Role
from model.causes import Cause
from model.events import CallEventKind
from model.states import ConnectionState, PortKind
from tests.cdr.ledger.parts import ALERTING, FAIL, QUEUED, call, event, outside, part, seen, story

KINDS = {"1000": PortKind.EXT, "1001": PortKind.EXT, "6000": PortKind.QUEUE, "8900": PortKind.IVR}
DELIVERED, CLEARED = CallEventKind.DELIVERED, CallEventKind.CONNECTION_CLEARED


def role(device: str, kind: CallEventKind = DELIVERED, cause: Cause = Cause.NONE, *there: Part,
         state: ConnectionState = ALERTING) -> Role:  # fmt: skip
    one = seen(device, state)
    told = call(1, seen("13800", trunk="T001"), one)
    return roles.role_of(story(*there), told, one, KINDS, event(kind, device, told, cause=cause))


def test_the_caller_and_the_called() -> None:
    first = seen("13800", ConnectionState.CONNECTED, trunk="T001")
    told = call(1, first, seen("1000"))
    assert roles.role_of(story(), told, first, KINDS, event(DELIVERED, "1000", told)) is Role.CALLER
    assert role("1000", DELIVERED, Cause.NEW_CALL, outside()) is Role.CALLED


@pytest.mark.parametrize(
    ("device", "kind", "cause", "expected"),
    [
        ("6000", CallEventKind.QUEUED, Cause.NONE, Role.QUEUE),
        ("8900", DELIVERED, Cause.NONE, Role.MENU),
        ("1001", CallEventKind.ESTABLISHED, Cause.CALL_PICKUP, Role.PICKED_UP),
        ("1001", CallEventKind.ESTABLISHED, Cause.PARK, Role.RETRIEVED),
        ("1001", CallEventKind.CONFERENCED, Cause.CONFERENCE, Role.CONFERENCED),
        ("1001", CallEventKind.TRANSFERRED, Cause.TRANSFER, Role.TRANSFERRED_TO),
        ("1001", DELIVERED, Cause.CONSULTATION, Role.CONSULTED),
    ],
)
def test_by_what_it_is_and_by_the_event(device: str, kind: CallEventKind, cause: Cause, expected: Role) -> None:
    assert role(device, kind, cause, outside()) is expected


def test_a_parking_space() -> None:
    assert role("701", CallEventKind.QUEUED, Cause.PARK, outside(), state=QUEUED) is Role.PARKED


def test_who_was_announced_comes_as_announced() -> None:
    held = story(outside(), part("1000"))
    told = call(1, seen("13800", trunk="T001"))
    roles.expect(held, event(CallEventKind.TRANSFERRED, "1000", told, other="1001"), KINDS)
    assert held.expected == {"1001": Role.TRANSFERRED_TO}
    roles.expect(held, event(CallEventKind.DIVERTED, "1000", told, other="1002"), KINDS)
    assert held.expected["1002"] is Role.FORWARDED
    roles.expect(held, event(CallEventKind.TRANSFERRED, "1000", told, other="6000"), KINDS)
    assert held.queue == "6000"


def test_a_target_that_is_there_before_it_is_announced() -> None:
    held = story(outside(), part("1000"), part("1001", role=Role.OTHER))
    told = call(1, seen("13800", trunk="T001"), seen("1001"))
    late = event(CallEventKind.TRANSFERRED, "1000", told, cause=Cause.SINGLE_STEP_TRANSFER, other="1001")
    roles.expect(held, late, KINDS)
    assert held.expected == {}
    assert held.parts[-1].role is Role.TRANSFERRED_TO


def ending(one: Part, kind: CallEventKind = CLEARED, cause: Cause = Cause.NORMAL_CLEARING, *, subject: str = "",
           other: str | None = None, others_talk: bool = False, left_alone: bool = False) -> Ending:  # fmt: skip
    told = event(kind, subject or one.device, cause=cause, other=other)
    return roles.ending_of(one, told, others_talk, left_alone)


def test_who_hangs_up_and_who_is_left() -> None:
    assert ending(part("1000")) is Ending.HUNG_UP
    assert ending(part("1000"), other="1001") is Ending.OTHERS_LEFT
    assert ending(part("1000"), left_alone=True) is Ending.OTHERS_LEFT
    assert ending(outside(), subject="T001") is Ending.HUNG_UP
    assert ending(part("1000"), CallEventKind.CALL_CLEARED) is Ending.OTHERS_LEFT


@pytest.mark.parametrize(
    ("kind", "cause", "others_talk", "expected"),
    [
        (CLEARED, Cause.NORMAL_CLEARING, False, Ending.NO_ANSWER),
        (CLEARED, Cause.NORMAL_CLEARING, True, Ending.ANSWERED_ELSEWHERE),
        (CLEARED, Cause.CALL_REJECTED, False, Ending.BUSY),
        (CallEventKind.DIVERTED, Cause.CALL_PICKUP, False, Ending.ANSWERED_ELSEWHERE),
        (CallEventKind.DIVERTED, Cause.CALL_FORWARD_NO_ANSWER, False, Ending.NO_ANSWER),
        (CallEventKind.DIVERTED, Cause.REDIRECTED, False, Ending.DIVERTED),
        (CallEventKind.RECONCILED, Cause.RECONCILED, False, Ending.RECONCILED),
    ],
)
def test_what_rings_and_is_not_answered(kind: CallEventKind, cause: Cause, others_talk: bool, expected: Ending) -> None:
    assert ending(part("1000", ALERTING), kind, cause, others_talk=others_talk) is expected


@pytest.mark.parametrize(
    ("cause", "expected"),
    [(Cause.BUSY, Ending.BUSY), (Cause.CALL_NOT_ANSWERED, Ending.NO_ANSWER), (Cause.NONE, Ending.FAILED)],
)
def test_what_failed(cause: Cause, expected: Ending) -> None:
    failed = part("1000", FAIL)
    failed.cause = cause.text
    assert ending(failed) is expected


def test_who_ended_it() -> None:
    assert roles.ended_by(part("1000"), event(CLEARED, "1000", other="1001")) == "1001"
    assert roles.ended_by(part("1000"), event(CLEARED, "1000")) == "1000"
    assert roles.ended_by(part("1000"), event(CallEventKind.DIVERTED, "1000", other="1001")) == "1000"
    assert roles.ended_by(part("1000"), event(CallEventKind.RECONCILED, "1000")) == ""
