"""What a part lives through, from its connection and those of the others."""

import pytest

from cdr.ledger.draft import Part
from cdr.ledger.states import credited, state_of
from cdr.records import PartState, Role
from model.states import ConnectionState, PortKind
from tests.cdr.ledger.parts import ALERTING, CONNECTED, FAIL, HOLD, QUEUED, outside, part, story

REACHED = part("13900", kind=None, trunk="T001")
REACHED.unanswered = True


@pytest.mark.parametrize(
    ("others", "state"),
    [
        ([], PartState.DIALLING),
        ([part("1001")], PartState.TALKING),
        ([part("1001"), part("1002", ALERTING)], PartState.TALKING),
        ([part("1001", ALERTING)], PartState.WAITING),
        ([part("1001", HOLD)], PartState.HELD),
        ([part("6000", QUEUED, role=Role.QUEUE)], PartState.QUEUED),
        ([part("6000", QUEUED, role=Role.QUEUE), part("1001", ALERTING)], PartState.WAITING),
        ([part("701", QUEUED, role=Role.PARKED)], PartState.PARKED),
        ([part("8900", kind=PortKind.IVR)], PartState.MENU),
        ([part("8900", kind=PortKind.IVR), part("1001")], PartState.TALKING),
        ([part("1001", FAIL)], PartState.FAILED),
        ([REACHED], PartState.WAITING),
    ],
)
def test_who_is_connected(others: list[Part], state: PartState) -> None:
    assert state_of(outside(), others) is state


@pytest.mark.parametrize(
    ("connection", "state"),
    [
        (ConnectionState.INITIATED, PartState.DIALLING),
        (ALERTING, PartState.RINGING),
        (HOLD, PartState.HOLDING),
        (QUEUED, PartState.QUEUED),
        (FAIL, PartState.FAILED),
    ],
)
def test_who_is_not(connection: ConnectionState, state: PartState) -> None:
    assert state_of(part("1000", connection), [part("1001")]) is state


def test_an_outside_party_that_has_not_answered_rings() -> None:
    assert state_of(REACHED, [part("1000")]) is PartState.RINGING


def test_who_is_left_alone_after_having_met_somebody() -> None:
    left = part("1000", state=PartState.TALKING)
    assert state_of(left, []) is PartState.ALONE
    assert state_of(left, [], somebody_comes=True) is PartState.WAITING


def test_talk_is_credited_to_the_extension_that_has_been_there_longest() -> None:
    customer, first, second = outside(), part("1000", began=2), part("1001", began=3)
    held = story(customer, second, first)
    assert held.parts[credited(held.parts, customer)] is first
    first.connection = HOLD
    assert held.parts[credited(held.parts, customer)] is second
    assert credited([customer, outside("139", "T002", began=2)], customer) == -1


def test_connected_is_not_held_against_somebody_of_another_call() -> None:
    customer, elsewhere = outside(), part("1000", CONNECTED, call=2)
    assert credited([customer, elsewhere], customer) == -1
