"""Who worked where: agent sessions, their periods, and what they add to conversations: agents, wrap-up, queues.

The streams of gateway and CTI server are joined by numbers, never by clocks. Each event of the CTI server says what it
had ``seen`` of the gateway's stream; ``mark`` is how far of that it has certainly said everything. Work that belongs to
a conversation counts for it if it was told before the mark passed the conversation's end: a rule that gives the same
answer however late either stream is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from cdr.records import AgentPeriodRecord, AgentSessionRecord, QueueVisitRecord, Record
from model.centre import AgentSession, AgentState, CentreSnapshot, QueueVisit, VisitOutcome
from model.centre_events import AgentEvent, AgentEventKind, SeenEvent, VisitEvent, VisitEventKind
from model.ids import EventId, Microseconds

NOTHING_SEEN: Final = EventId(0, 0)
LOST_SIGHT_OF: Final = "lost sight of"
"""The reason of what was gone when a stream came back that had lost something."""


@dataclass(slots=True)
class WrapUp:
    """Work after a conversation; ``told_at`` is the mark before it was told. ``ended_us`` None: it goes on."""

    conversation_id: EventId
    told_at: EventId
    began_us: int
    ended_us: int | None = None


@dataclass(slots=True)
class Desk:
    """An agent's session: as it was told last, and between which numbers of the gateway's stream it was. ``period`` is
    the identity of the stretch that goes on."""

    session: AgentSession
    came: EventId
    period: str
    left: EventId | None = None
    wrap_ups: list[WrapUp] = field(default_factory=list)
    whole: bool = True

    def was_there(self, at: EventId) -> bool:
        """Whether the agent was logged in when the gateway said this."""
        return self.came <= at and (self.left is None or at < self.left)


@dataclass(slots=True)
class Visit:
    """The first queue of the CTI server that a conversation came to; ``told_at`` is the mark before it was told."""

    conversation_id: EventId
    queue: str
    told_at: EventId


@dataclass(slots=True)
class Desks:
    """Everything the CTI server has told that may still matter."""

    mark: EventId = NOTHING_SEEN
    desks: dict[EventId, Desk] = field(default_factory=dict)
    at_device: dict[str, list[Desk]] = field(default_factory=dict)
    first_visits: dict[EventId, Visit] = field(default_factory=dict)
    wrapping: dict[EventId, list[WrapUp]] = field(default_factory=dict)
    """Work that goes on, by the conversation it comes after."""
    waiting: dict[EventId, QueueVisit] = field(default_factory=dict)
    """Visits that go on."""

    touched_desks: set[EventId] = field(default_factory=set)
    touched_visits: set[EventId] = field(default_factory=set)
    touched_first_visits: set[EventId] = field(default_factory=set)
    """What has changed since the last batch."""

    def keep(self, desk: Desk) -> None:
        """A session that begins, or is read back from a draft."""
        self.desks[desk.session.session_id] = desk
        self.at_device.setdefault(desk.session.device, []).append(desk)
        for wrap_up in desk.wrap_ups:
            if wrap_up.ended_us is None:
                self.wrapping.setdefault(wrap_up.conversation_id, []).append(wrap_up)

    def seen(self, event: AgentEvent | VisitEvent | SeenEvent) -> None:
        """Move the mark: an event may be followed by others of the same ``seen``, a SeenEvent is not."""
        mark = event.seen if isinstance(event, SeenEvent) else EventId(event.seen.epoch, max(event.seen.number - 1, 0))
        self.mark = max(self.mark, mark)

    def take_agent(self, event: AgentEvent, period: str) -> list[Record]:
        """An agent's event, which begins a ``period``; the records that it closes."""
        session = event.session
        self.touched_desks.add(session.session_id)
        desk = self.desks.get(session.session_id)
        if desk is None:
            began_here = event.kind is AgentEventKind.AGENT_LOGGED_IN
            desk = Desk(session, event.seen, period, whole=began_here)
            self.keep(desk)
            self._begin_wrap_up(desk, event)
            return [self.session_record(desk)]
        records: list[Record] = [self._period(desk, event.received_us)]
        if desk.wrap_ups and desk.wrap_ups[-1].ended_us is None:
            self._end_wrap_up(desk.wrap_ups[-1], event.received_us)
        if session.device != desk.session.device:
            self.at_device[desk.session.device].remove(desk)
            self.at_device.setdefault(session.device, []).append(desk)
        desk.session, desk.period = session, period
        if event.kind is AgentEventKind.AGENT_LOGGED_OUT:
            desk.left = event.seen
            records.append(self.session_record(desk, event.received_us))
        else:
            self._begin_wrap_up(desk, event)
        return records

    def _begin_wrap_up(self, desk: Desk, event: AgentEvent) -> None:
        session = event.session
        if session.state is AgentState.WRAP_UP and session.conversation_id is not None:
            begun = WrapUp(session.conversation_id, self.mark, event.received_us)
            desk.wrap_ups.append(begun)
            self.wrapping.setdefault(begun.conversation_id, []).append(begun)

    def _end_wrap_up(self, wrap_up: WrapUp, now: int) -> None:
        wrap_up.ended_us = now
        others = self.wrapping[wrap_up.conversation_id]
        others.remove(wrap_up)
        if not others:
            del self.wrapping[wrap_up.conversation_id]

    def session_record(self, desk: Desk, ended_us: Microseconds | None = None) -> AgentSessionRecord:
        """The row of a session: when it begins, and again when it ends."""
        session = desk.session
        return AgentSessionRecord(
            session_id=str(session.session_id),
            agent=session.agent,
            name=session.name,
            device=session.device,
            began_us=session.began_us,
            ended_us=ended_us,
            reason=session.reason if ended_us is not None else "",
            revision=1 if ended_us is None else 2,
            complete=desk.whole,
        )

    @staticmethod
    def _period(desk: Desk, ended_us: Microseconds) -> AgentPeriodRecord:
        session = desk.session
        return AgentPeriodRecord(
            period_id=desk.period,
            session_id=str(session.session_id),
            agent=session.agent,
            device=session.device,
            state=session.state.name.lower(),
            reason=session.reason,
            conversation_id="" if session.conversation_id is None else str(session.conversation_id),
            began_us=session.since_us,
            ended_us=Microseconds(max(ended_us, session.since_us)),
            complete=desk.whole,
        )

    def take_visit(self, event: VisitEvent, *, complete: bool = True) -> list[Record]:
        """A queue's event; the record of a visit that it ends."""
        visit = event.visit
        self.touched_visits.add(visit.visit_id)
        if visit.conversation_id not in self.first_visits:
            self.touched_first_visits.add(visit.conversation_id)
            self.first_visits[visit.conversation_id] = Visit(visit.conversation_id, visit.queue, self.mark)
        if event.kind is not VisitEventKind.QUEUE_LEFT:
            self.waiting[visit.visit_id] = visit
            return []
        self.waiting.pop(visit.visit_id, None)
        return [
            QueueVisitRecord(
                visit_id=str(visit.visit_id),
                conversation_id=str(visit.conversation_id),
                source="cti",
                queue=visit.queue,
                outcome=visit.outcome.name.lower(),
                agent=visit.agent,
                device=visit.device,
                entered_us=visit.entered_us,
                left_us=visit.left_us if visit.left_us is not None else event.received_us,
                priority=visit.priority,
                position=visit.position,
                offers=visit.offers,
                complete=complete,
            )
        ]

    def take_snapshot(self, epoch: int, snapshot: CentreSnapshot, now: Microseconds) -> list[Record]:
        """What is so after events that are lost: the records of what ended meanwhile, nobody knows when. ``now`` is the
        last time of which anything is known."""
        number, seen = snapshot.number, snapshot.seen
        records: list[Record] = []
        here = {session.session_id: session for session in snapshot.agents}
        for desk in [one for one in self.desks.values() if one.left is None]:
            desk.whole = False
            if desk.session.session_id not in here:
                gone = replace(desk.session, state=AgentState.LOGGED_OUT, since_us=now, reason=LOST_SIGHT_OF)
                event = AgentEvent(AgentEventKind.AGENT_LOGGED_OUT, number, now, seen, gone)
                records += self.take_agent(event, _period_of(epoch, number, gone))
        for session in here.values():
            known = self.desks.get(session.session_id)
            if known is None or known.session != session:
                event = AgentEvent(AgentEventKind.AGENT_STATE_CHANGED, number, session.since_us, seen, session)
                records += self.take_agent(event, _period_of(epoch, number, session))
        waiting = {visit.visit_id: visit for visit in snapshot.visits}
        for visit in [one for one in self.waiting.values() if one.visit_id not in waiting]:
            lost = replace(visit, outcome=VisitOutcome.LOST, left_us=now)
            records += self.take_visit(VisitEvent(VisitEventKind.QUEUE_LEFT, number, now, seen, lost), complete=False)
        for visit in waiting.values():
            self.take_visit(VisitEvent(VisitEventKind.QUEUE_ENTERED, number, now, seen, visit))
        self.mark = max(self.mark, seen)
        return records

    # -- what conversations are told -----------------------------------------------------------------------------

    def agent_at(self, device: str, at: EventId) -> str:
        """The agent who was logged in there when the gateway said this; empty for nobody."""
        return next((desk.session.agent for desk in self.at_device.get(device, ()) if desk.was_there(at)), "")

    def wrap_up_us(self, conversation_id: EventId, device: str, agent: str, ended: EventId) -> int:
        """Microseconds of work after a conversation that ended there, as far as it is over."""
        return sum(
            (one.ended_us or one.began_us) - one.began_us
            for desk in self.at_device.get(device, ())
            if desk.session.agent == agent
            for one in desk.wrap_ups
            if one.conversation_id == conversation_id and one.told_at < ended
        )

    def wraps_up(self, conversation_id: EventId, ended: EventId) -> bool:
        """Whether somebody still works after this conversation."""
        return any(one.told_at < ended for one in self.wrapping.get(conversation_id, ()))

    def queue_of(self, conversation_id: EventId, ended: EventId) -> str:
        """The first queue of the CTI server that it came to."""
        visit = self.first_visits.get(conversation_id)
        return visit.queue if visit is not None and visit.told_at < ended else ""

    def forget(self, unfinished: Iterable[EventId], taken: EventId) -> None:
        """Drop what no conversation can ask for any more. ``unfinished`` are the conversations still wanted, ``taken``
        how far the gateway's stream has been read."""
        wanted = set(unfinished)
        oldest = min(wanted, default=taken)
        for conversation_id in [one for one in self.first_visits if one not in wanted and one <= taken]:
            del self.first_visits[conversation_id]
            self.touched_first_visits.add(conversation_id)
        for session_id, desk in list(self.desks.items()):
            kept = [
                one
                for one in desk.wrap_ups
                if one.ended_us is None or one.conversation_id in wanted or one.conversation_id > taken
            ]
            if len(kept) < len(desk.wrap_ups):
                desk.wrap_ups = kept
                self.touched_desks.add(session_id)
            if desk.left is not None and desk.left <= min(oldest, taken) and not kept:
                del self.desks[session_id]
                self.at_device[desk.session.device].remove(desk)
                self.touched_desks.add(session_id)


def _period_of(epoch: int, number: int, session: AgentSession) -> str:
    """Of a stretch that a snapshot tells of: many have its number."""
    return f"{EventId(epoch, number)}/{session.session_id}"
