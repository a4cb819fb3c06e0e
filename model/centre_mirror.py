"""A copy of what goes on at the CTI server or the IVR: a snapshot, then events that replace what they name."""

from model.centre import AgentSession, AgentState, CentreSnapshot, IvrOutcome, IvrSession, QueueVisit, VisitOutcome
from model.centre_events import AgentEvent, CentreEvent, Concern, ConcernKind, IvrEvent, SeenEvent, VisitEvent
from model.ids import EventId


class CentreMirror:
    """State rebuilt from a stream. ``wanted`` None: everything; else what one of these is in."""

    def __init__(self, snapshot: CentreSnapshot, wanted: frozenset[Concern] | None = None) -> None:
        self._wanted = wanted
        self.number = snapshot.number
        self.seen = snapshot.seen
        self.agents: dict[EventId, AgentSession] = {}
        self.visits: dict[EventId, QueueVisit] = {}
        self.ivr_sessions: dict[EventId, IvrSession] = {}
        for session in snapshot.agents:
            self._keep_agent(session)
        for visit in snapshot.visits:
            self._keep_visit(visit)
        for running in snapshot.ivr_sessions:
            self._keep_ivr(running)

    def apply(self, event: CentreEvent) -> None:
        """The next event of the stream."""
        self.number = event.number
        match event:
            case SeenEvent(seen=seen):
                self.seen = seen
            case AgentEvent(session=session):
                self._keep_agent(session)
            case VisitEvent(visit=visit):
                self._keep_visit(visit)
            case IvrEvent(session=running):
                self._keep_ivr(running)

    def snapshot(self) -> CentreSnapshot:
        """The same value the owner would give."""
        return CentreSnapshot(
            self.number,
            self.seen,
            tuple(self.agents[key] for key in sorted(self.agents)),
            tuple(self.visits[key] for key in sorted(self.visits)),
            tuple(self.ivr_sessions[key] for key in sorted(self.ivr_sessions)),
        )

    def _keep_agent(self, session: AgentSession) -> None:
        if session.state is not AgentState.LOGGED_OUT and is_wanted(session, self._wanted):
            self.agents[session.session_id] = session
        else:
            self.agents.pop(session.session_id, None)

    def _keep_visit(self, visit: QueueVisit) -> None:
        if visit.outcome is VisitOutcome.WAITING and is_wanted(visit, self._wanted):
            self.visits[visit.visit_id] = visit
        else:
            self.visits.pop(visit.visit_id, None)

    def _keep_ivr(self, session: IvrSession) -> None:
        if session.outcome is IvrOutcome.RUNNING and is_wanted(session, self._wanted):
            self.ivr_sessions[session.session_id] = session
        else:
            self.ivr_sessions.pop(session.session_id, None)


def is_wanted(thing: AgentSession | QueueVisit | IvrSession, wanted: frozenset[Concern] | None) -> bool:
    """Whether one of these devices, agents or queues is in it now."""
    return wanted is None or not wanted.isdisjoint(named_by(thing))


def named_by(thing: AgentSession | QueueVisit | IvrSession) -> tuple[Concern, ...]:
    """The devices, agents and queues that are in it now."""
    match thing:
        case AgentSession():
            return (ConcernKind.DEVICE, thing.device), (ConcernKind.AGENT, thing.agent)
        case QueueVisit():
            named = (
                (ConcernKind.QUEUE, thing.queue),
                (ConcernKind.AGENT, thing.agent),
                (ConcernKind.DEVICE, thing.device),
            )
            return tuple(one for one in named if one[1])
        case IvrSession():
            return ((ConcernKind.DEVICE, thing.port),)
