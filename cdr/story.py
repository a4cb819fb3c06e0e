"""One conversation with everything that belongs to it, as a value and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from cdr.forms import Form, form_of
from cdr.records import (
    ConversationRecord,
    IvrSessionRecord,
    LegRecord,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
)
from cdr.store.reader import Reader

PARTS: Final[dict[str, type[Any]]] = {
    "legs": LegRecord,
    "segments": SegmentRecord,
    "queue_visits": QueueVisitRecord,
    "ivr_sessions": IvrSessionRecord,
    "problems": ProblemRecord,
}


@dataclass(frozen=True, slots=True)
class Story:
    """``parts``: the records of each of ``PARTS``."""

    conversation: ConversationRecord
    parts: Mapping[str, Sequence[Any]]

    @property
    def devices(self) -> set[str]:
        """Everybody who took part."""
        return {self.conversation.caller, *(leg.device for leg in self.parts["legs"])}

    @property
    def records(self) -> list[Record]:
        """All of them."""
        return [self.conversation, *chain.from_iterable(self.parts.values())]

    def form(self) -> Form:
        """``{"conversation": …, "legs": […], …}``."""
        listed = {name: [form_of(one) for one in held] for name, held in self.parts.items()}
        return {"conversation": form_of(self.conversation), **listed}


def story_of(reader: Reader, conversation_id: str) -> Story | None:
    """The conversation's story; None where there is no such conversation."""
    found = next(reader.find(ConversationRecord, [conversation_id]), None)
    if found is None:
        return None
    return Story(found, {name: list(reader.of_conversations(kind, [conversation_id])) for name, kind in PARTS.items()})
