"""Stays in queues of the switch itself, read from the parts of a conversation; the CTI server tells those in its own.

A stay begins with the queue's part, or, where the switch finds somebody at once and never says *queued*, with the first
telephone that it chose. It goes on over telephones that do not answer, until one does.
"""

from dataclasses import dataclass, field

from cdr.ledger.draft import Conversation, Part
from cdr.records import Ending, QueueVisitRecord, Role
from model.centre import VisitOutcome
from model.ids import Microseconds


@dataclass(slots=True)
class _Stay:
    first: Part
    queue: str
    parts: list[Part] = field(default_factory=list)
    chosen: list[Part] = field(default_factory=list)

    @property
    def taker(self) -> Part | None:
        return next((part for part in self.chosen if part.answered_us is not None), None)

    @property
    def left_us(self) -> int:
        return max(part.ended_us or part.began_us for part in (*self.parts, *self.chosen))


def visits(story: Conversation, missing: tuple[str, ...]) -> list[QueueVisitRecord]:
    """A row for each stay, in the order in which they began."""
    stays = _stays(story)
    return [_record(story, stay, missing, is_last=stay is stays[-1]) for stay in stays]


def _stays(story: Conversation) -> list[_Stay]:
    stays: list[_Stay] = []
    for part in story.parts:
        here = stays[-1] if stays and stays[-1].taker is None else None
        if part.role is Role.QUEUE:
            if here is None or here.queue != part.device:
                here = _Stay(part, part.device)
                stays.append(here)
            here.parts.append(part)
        elif part.role is Role.DISTRIBUTED:
            if here is None:
                here = _Stay(part, part.queue)
                stays.append(here)
            here.chosen.append(part)
    return stays


def _record(story: Conversation, stay: _Stay, missing: tuple[str, ...], *, is_last: bool) -> QueueVisitRecord:
    taker = stay.taker
    left_us = stay.left_us if taker is None or taker.answered_us is None else taker.answered_us
    return QueueVisitRecord(
        visit_id=f"{stay.first.began}/{stay.first.ordinal}",
        conversation_id=str(story.conversation_id),
        source="gateway",
        queue=stay.queue,
        outcome=_outcome(story, stay, is_last=is_last).name.lower(),
        agent="" if taker is None else taker.agent or "",
        device="" if taker is None else taker.device,
        entered_us=Microseconds(stay.first.began_us),
        left_us=Microseconds(left_us),
        priority=0,
        position=0,
        offers=len(stay.chosen),
        revision=story.revision,
        complete=not missing,
    )


def _outcome(story: Conversation, stay: _Stay, *, is_last: bool) -> VisitOutcome:
    if stay.taker is not None:
        return VisitOutcome.ANSWERED
    last = (stay.chosen or stay.parts)[-1]
    if last.ending is Ending.RECONCILED:
        return VisitOutcome.LOST
    if not is_last:
        return VisitOutcome.OVERFLOWED
    subject = story.parts[story.first_subject]
    here_at_the_end = subject.ended_us is not None and subject.ended_us >= stay.left_us
    if subject.ending is Ending.HUNG_UP and here_at_the_end and story.parts[-1] in (*stay.parts, *stay.chosen):
        return VisitOutcome.ABANDONED
    return VisitOutcome.TAKEN_AWAY
