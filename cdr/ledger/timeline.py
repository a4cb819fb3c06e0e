"""What the first outside party lives through, stretch after stretch, without a gap and without overlap.

In an internal conversation it is the caller, and after a transfer by the caller whoever stays. An outside party that
comes later (an outbound call) takes over as long as nobody has talked yet: what went before was dialling, and is in the
caller's own part.
"""

from cdr.ledger.draft import STRETCHES_MAX, Conversation, Part, Stretch
from cdr.ledger.states import credited
from cdr.records import Ending, PartState, Role
from model.states import ConnectionState


def renew(story: Conversation, now: int, proof: int) -> None:
    """The timeline up to ``now``; what lies between ``proof`` and ``now`` is uncertain where something changed."""
    _choose_subject(story, now)
    if story.subject < 0:
        return
    _hand_over(story, now)
    subject = story.parts[story.subject]
    if subject.state is PartState.TALKING and story.talked_us is None:
        story.talked_us = now
    last = story.stretches[-1] if story.stretches else None
    if subject.ended_us is not None:
        if last is not None and last.ended_us < subject.ended_us:
            _prolong(story, last, now, proof)
        return
    here = _stretch(story, subject, now)
    if last is None:
        story.stretches.append(here)
    elif last.continues(here):
        last.ended_us = now
    elif len(story.stretches) >= STRETCHES_MAX:
        last.ended_us, story.truncated = now, True
    else:
        _prolong(story, last, now, proof)
        if last.began_us == now:
            del story.stretches[-1]  # nothing of it was lived
        before = story.stretches[-1] if story.stretches else None
        if before is not None and before.continues(here):
            before.ended_us = now
        else:
            story.stretches.append(here)


def _choose_subject(story: Conversation, now: int) -> None:
    if not story.parts:
        return
    if story.subject < 0:
        story.subject = story.first_subject = 0
    if story.parts[story.subject].is_outside or story.talked_us is not None:
        return
    for index, part in enumerate(story.parts):
        if part.is_outside and part.is_live and part.role is not Role.PARKED:
            story.subject = story.first_subject = index
            story.stretches.clear()
            if part.began_us < now:
                story.stretches.append(Stretch(part.state, part.began_us, now, (), -1, ""))
            return


def _hand_over(story: Conversation, now: int) -> None:
    """An inside party that gave the call away, or left a conference of others, is followed by who has been there
    longest of those who stay."""
    subject = story.parts[story.subject]
    if subject.ended_us != now or subject.is_outside:
        return
    stay = [
        index
        for index, part in enumerate(story.parts)
        if part.is_live and part.role not in (Role.QUEUE, Role.PARKED, Role.MENU)
    ]
    gave_away = subject.ending in (Ending.TRANSFERRED, Ending.DIVERTED)
    if stay and (gave_away or len(stay) > 1):
        story.subject = stay[0]


def _stretch(story: Conversation, subject: Part, now: int) -> Stretch:
    there = [part for part in story.parts if part.is_live and part.call_id == subject.call_id]
    talks = subject.state is PartState.TALKING
    parties = tuple(
        sorted(
            part.device or part.trunk
            for part in there
            if not talks or (part.connection is ConnectionState.CONNECTED and not part.unanswered)
        )
    )
    owner = credited(story.parts, subject) if talks else -1
    queue = next((part.device for part in there if part.role is Role.QUEUE), "")
    return Stretch(subject.state, now, now, parties, owner, queue)


def _prolong(story: Conversation, last: Stretch, now: int, proof: int) -> None:
    """The last stretch lasted until now, as far as that is certain."""
    last.ended_us = max(last.began_us, min(proof, now))
    if last.ended_us < now:
        story.stretches.append(
            Stretch(PartState.UNCERTAIN, last.ended_us, now, last.parties, last.credited, last.queue)
        )
