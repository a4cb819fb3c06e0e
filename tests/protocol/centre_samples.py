"""Events and values of the CTI server and the IVR for the tests: strategies for every shape, and a small world that
makes consistent events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from model.centre import (
    AgentNumber,
    AgentSession,
    AgentState,
    CentreSnapshot,
    IvrOutcome,
    IvrSession,
    QueueName,
    QueueVisit,
    VisitOutcome,
)
from model.centre_events import (
    AgentEvent,
    AgentEventKind,
    CentreEvent,
    Concern,
    ConcernKind,
    IvrEvent,
    IvrEventKind,
    SeenEvent,
    VisitEvent,
    VisitEventKind,
)
from model.centre_mirror import CentreMirror
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds
from protocol.concerns import filter_name
from tests.protocol.samples import EPOCH, T0, ids, numbers, times, u32, u64, words

DEVICES = ("8001", "8002", "8003")
AGENTS = ("7001", "7002", "8001")
"""One has the number of a device: they are not the same."""
QUEUES = ("sales", "support", "8002")
NAMES: tuple[Concern, ...] = (
    *((ConcernKind.DEVICE, one) for one in DEVICES),
    *((ConcernKind.AGENT, one) for one in AGENTS),
    *((ConcernKind.QUEUE, one) for one in QUEUES),
)

agents = words.map(AgentNumber)
later_ids = ids.filter(lambda one: one != EventId(0, 0))
ends = st.none() | times.filter(bool)
agent_sessions = st.builds(
    AgentSession,
    ids,
    agents,
    words,
    numbers,
    st.sampled_from(AgentState),
    times,
    times,
    words,
    st.none() | later_ids.map(ConversationId),
)
visits = st.builds(
    QueueVisit,
    ids,
    words.map(QueueName),
    ids.map(ConversationId),
    ids.map(CallId),
    times,
    st.sampled_from(VisitOutcome),
    ends,
    st.integers(0, 2**16 - 1),
    u32,
    agents,
    numbers,
    u32,
)
ivr_sessions = st.builds(
    IvrSession,
    ids,
    numbers,
    words,
    ids.map(ConversationId),
    ids.map(CallId),
    times,
    st.sampled_from(IvrOutcome),
    ends,
    words,
    u32,
    words,
    words,
    words,
)
parts = st.one_of(agent_sessions, visits, ivr_sessions, ids)
centre_events: st.SearchStrategy[CentreEvent] = st.one_of(
    st.builds(AgentEvent, st.sampled_from(AgentEventKind), u64, times, ids, agent_sessions),
    st.builds(VisitEvent, st.sampled_from(VisitEventKind), u64, times, ids, visits, agents, numbers),
    st.builds(IvrEvent, st.sampled_from(IvrEventKind), u64, times, ids, ivr_sessions),
    st.builds(SeenEvent, u64, times, ids),
)
Choose = Callable[[Sequence[Any]], Any]
"""One of these: hypothesis draws it, or chance."""

wanted_names = st.none() | st.frozensets(st.sampled_from(NAMES), max_size=3)


def as_filter(wanted: frozenset[Concern] | None) -> frozenset[str] | None:
    """The filter of these names."""
    return None if wanted is None else frozenset(map(filter_name, wanted))


@dataclass
class CentreWorld:
    """An owner: what goes on, and the events of the steps that somebody chooses."""

    mirror: CentreMirror = field(default_factory=lambda: CentreMirror(CentreSnapshot(0)))

    @property
    def state(self) -> CentreSnapshot:
        return self.mirror.snapshot()

    def step(self, choose: Choose) -> CentreEvent:
        """One happening, whole: what it changes is changed in the owner too."""
        what = choose(["agent", "agent", "visit", "visit", "visit", "ivr", "seen"])
        number = self.mirror.number + 1
        seen = EventId(EPOCH, number)
        match what:
            case "agent":
                event: CentreEvent = self._agent(number, seen, choose)
            case "visit":
                event = self._visit(number, seen, choose)
            case "ivr":
                event = self._ivr(number, seen, choose)
            case _:
                event = SeenEvent(number, T0, seen)
        self.mirror.apply(event)
        return event

    def _agent(self, number: int, seen: EventId, choose: Choose) -> AgentEvent:
        state = choose(tuple(AgentState))
        if bool(self.mirror.agents) and choose((True, False)):
            session = replace(choose(sorted(self.mirror.agents.values(), key=str)), state=state)
            kind = AgentEventKind.AGENT_STATE_CHANGED if state else AgentEventKind.AGENT_LOGGED_OUT
            return AgentEvent(kind, number, T0, seen, session)
        agent, device = choose(AGENTS), choose(DEVICES)
        session = AgentSession(
            EventId(EPOCH, number), AgentNumber(agent), "", DeviceNumber(device), AgentState.READY, T0, T0
        )
        return AgentEvent(AgentEventKind.AGENT_LOGGED_IN, number, T0, seen, session)

    def _visit(self, number: int, seen: EventId, choose: Choose) -> VisitEvent:
        if not self.mirror.visits or choose((True, False)):
            queue, story = choose(QUEUES), EventId(EPOCH, number)
            visit = QueueVisit(story, QueueName(queue), ConversationId(story), CallId(story), T0)
            return VisitEvent(VisitEventKind.QUEUE_ENTERED, number, T0, seen, visit)
        before = choose(sorted(self.mirror.visits.values(), key=str))
        was = before.agent, before.device
        if choose((True, False)):
            agent, device = choose(["", *AGENTS]), choose(["", *DEVICES])
            visit = replace(before, agent=AgentNumber(agent), device=DeviceNumber(device))
            return VisitEvent(VisitEventKind.QUEUE_OFFERED, number, T0, seen, visit, *was)
        visit = replace(before, outcome=VisitOutcome.ANSWERED, left_us=Microseconds(T0 + 1))
        return VisitEvent(VisitEventKind.QUEUE_LEFT, number, T0, seen, visit, *was)

    def _ivr(self, number: int, seen: EventId, choose: Choose) -> IvrEvent:
        if bool(self.mirror.ivr_sessions) and choose((True, False)):
            session = choose(sorted(self.mirror.ivr_sessions.values(), key=str))
            over = replace(session, outcome=IvrOutcome.COMPLETED, ended_us=Microseconds(T0 + 1))
            return IvrEvent(IvrEventKind.IVR_SESSION_ENDED, number, T0, seen, over)
        story = EventId(EPOCH, number)
        port = DeviceNumber(choose(DEVICES))
        running = IvrSession(story, port, "main", ConversationId(story), CallId(story), T0)
        return IvrEvent(IvrEventKind.IVR_SESSION_BEGAN, number, T0, seen, running)
