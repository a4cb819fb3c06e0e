"""An event of the CTI server or the IVR says whom it concerns, before it and after."""

from model.centre import AgentNumber, AgentSession, AgentState, IvrSession, QueueName, QueueVisit
from model.centre_events import (
    AgentEvent,
    AgentEventKind,
    ConcernKind,
    IvrEvent,
    IvrEventKind,
    SeenEvent,
    VisitEvent,
    VisitEventKind,
)
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds

NOW, SEEN, STORY = Microseconds(5), EventId(1, 9), EventId(1, 7)
DEVICE, AGENT, QUEUE = ConcernKind.DEVICE, ConcernKind.AGENT, ConcernKind.QUEUE


def test_an_agent_and_its_device() -> None:
    session = AgentSession(STORY, AgentNumber("7001"), "Ada", DeviceNumber("8001"), AgentState.READY, NOW, NOW)
    event = AgentEvent(AgentEventKind.AGENT_LOGGED_IN, 1, NOW, SEEN, session)
    assert event.concerned == ((DEVICE, "8001"), (AGENT, "7001"))


def test_whom_a_queue_offered_a_call_to_before_is_concerned_too() -> None:
    visit = QueueVisit(STORY, QueueName("sales"), ConversationId(STORY), CallId(STORY), NOW)
    event = VisitEvent(VisitEventKind.QUEUE_OFFER_ENDED, 2, NOW, SEEN, visit, AgentNumber("7001"), DeviceNumber("8001"))
    assert event.concerned == ((DEVICE, "8001"), (AGENT, "7001"), (QUEUE, "sales"))


def test_an_ivr_port() -> None:
    session = IvrSession(STORY, DeviceNumber("8900"), "main", ConversationId(STORY), CallId(STORY), NOW)
    assert IvrEvent(IvrEventKind.IVR_SESSION_BEGAN, 3, NOW, SEEN, session).concerned == ((DEVICE, "8900"),)


def test_what_has_been_seen_concerns_nobody_by_name() -> None:
    assert SeenEvent(4, NOW, SEEN).concerned == ()
