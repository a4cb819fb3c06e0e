"""What comes is told apart by its name, not by its number; what is not known is counted and harms nobody."""

import pytest
from structlog.testing import capture_logs

from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.inbound import KINDS_LOGGED_MAX
from gateway.links.csta_xml.messages import (
    AgentEvent,
    AgentEventKind,
    CallEvent,
    CallEventKind,
    ConnectionID,
    DoNotDisturbEvent,
    ForwardingEvent,
    HoldCall,
    Message,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    ServiceStateEvent,
    ServiceStateKind,
    SystemStatus,
    SystemStatusValue,
)
from tests.gateway.links.csta_xml.far_end import Stage, event


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (ServiceStateEvent(ServiceStateKind.OUT_OF_SERVICE, "M8002"), "8002 out_of_service"),
        (ServiceStateEvent(ServiceStateKind.BACK_IN_SERVICE, "M8002"), "8002 back_in_service"),
        (DoNotDisturbEvent("M8002", None, True), "8002 do_not_disturb_on"),
        (ForwardingEvent("M8002", None, None, True, "8003"), "8002 forwarding_on"),
        (event("HELD", "8002", "7:8002"), "8002: held 7 8002"),
    ],
)
def test_events(message: Message, told: str) -> None:
    assert Stage().up().say(message) == [told]


@pytest.mark.parametrize(
    ("message", "counted"),
    [
        (AgentEvent(AgentEventKind.READY, "M8002"), "events_not_used"),
        (event("HELD", "nobody", "7:8002"), "events_of_unknown_monitors"),
        (DoNotDisturbEvent("Mnobody", None, True), "events_of_unknown_monitors"),
        (CallEvent(CallEventKind.HELD, "M8002"), "events_without_connection"),
        (MonitorStopResponse(), "answers_late"),
    ],
)
def test_what_is_of_no_use_is_counted(message: Message, counted: str) -> None:
    stage = Stage().up()
    body = b"<HeldEvent><monitorCrossRefID>M8002</monitorCrossRefID></HeldEvent>"
    is_bare = isinstance(message, CallEvent) and message.connection is None
    assert (stage.say_raw(frame(9999, body)) if is_bare else stage.say(message)) == []
    assert stage.session.counts[counted] == 1


def test_the_switch_s_questions_are_answered() -> None:
    stage = Stage().up()
    stage.say(RequestSystemStatus(), invoke_id=31)
    assert stage.far_end.heard == [(31, RequestSystemStatusResponse(SystemStatusValue.NORMAL))]
    stage.names()
    stage.say(HoldCall(ConnectionID("1", "2")), invoke_id=32)
    assert stage.names() == ["0032 CSTAErrorCode"]
    assert stage.session.counts["requests_not_supported"] == 1


def test_a_status_told_as_an_event_wants_no_response() -> None:
    stage = Stage().up()
    assert stage.say(SystemStatus(system_status=SystemStatusValue.DISABLED)) == [
        "link initialising: the switch says disabled"
    ]
    assert stage.names() == []


def test_each_kind_of_what_is_not_understood_is_logged_once() -> None:
    stage = Stage().up()
    with capture_logs() as logs:
        for number in range(3 * KINDS_LOGGED_MAX):
            stage.say_raw(frame(9999, f"<Event{number % (2 * KINDS_LOGGED_MAX)}/>".encode()))
    logged = [one for one in logs if one["event"] == "message_not_understood"]
    assert len(logged) == KINDS_LOGGED_MAX
    assert bytes.fromhex(logged[0]["excerpt"]) == b"<Event0/>"
    assert stage.session.counts["messages_not_understood"] == 3 * KINDS_LOGGED_MAX


def test_a_response_that_cannot_be_read_answers_its_request() -> None:
    stage = Stage().up()
    stage.far_end.is_polite = False
    stage.session.ask_device(stage.heard.reports[0].device)  # type: ignore[union-attr]
    stage.settle()
    ((number, _),) = stage.far_end.heard
    stage.say_raw(frame(number, b"<SnapshotDeviceResponse><crossRefIDorSnapshotData><x/></crossRefIDorSnapshotData>"))
    assert not stage.session.counts["questions_unanswered"]  # not even XML: perhaps not meant for us
    stage.say_raw(frame(number, b"<SnapshotCallResponse/>"))
    assert dict(stage.session.counts)["questions_unanswered"] == 1
