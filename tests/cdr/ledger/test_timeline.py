"""What the first outside party lives through tiles its life."""

from cdr.ledger import timeline
from cdr.records import Ending, PartState, Role
from tests.cdr.ledger.parts import HOLD, SECOND, outside, part, story


def test_stretches_follow_one_another() -> None:
    customer, agent = outside(), part("1000", began=1)
    held = story(customer, agent)
    customer.state = PartState.WAITING
    timeline.renew(held, 1 * SECOND, 1 * SECOND)
    customer.state = PartState.TALKING
    timeline.renew(held, 4 * SECOND, 4 * SECOND)
    agent.connection, customer.state = HOLD, PartState.HELD
    timeline.renew(held, 9 * SECOND, 9 * SECOND)
    customer.ended_us = 12 * SECOND
    timeline.renew(held, 12 * SECOND, 12 * SECOND)
    assert [(one.state, one.began_us // SECOND, one.ended_us // SECOND, one.credited) for one in held.stretches] == [
        (PartState.WAITING, 1, 4, -1),
        (PartState.TALKING, 4, 9, 1),
        (PartState.HELD, 9, 12, -1),
    ]
    assert held.talked_us == 4 * SECOND


def test_what_lies_behind_the_last_proof_is_uncertain() -> None:
    customer = outside()
    held = story(customer, part("1000"))
    customer.state = PartState.TALKING
    timeline.renew(held, 1 * SECOND, 1 * SECOND)
    customer.ended_us = 9 * SECOND
    timeline.renew(held, 9 * SECOND, 6 * SECOND)
    assert [(one.state, one.ended_us // SECOND) for one in held.stretches] == [
        (PartState.TALKING, 6),
        (PartState.UNCERTAIN, 9),
    ]


def test_an_outside_party_takes_over_while_nobody_has_talked() -> None:
    caller = part("1000", role=Role.CALLER)
    held = story(caller)
    timeline.renew(held, 1 * SECOND, 1 * SECOND)
    called = outside("13900", role=Role.CALLED, began=3)
    called.state = PartState.RINGING
    held.parts.append(called)
    timeline.renew(held, 3 * SECOND, 3 * SECOND)
    assert held.parts[held.subject] is called
    assert held.stretches[0].began_us == 3 * SECOND


def test_an_inside_caller_who_gives_the_call_away_is_followed_by_who_stays() -> None:
    caller, other = part("1000", role=Role.CALLER), part("1001")
    held = story(caller, other)
    caller.state = PartState.TALKING
    timeline.renew(held, 1 * SECOND, 1 * SECOND)
    caller.ended_us, caller.ending = 5 * SECOND, Ending.TRANSFERRED
    other.state = PartState.WAITING
    timeline.renew(held, 5 * SECOND, 5 * SECOND)
    assert held.parts[held.subject] is other
    assert held.parts[held.first_subject] is caller
    assert [one.state for one in held.stretches] == [PartState.TALKING, PartState.WAITING]


def test_a_conversation_without_anybody_has_no_timeline() -> None:
    held = story()
    timeline.renew(held, SECOND, SECOND)
    assert held.stretches == []
