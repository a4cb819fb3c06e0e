"""A conversation that has ended becomes its records. Pure arithmetic on a draft: asked twice, it says the same."""

from cdr.ledger.draft import Conversation, Part, Stretch
from cdr.ledger.roles import BLOCKED, BUSY, UNANSWERED
from cdr.records import (
    ConversationRecord,
    Direction,
    Ending,
    LegRecord,
    PartState,
    Result,
    Role,
    SegmentRecord,
    Spans,
    Where,
)
from model.causes import Cause
from model.ids import Microseconds

_WHERE = {
    PartState.DIALLING: Where.DIALLING,
    PartState.MENU: Where.MENU,
    PartState.QUEUED: Where.QUEUE,
    PartState.PARKED: Where.HOLD,
    PartState.HELD: Where.HOLD,
    PartState.WAITING: Where.RINGING,
    PartState.RINGING: Where.RINGING,
}
"""Where a caller is who leaves in this state, and has not been talked to the end."""
_WENT_ON = frozenset({Cause.CALL_PICKUP.text, Cause.PARK.text})
"""Why the little call ends by which somebody picked up or fetched another."""


def conversation(story: Conversation, stream: str, queue: str, missing: tuple[str, ...]) -> ConversationRecord:
    """The row of the conversation. ``queue``: the first one by what the CTI server told, if any."""
    parts = story.parts
    subject = parts[story.first_subject] if story.first_subject >= 0 else None
    stretches = lived(story)
    outside = next((part for part in parts if part.is_outside), None)
    people = [part for part in parts if part.is_person and part.answered_us is not None and part is not subject]
    answered_us = story.talked_us
    result, where = result_of(story, stretches)
    spent = {state: sum(one.ended_us - one.began_us for one in stretches if one.state is state) for state in PartState}
    ended_us = max((part.ended_us or story.last_us for part in parts), default=story.last_us)
    return ConversationRecord(
        conversation_id=str(story.conversation_id),
        stream=stream,
        direction=direction_of(story),
        caller=story.calling or next((part.device for part in parts if part.role is Role.CALLER), ""),
        called=story.called,
        trunk=outside.trunk if outside is not None else "",
        first_device=people[0].device if people else "",
        first_agent=people[0].agent or "" if people else "",
        last_device=people[-1].device if people else "",
        last_agent=people[-1].agent or "" if people else "",
        queue=queue or next((name for part in parts if (name := queue_of(part))), ""),
        result=result,
        abandoned_where=where,
        cause=subject.cause if subject is not None else "",
        began_us=Microseconds(story.began_us),
        answered_us=None if answered_us is None else Microseconds(answered_us),
        ended_us=Microseconds(ended_us),
        waiting_us=spent[PartState.WAITING] + spent[PartState.RINGING] + spent[PartState.DIALLING],
        menu_us=spent[PartState.MENU],
        queued_us=spent[PartState.QUEUED],
        talking_us=spent[PartState.TALKING],
        held_us=spent[PartState.HELD] + spent[PartState.PARKED],
        uncertain_us=spent[PartState.UNCERTAIN],
        transfers=story.transfers,
        conferences=story.conferences,
        winner_id="" if story.winner is None else str(story.winner),
        revision=story.revision,
        complete=not missing,
        missing=missing,
    )


def queue_of(part: Part) -> str:
    """The switch's queue that a part is, or comes from."""
    return part.device if part.role is Role.QUEUE else part.queue


def lived(story: Conversation) -> list[Stretch]:
    """The stretches that took any time."""
    return [one for one in story.stretches if one.ended_us > one.began_us]


def direction_of(story: Conversation) -> Direction:
    """By the first party and by the first one that it met."""
    first = next((part for part in story.parts if part.role is Role.CALLER), story.parts[0] if story.parts else None)
    if first is None:
        return Direction.INTERNAL
    others = [part for part in story.parts if part is not first]
    if first.is_outside:
        return Direction.TANDEM if others and all(part.is_outside for part in others) else Direction.INBOUND
    called = next((part for part in others if part.role is not Role.CONFERENCED), None)
    return Direction.OUTBOUND if called is not None and called.is_outside else Direction.INTERNAL


