"""Events of the gateway, applied to the conversations they touch.

Time within a conversation never runs backwards: an event counts at the moment when the gateway received it, or at the
last one of the conversation if the machine's clock was set back meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cdr.ledger import roles, timeline
from cdr.ledger.draft import Conversation, Part
from cdr.ledger.matching import Seen, live_connections, match
from cdr.ledger.states import state_of
from cdr.records import Ending, PartState, Role
from model.events import CallEvent, CallEventKind
from model.ids import EventId
from model.states import ConnectionState, PortKind
from model.view import Call, Connection


@dataclass(slots=True)
class Stories:
    """Conversations still open, and which of them each live call belongs to."""

    open: dict[EventId, Conversation] = field(default_factory=dict)
    of_call: dict[EventId, Conversation] = field(default_factory=dict)

    def keep(self, story: Conversation) -> None:
        """A conversation read back from a draft."""
        self.open[story.conversation_id] = story
        for call_id in story.calls:
            self.of_call[call_id] = story

    def take(self, event: CallEvent, at: EventId, kinds: Mapping[str, PortKind]) -> list[Conversation]:
        """Apply an event; the conversations that it touched, those that it ended (``ended``) among them."""
        touched = self._touched(event)
        now = max([event.received_us, *(story.last_us for story in touched)])
        proof = now if event.last_proof_us is None else min(event.last_proof_us, now)
        before = self._before(event)
        if event.kind is CallEventKind.FAILED:
            for story in touched:
                story.failure = event.cause.text
        going, gone, new = match(before, live_connections(event.calls))
        self._go_on(event, at, now, going, kinds)
        for part in gone:
            self._leave(part, event, at, now, proof)
        for call, one in sorted(new, key=_callers_first):
            story = self._story_of(call, now)
            self._join(story, call, one, event, at, now, kinds)
        for story in touched:
            roles.expect(story, event, kinds)
        self._tell_calls(event)
        _count(event, touched)
        for story in touched:
            _renew(story, at, now, proof)
            story.last_us = now
            if not story.calls:
                story.ended = at
                self.open.pop(story.conversation_id, None)
        return touched

    def _touched(self, event: CallEvent) -> list[Conversation]:
        found: dict[EventId, Conversation] = {}
        for call in event.calls:
            for story in (self.of_call.get(call.call_id), self._story_of(call, event.received_us)):
                if story is not None:
                    found[story.conversation_id] = story
        for _, loser in event.joined:
            if (story := self.open.get(loser)) is not None:
                found[loser] = story
        return list(found.values())

    def _story_of(self, call: Call, now: int) -> Conversation:
        story = self.open.get(call.conversation_id)
        if story is None:
            if call.ended and (held := self.of_call.get(call.call_id)) is not None:
                return held
            began = min(call.began_us, now)
            story = Conversation(call.conversation_id, call.calling, call.called, began, began)
            self.open[call.conversation_id] = story
        return story

    def _before(self, event: CallEvent) -> list[Part]:
        parts: list[Part] = []
        for call in event.calls:
            if (story := self.of_call.get(call.call_id)) is not None:
                parts += story.live_in(call.call_id)
        parts.sort(key=lambda part: (part.began, part.ordinal))
        return parts

    def _go_on(
        self,
        event: CallEvent,
        at: EventId,
        now: int,
        going: Iterable[tuple[Part, Call, Connection]],
        kinds: Mapping[str, PortKind],
    ) -> None:
        for part, call, one in going:
            here = self.of_call[part.call_id]
            there = self._story_of(call, now)
            if here is not there:
                here.winner = there.conversation_id
                _end(part, at, now, now, Ending.JOINED, event.cause.text, event.subject)
                waits = part.role in (Role.QUEUE, Role.DISTRIBUTED) and part.answered is None
                role = part.role if waits else _ROLE_OF_JOINED.get(event.kind, Role.OTHER)
                joined = _begin(there, call, one, at, now, part.kind, role)
                joined.unanswered, joined.queue = part.unanswered, part.queue
                continue
            if one.state is ConnectionState.FAIL and part.connection is not ConnectionState.FAIL:
                part.cause = event.cause.text
            part.call_id, part.connection = call.call_id, one.state
            part.key = one.key or part.key
            part.trunk = one.trunk or part.trunk
            if one.device and one.device != part.device:
                part.device, part.kind = one.device, kinds.get(one.device)
            if part.unanswered and event.kind is not CallEventKind.NETWORK_REACHED and _answers(part, event):
                part.unanswered = False

    def _leave(self, part: Part, event: CallEvent, at: EventId, now: int, proof: int) -> None:
        story = self.of_call[part.call_id]
        answered = any(
            other.answered_us is not None and other.role is not Role.CALLER and other is not part
            for other in story.live_in(part.call_id)
        )
        ending = roles.ending_of(part, event, answered, _left_alone(part, story))
        failed = part.connection is ConnectionState.FAIL and part.cause
        _end(part, at, now, proof, ending, part.cause if failed else event.cause.text, roles.ended_by(part, event))

    def _join(
        self,
        story: Conversation,
        call: Call,
        one: Connection,
        event: CallEvent,
        at: EventId,
        now: int,
        kinds: Mapping[str, PortKind],
    ) -> None:
        role = roles.role_of(story, call, one, kinds, event)
        part = _begin(story, call, one, at, now, kinds.get(one.device), role)
        if role is Role.QUEUE:
            story.queue = one.device
        elif role is Role.DISTRIBUTED:
            part.queue = story.queue
        part.unanswered = event.kind is CallEventKind.NETWORK_REACHED and part.is_outside and role is not Role.CALLER
        if one.state is ConnectionState.FAIL:
            part.cause = event.cause.text

    def _tell_calls(self, event: CallEvent) -> None:
        """Which conversation each call is in now, and which calls are over."""
        for call in event.calls:
            before = self.of_call.get(call.call_id)
            story = self._story_of(call, event.received_us)
            if call.ended:
                if before is not None:
                    before.calls.remove(call.call_id)
                    del self.of_call[call.call_id]
            elif before is not story:
                if before is not None:
                    before.calls.remove(call.call_id)
                story.calls.append(call.call_id)
                self.of_call[call.call_id] = story
            if story.called == "":
                story.called = call.called
            if story.calling == "":
                story.calling = call.calling
        for winner, loser in event.joined:
            if (lost := self.open.get(loser)) is not None:
                lost.winner = winner


_ROLE_OF_JOINED: Final = {
    CallEventKind.TRANSFERRED: Role.TRANSFERRED_TO,
    CallEventKind.CONFERENCED: Role.CONFERENCED,
}


def _left_alone(part: Part, story: Conversation) -> bool:
    """Whether the last who left before it was somebody who had answered, and no ringing telephone, queue or space; and
    left by itself: Asterisk may tell first of the one who is hung up on."""
    gone = [one for one in story.parts if one.ended is not None and one is not part and one.call_id == part.call_id]
    last = max(gone, key=lambda one: one.ended or one.began, default=None)
    if part.state is not PartState.ALONE or last is None or last.answered is None:
        return False
    return not last.ended_by or last.ended_by not in (part.device, part.trunk)


def _callers_first(seen: Seen) -> bool:
    call, one = seen
    return one.device != call.calling


def _answers(part: Part, event: CallEvent) -> bool:
    """Whether an event tells that an outside party has answered: by its own name or its trunk's, or by moving it."""
    if event.kind in (CallEventKind.ESTABLISHED, CallEventKind.RETRIEVED):
        return event.subject in (part.device, part.trunk)
    return event.kind is CallEventKind.RECONCILED


