"""A mirror of the CTI server or the IVR replaces what an event names, drops what is over or none of its business."""

from dataclasses import replace

from model.centre import (
    NOTHING_SEEN,
    AgentNumber,
    AgentSession,
    AgentState,
    CentreSnapshot,
    QueueName,
    QueueVisit,
    VisitOutcome,
)
from model.centre_events import AgentEvent, AgentEventKind, ConcernKind, SeenEvent, VisitEvent, VisitEventKind
from model.centre_mirror import CentreMirror, is_wanted, named_by
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds

NOW, SEEN = Microseconds(5), EventId(1, 9)
ADA = AgentSession(EventId(9, 1), AgentNumber("7001"), "Ada", DeviceNumber("8001"), AgentState.READY, NOW, NOW)
VISIT = QueueVisit(EventId(9, 2), QueueName("sales"), ConversationId(EventId(1, 1)), CallId(EventId(1, 1)), NOW)


def agent_event(number: int, session: AgentSession) -> AgentEvent:
    return AgentEvent(AgentEventKind.AGENT_STATE_CHANGED, number, NOW, SEEN, session)


def visit_event(number: int, visit: QueueVisit) -> VisitEvent:
    return VisitEvent(VisitEventKind.QUEUE_OFFERED, number, NOW, SEEN, visit)


def test_what_an_event_carries_takes_the_place_of_what_was_there() -> None:
    mirror = CentreMirror(CentreSnapshot(3, agents=(ADA,)))
    busy = replace(ADA, state=AgentState.BUSY)
    mirror.apply(agent_event(4, busy))
    mirror.apply(visit_event(5, VISIT))
    assert mirror.seen == NOTHING_SEEN
    mirror.apply(SeenEvent(6, NOW, SEEN))
    assert mirror.snapshot() == CentreSnapshot(6, SEEN, (busy,), (VISIT,))


def test_what_is_over_is_gone() -> None:
    mirror = CentreMirror(CentreSnapshot(3, agents=(ADA,), visits=(VISIT,)))
    mirror.apply(agent_event(4, replace(ADA, state=AgentState.LOGGED_OUT)))
    mirror.apply(visit_event(5, replace(VISIT, outcome=VisitOutcome.ABANDONED)))
    assert mirror.snapshot() == CentreSnapshot(5)


def test_a_filtered_mirror_drops_a_visit_that_is_none_of_its_business_any_more() -> None:
    wanted = frozenset({(ConcernKind.AGENT, "7001")})
    mirror = CentreMirror(CentreSnapshot(3, visits=(VISIT,)), wanted)
    assert mirror.visits == {}
    offered = replace(VISIT, agent=AgentNumber("7001"), device=DeviceNumber("8001"))
    mirror.apply(visit_event(4, offered))
    assert list(mirror.visits.values()) == [offered]
    mirror.apply(visit_event(5, VISIT))
    assert mirror.visits == {}


def test_who_is_in_something() -> None:
    assert named_by(ADA) == ((ConcernKind.DEVICE, "8001"), (ConcernKind.AGENT, "7001"))
    assert named_by(VISIT) == ((ConcernKind.QUEUE, "sales"),)
    assert is_wanted(VISIT, None)
    assert not is_wanted(VISIT, frozenset({(ConcernKind.AGENT, "sales")}))
