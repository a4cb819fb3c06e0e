"""What became of a conversation, from how its first party left. The rows themselves are held by the cases."""

import pytest

from cdr.ledger import freezing
from cdr.ledger.draft import Conversation, Stretch
from cdr.records import Direction, Ending, PartState, Result, Role, Where
from model.causes import Cause
from tests.cdr.ledger.parts import SECOND, outside, part, story


def left(state: PartState, ending: Ending = Ending.HUNG_UP, *, talked: bool = False, cause: str = "") -> Conversation:
    """A caller from outside who left in this state."""
    caller = outside()
    caller.state, caller.ending, caller.ended_us, caller.cause = state, ending, 9 * SECOND, cause
    held = story(caller, part("1000", began=2))
    held.subject = held.first_subject = 0
    held.stretches.append(Stretch(state, SECOND, 9 * SECOND, (), -1, ""))
    held.talked_us = 2 * SECOND if talked else None
    return held


@pytest.mark.parametrize(
    ("held", "result", "where"),
    [
        (left(PartState.TALKING, talked=True), Result.ANSWERED, Where.NOWHERE),
        (left(PartState.HELD, talked=True), Result.ABANDONED, Where.HOLD),
        (left(PartState.PARKED, talked=True), Result.ABANDONED, Where.HOLD),
        (left(PartState.WAITING, talked=True), Result.ABANDONED, Where.RINGING),
        (left(PartState.HELD, Ending.OTHERS_LEFT, talked=True), Result.ANSWERED, Where.NOWHERE),
        (left(PartState.WAITING), Result.ABANDONED, Where.RINGING),
        (left(PartState.QUEUED), Result.ABANDONED, Where.QUEUE),
        (left(PartState.MENU), Result.ABANDONED, Where.MENU),
        (left(PartState.MENU, Ending.OTHERS_LEFT), Result.ANSWERED, Where.NOWHERE),
        (left(PartState.WAITING, Ending.OTHERS_LEFT), Result.NO_ANSWER, Where.NOWHERE),
        (left(PartState.FAILED, cause=Cause.BUSY.text), Result.BUSY, Where.NOWHERE),
        (left(PartState.FAILED, cause=Cause.TRUNKS_BUSY.text), Result.BLOCKED, Where.NOWHERE),
        (left(PartState.FAILED, cause=Cause.CALL_NOT_ANSWERED.text), Result.NO_ANSWER, Where.NOWHERE),
        (left(PartState.FAILED, cause=Cause.NUMBER_UNALLOCATED.text), Result.FAILED, Where.NOWHERE),
        (left(PartState.QUEUED, Ending.RECONCILED), Result.RECONCILED, Where.NOWHERE),
        (left(PartState.DIALLING, cause=Cause.CALL_PICKUP.text), Result.JOINED, Where.NOWHERE),
    ],
)
def test_what_became_of_it(held: Conversation, result: Result, where: Where) -> None:
    assert freezing.result_of(held, freezing.lived(held)) == (result, where)


def test_a_conversation_without_a_party_failed() -> None:
    assert freezing.result_of(story(), []) == (Result.FAILED, Where.NOWHERE)


@pytest.mark.parametrize(
    ("parts", "direction"),
    [
        ([outside(), part("1000")], Direction.INBOUND),
        ([outside(), outside("139", "T002", role=Role.CALLED)], Direction.TANDEM),
        ([part("1000", role=Role.CALLER), outside("139", role=Role.CALLED)], Direction.OUTBOUND),
        ([part("1000", role=Role.CALLER), part("1001")], Direction.INTERNAL),
        ([part("1000", role=Role.CALLER), outside("139", role=Role.CONFERENCED)], Direction.INTERNAL),
        ([], Direction.INTERNAL),
    ],
)
def test_directions(parts: list[object], direction: Direction) -> None:
    assert freezing.direction_of(story(*parts)) is direction  # type: ignore[arg-type]


def test_asked_twice_it_says_the_same() -> None:
    held = left(PartState.TALKING, talked=True)
    assert freezing.conversation(held, "s/g", "", ()) == freezing.conversation(held, "s/g", "", ())
    assert freezing.legs(held, ("cti",))[0].complete is False
    assert [one.segment_id for one in freezing.segments(held)] == ["1:1/0"]