def _begin(
    story: Conversation, call: Call, one: Connection, at: EventId, now: int, kind: PortKind | None, role: Role
) -> Part:
    ordinal = sum(1 for part in story.parts if part.began == at)
    part = Part(
        at, ordinal, one.device, one.trunk, one.key, kind, call.call_id, call.call_id, role, "", one.state, now, now
    )
    story.parts.append(part)
    return part


def _end(part: Part, at: EventId, now: int, proof: int, ending: Ending, cause: str, by: str) -> None:
    part.spend(max(part.since_us, min(proof, now)))
    part.spend(now, PartState.UNCERTAIN)
    part.ended_us, part.ended = now, at
    part.ending, part.cause, part.ended_by = ending, cause, by


def _count(event: CallEvent, touched: list[Conversation]) -> None:
    for story in touched:
        if story.winner is None:
            story.transfers += event.kind is CallEventKind.TRANSFERRED
            story.conferences += event.kind is CallEventKind.CONFERENCED


def _renew(story: Conversation, at: EventId, now: int, proof: int) -> None:
    """Everybody's state after the event, and the timeline's."""
    live = story.live()
    for part in live:
        story.expected.pop(part.device, None)  # whoever is there need not be waited for, now or after it has left
    for part in live:
        others = [other for other in live if other is not part and other.call_id == part.call_id]
        state = state_of(part, others, somebody_comes=bool(story.expected))
        if state is not part.state:
            part.spend(max(part.since_us, min(proof, now)))
            part.spend(now, PartState.UNCERTAIN)
            part.state = state
        if part.answered_us is None and state in _ANSWERED:
            part.answered_us, part.answered = now, at
            if part.role is not Role.CALLER:
                story.queue = ""
    timeline.renew(story, now, proof)


_ANSWERED: Final = frozenset({PartState.TALKING, PartState.MENU})