def result_of(story: Conversation, stretches: list[Stretch]) -> tuple[Result, Where]:
    """What became of it, and where a caller was who gave up."""
    if story.first_subject < 0:
        return Result.FAILED, Where.NOWHERE
    subject = story.parts[story.first_subject]
    last = _last_state(stretches, subject)
    left = subject.ending is Ending.HUNG_UP
    if story.talked_us is not None:
        subject = story.parts[story.subject]
        gave_up = subject.ending is Ending.HUNG_UP and last in (
            PartState.HELD,
            PartState.PARKED,
            PartState.QUEUED,
            PartState.WAITING,
        )
        return (Result.ABANDONED, _WHERE[last]) if gave_up else (Result.ANSWERED, Where.NOWHERE)
    if story.winner is not None or subject.cause in _WENT_ON:
        return Result.JOINED, Where.NOWHERE
    if subject.ending is Ending.RECONCILED:
        return Result.RECONCILED, Where.NOWHERE
    if last is PartState.FAILED or story.failure:
        return _failure(story.failure or subject.cause), Where.NOWHERE
    if subject.role is not Role.CALLER:
        return _unanswered(subject), Where.NOWHERE
    rang = last is PartState.WAITING
    if left and (not rang or _is_waited_for(story)):
        return Result.ABANDONED, _WHERE.get(last, Where.NOWHERE)
    if last is PartState.MENU:
        return Result.ANSWERED, Where.NOWHERE  # served by the menu, which hung up
    return (Result.NO_ANSWER if rang or last is PartState.QUEUED else Result.FAILED), Where.NOWHERE


def _last_state(stretches: list[Stretch], subject: Part) -> PartState:
    """What the party lived through last, but for the moment in which everybody else had left already."""
    if subject.state not in (PartState.UNCERTAIN, PartState.ALONE):
        return subject.state
    lasting = (one.state for one in reversed(stretches) if one.state not in (PartState.UNCERTAIN, PartState.ALONE))
    return next(lasting, subject.state)


def _is_waited_for(story: Conversation) -> bool:
    """Whether hanging up while it rings is a call lost to the centre, and not a caller of ours who gives up."""
    queued = any(part.role in (Role.QUEUE, Role.MENU, Role.DISTRIBUTED) for part in story.parts)
    return queued or direction_of(story) in (Direction.INBOUND, Direction.TANDEM)


def _failure(cause: str) -> Result:
    if cause in BUSY:
        return Result.BUSY
    if cause in UNANSWERED:
        return Result.NO_ANSWER
    return Result.BLOCKED if cause in BLOCKED else Result.FAILED


def _unanswered(called: Part) -> Result:
    """An outside party that was called: it never answered."""
    if called.ending is Ending.BUSY:
        return Result.BUSY
    failure = _failure(called.cause)
    return Result.NO_ANSWER if failure is Result.FAILED else failure


def legs(story: Conversation, missing: tuple[str, ...]) -> list[LegRecord]:
    """A row for each device's part, in the order in which they began."""
    return [_leg(story, part, missing) for part in story.parts]


def _leg(story: Conversation, part: Part, missing: tuple[str, ...]) -> LegRecord:
    return LegRecord(
        leg_id=f"{part.began}/{part.ordinal}",
        conversation_id=str(story.conversation_id),
        first_call_id=str(part.first_call_id),
        last_call_id=str(part.call_id),
        device=part.device,
        trunk=part.trunk,
        inside=not part.is_outside,
        role=part.role,
        agent=part.agent or "",
        began_us=Microseconds(part.began_us),
        answered_us=None if part.answered_us is None else Microseconds(part.answered_us),
        ended_us=Microseconds(story.last_us if part.ended_us is None else part.ended_us),
        spans=Spans(**{f"{state.value}_us": spent for state, spent in part.spans.items()}),
        wrap_up_us=part.wrap_up_us,
        ending=part.ending,
        cause=part.cause,
        ended_by=part.ended_by,
        revision=story.revision,
        complete=not missing,
    )


def segments(story: Conversation) -> list[SegmentRecord]:
    """The timeline."""
    return [
        SegmentRecord(
            segment_id=f"{story.conversation_id}/{index}",
            conversation_id=str(story.conversation_id),
            state=one.state,
            began_us=Microseconds(one.began_us),
            ended_us=Microseconds(one.ended_us),
            parties=one.parties,
            device=story.parts[one.credited].device if one.credited >= 0 else "",
            agent=story.parts[one.credited].agent or "" if one.credited >= 0 else "",
            queue=one.queue,
            certain=one.state is not PartState.UNCERTAIN,
            revision=story.revision,
        )
        for index, one in enumerate(lived(story))
    ]
