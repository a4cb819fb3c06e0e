"""The ledger's memory as text, so that it stands in the database beside the rows and the places in the streams.

A restart reads it back and goes on exactly where the last transaction ended: no event is counted twice, and a call of
many hours loses nothing. What is kept is what has changed since the last batch, one draft for each thing.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import TypeAdapter

from cdr.ledger.desks import Desk, Visit
from cdr.ledger.draft import Conversation
from cdr.ledger.ledger import CTI, IVR, Ledger
from cdr.records import Draft
from model.centre import IvrSession, QueueVisit
from model.ids import EventId
from model.states import PortKind

CONVERSATION: Final = "conversation"
DEVICE: Final = "device"
DESK: Final = "desk"
VISIT: Final = "visit"
FIRST_VISIT: Final = "first_visit"
IVR_SESSION: Final = "ivr_session"
STATE: Final = "state"
"""How far the streams were, and when something was last heard."""

_conversations = TypeAdapter(Conversation)
_desks = TypeAdapter(Desk)
_first_visits = TypeAdapter(Visit)
_visits = TypeAdapter(QueueVisit)
_ivr_sessions = TypeAdapter(IvrSession)
_states = TypeAdapter(dict[str, tuple[int, int]])


class DraftUnreadable(ValueError):
    """A draft in the database is none that this version has written; the text names it."""


class Memory:
    """Which drafts stand in the database, so that what is over is forgotten there too."""

    def __init__(self) -> None:
        self._written: set[tuple[str, str]] = set()

    def changes(self, ledger: Ledger) -> tuple[Draft, ...]:
        """A draft of everything that was touched since the last time; an empty body: forget it."""
        desks, ivr = ledger.desks, ledger.ivr
        found: list[tuple[str, str, bytes]] = []
        for key in ledger.touched:
            story = ledger.unfinished(key)
            found.append((CONVERSATION, str(key), b"" if story is None else _conversations.dump_json(story)))
        for number in ledger.reconfigured:
            kind = ledger.kinds.get(number)
            found.append((DEVICE, number, b"" if kind is None else kind.name.encode()))
        for key in desks.touched_desks:
            desk = desks.desks.get(key)
            found.append((DESK, str(key), b"" if desk is None else _desks.dump_json(desk)))
        for key in desks.touched_visits:
            visit = desks.waiting.get(key)
            found.append((VISIT, str(key), b"" if visit is None else _visits.dump_json(visit)))
        for key in desks.touched_first_visits:
            first = desks.first_visits.get(key)
            found.append((FIRST_VISIT, str(key), b"" if first is None else _first_visits.dump_json(first)))
        for key in ivr.touched:
            session = ivr.running.get(key)
            found.append((IVR_SESSION, str(key), b"" if session is None else _ivr_sessions.dump_json(session)))
        found.append((STATE, STATE, _states.dump_json(_state_of(ledger))))
        for touched in (ledger.touched, ledger.reconfigured, desks.touched_desks, desks.touched_visits,
                        desks.touched_first_visits, ivr.touched):  # fmt: skip
            touched.clear()
        return tuple(self._noted(found))

    def _noted(self, found: Iterable[tuple[str, str, bytes]]) -> Iterator[Draft]:
        for kind, key, body in found:
            if body:
                self._written.add((kind, key))
            elif (kind, key) in self._written:
                self._written.remove((kind, key))
            else:
                continue  # it came and went between two batches
            yield Draft(kind, key, body.decode())

    def remember(self, ledger: Ledger, drafts: Iterable[Draft]) -> None:
        """Give a fresh ledger what was written; ``DraftUnreadable`` names the one that cannot be read."""
        conversations: list[Conversation] = []
        for draft in drafts:
            self._written.add((draft.kind, draft.key))
            try:
                self._remember_one(ledger, draft, conversations)
            except (ValueError, KeyError) as error:
                raise DraftUnreadable(f"draft {draft.kind} {draft.key}: {error}") from error
        for story in sorted(conversations, key=lambda one: one.ended or one.conversation_id):
            ledger.keep(story)

    @staticmethod
    def _remember_one(ledger: Ledger, draft: Draft, conversations: list[Conversation]) -> None:
        match draft.kind:
            case "conversation":
                conversations.append(_conversations.validate_json(draft.body))
            case "device":
                ledger.kinds[draft.key] = PortKind[draft.body]
            case "desk":
                ledger.desks.keep(_desks.validate_json(draft.body))
            case "visit":
                visit = _visits.validate_json(draft.body)
                ledger.desks.waiting[visit.visit_id] = visit
            case "first_visit":
                first = _first_visits.validate_json(draft.body)
                ledger.desks.first_visits[first.conversation_id] = first
            case "ivr_session":
                session = _ivr_sessions.validate_json(draft.body)
                ledger.ivr.running[session.session_id] = session
            case "state":
                state = _states.validate_json(draft.body)
                ledger.taken = EventId(*state["taken"])
                ledger.desks.mark, ledger.ivr.mark = EventId(*state[CTI]), EventId(*state[IVR])
                ledger.heard_us = state["heard"][1]
            case _:
                raise KeyError(f"unknown kind {draft.kind!r}")


def _state_of(ledger: Ledger) -> dict[str, tuple[int, int]]:
    return {
        "taken": (ledger.taken.epoch, ledger.taken.number),
        CTI: (ledger.desks.mark.epoch, ledger.desks.mark.number),
        IVR: (ledger.ivr.mark.epoch, ledger.ivr.mark.number),
        "heard": (0, ledger.heard_us),
    }
