"""What must be true of every conversation's records. What is not is a fault of ours or of the switch: it is told, and
the records are written all the same.
"""

from collections.abc import Iterator

from cdr.ledger.draft import STRETCHES_MAX, Conversation, Part
from cdr.ledger.freezing import lived
from cdr.records import PartState, ProblemRecord
from model.ids import Microseconds


def broken(story: Conversation) -> list[ProblemRecord]:
    """A record for each thing that is not as it must be."""
    return [
        ProblemRecord(
            f"{story.conversation_id}/{code}/{index}",
            str(story.conversation_id),
            code,
            text,
            Microseconds(story.last_us),
        )
        for index, (code, text) in enumerate(_problems(story))
    ]


def _problems(story: Conversation) -> Iterator[tuple[str, str]]:
    if not story.parts:
        yield "nobody_in_it", "no device ever took part"
        return
    for part in story.parts:
        yield from _problems_of(part, story)
    yield from _problems_of_timeline(story)
    if story.truncated:
        yield "timeline_truncated", f"more than {STRETCHES_MAX} stretches; the last one stands for the rest"


def _problems_of(part: Part, story: Conversation) -> Iterator[tuple[str, str]]:
    name = part.device or part.trunk or "a nameless party"
    if part.ended_us is None:
        yield "leg_open", f"{name} never left"
        return
    spent, life = sum(part.spans.values()), part.ended_us - part.began_us
    if spent != life:
        yield "leg_not_tiled", f"{name}: states of {spent} µs in a life of {life} µs"
    if not story.began_us <= part.began_us <= part.ended_us <= story.last_us:
        yield "leg_outside", f"{name} was there at another time than the conversation"
    if part.answered_us is not None and not part.began_us <= part.answered_us <= part.ended_us:
        yield "answered_outside", f"{name} answered at another time than it was there"


def _problems_of_timeline(story: Conversation) -> Iterator[tuple[str, str]]:
    subject, stretches = story.parts[story.subject], lived(story)
    at = story.parts[story.first_subject].began_us
    for one in stretches:
        if one.began_us != at:
            yield "timeline_gap", f"a stretch begins {one.began_us - at} µs after the one before it ended"
        at = one.ended_us
        if one.state is PartState.TALKING and len(one.parties) < 2:
            yield "talk_alone", "a talking stretch with one party"
    if subject.ended_us is not None and at != subject.ended_us:
        yield "timeline_gap", f"the timeline ends {subject.ended_us - at} µs before the party left"
