"""Everything that the simulated switch sends, over all services and long traffic, is as the schema wants it.

`Conversation` holds each body against the schema, reads it and builds it again; here all kinds are made to appear.
"""

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.namespaces import CSTA_ED3
from simulator.habits import Habits
from simulator.switch import Plan
from simulator.traffic import Mix
from tests.simulator.conversation import Conversation

PLAN = Plan(
    extensions=tuple(str(number) for number in range(1000, 1040)), trunks=8, pilots=(("6000", ("1030", "1031")),)
)
EVENTS_NEVER_SENT = {"OfferedEvent", "BridgedEvent", "DigitsDialedEvent", "CallInformationEvent"}
"""Events of switches that this one does not imitate."""

SERVICES: list[m.Message] = [
    m.StartApplicationSession("test", (CSTA_ED3,), 60),
    m.StartApplicationSession("", (), 60),
    m.ResetApplicationSessionTimer("S1", 60),
    m.ResetApplicationSessionTimer("S9", 60),
    m.SystemRegister(m.RequestTypes(True, True)),
    m.RequestSystemStatus(),
    m.SystemStatus(m.SystemStatusValue.NORMAL),
    m.GetSwitchingFunctionDevices(),
    m.MonitorStart(device="1000", requested_monitor_filter=m.MonitorFilter(offered=True, message_waiting=False)),
    m.MonitorStop("00000001"),
    *(m.MonitorStart(device=str(number)) for number in (*range(1000, 1040), 6000)),
    m.SetDoNotDisturb("1000", True),
    m.GetDoNotDisturb("1000"),
    m.SetDoNotDisturb("1000", False),
    m.SetForwarding("1001", m.ForwardingType.BUSY, True, "1002", 2),
    m.GetForwarding("1001"),
    m.SetForwarding("1001", m.ForwardingType.BUSY, False),
    m.SetMessageWaitingIndicator("1000", True),
    m.SetAgentState("1030", m.RequestedAgentState.LOGGED_ON, "A1", "3131", "6000"),
    m.SetAgentState("1030", m.RequestedAgentState.WORKING_AFTER_CALL),
    m.SetAgentState("1030", m.RequestedAgentState.READY),
    m.GetAgentState("1030"),
    m.GetAgentState("1000"),
    m.MakeCall("1000", "1001"),
    m.MonitorStart(call=m.ConnectionID("1", "1000")),
    m.SnapshotDevice("1001"),
    m.SnapshotCall(m.ConnectionID("1")),
    m.DeflectCall(m.ConnectionID("1", "1001"), "1003"),
    m.DirectedPickupCall(m.ConnectionID("1", "1003"), "1004"),
    m.HoldCall(m.ConnectionID("1", "1000")),
    m.RetrieveCall(m.ConnectionID("1", "1000")),
    m.GenerateDigits(m.ConnectionID("1", "1000"), m.DigitMode.DTMF, "1"),
    m.ConsultationCall(m.ConnectionID("1", "1000"), "1005"),
    m.AnswerCall(m.ConnectionID("2", "1005")),
    m.AlternateCall(m.ConnectionID("1", "1000"), m.ConnectionID("2", "1000")),
    m.ReconnectCall(m.ConnectionID("1", "1000"), m.ConnectionID("2", "1000")),
    m.ConsultationCall(m.ConnectionID("2", "1000"), "1006"),
    m.AnswerCall(m.ConnectionID("3", "1006")),
    m.ConferenceCall(m.ConnectionID("2", "1000"), m.ConnectionID("3", "1000")),
    m.SingleStepConferenceCall(m.ConnectionID("4", "1000"), "1007", m.ParticipationType.SILENT),
    m.ClearConnection(m.ConnectionID("4", "1007")),
    m.ClearConnection(m.ConnectionID("4", "1006")),
    m.SingleStepTransferCall(m.ConnectionID("4", "1000"), "1008"),
    m.AnswerCall(m.ConnectionID("5", "1008")),
    m.ConsultationCall(m.ConnectionID("5", "1008"), "1009"),
    m.TransferCall(m.ConnectionID("5", "1008"), m.ConnectionID("6", "1008")),
    m.ClearCall(m.ConnectionID("7")),
    m.MakeCall("1000", "1010"),
    m.ClearConnection(m.ConnectionID("8", "1000")),
    m.ClearCall(m.ConnectionID("7")),
    m.MonitorStart(device="77"),
    m.StopApplicationSession("S9"),
]
LINES = [
    "service 1000 off",
    "service 1000 on",
    "stop_monitor 1039",
    "call_in hidden 6000",
    "answer 1030",
    "hangup 1030",
    "agent 1030 notReady",
    "agent 1030 loggedOff",
    "call 1011 0301234",
]


def test_all_that_is_sent_is_valid_and_comes_back_equal() -> None:
    seen: set[str] = set()
    bodies = 0
    for habits in (
        Habits(keep_alive_seconds=5),
        Habits(snapshot_segment=1, sequence_numbers=True, keep_alive_seconds=None),
    ):
        talk = Conversation(habits, Mix(calls_per_second=5, transfer=0.2, conference=0.2, hold=0.2, to_queue=0.3), PLAN)
        talk.site.traffic.is_on = False
        for request in SERVICES:
            talk.send(request)
            assert not any(isinstance(answer, m.CSTAErrorCode) for answer in talk.messages()) or _may_fail(request), (
                request
            )
        for line in LINES:
            assert "error" not in talk.act(line), line
        talk.site.traffic.is_on = True
        for _ in range(60):
            talk.pass_seconds(1)
            talk.came()
        talk.act("end_sessions")
        talk.send(m.StartApplicationSession("test", (CSTA_ED3,), 60))
        talk.send(m.StopApplicationSession("S1", defined_end_reason="normal"))
        talk.came()
        seen |= talk.kinds
        bodies += talk.bodies
    assert bodies > 2000
    events = {kind.value for kinds in (m.CallEventKind, m.AgentEventKind, m.ServiceStateKind) for kind in kinds}
    assert events - seen == EVENTS_NEVER_SENT
    responses = {name for name in m.__all__ if name.endswith("Response")} - {
        "RouteRegisterResponse",
        "RouteRegisterCancelResponse",
    }
    sent_only_by_clients = {"SystemStatusResponse", "MonitorStopResponse"}
    assert responses - seen - sent_only_by_clients == set()
    assert {"SwitchingFunctionDevices", "SnapshotCallData", "SnapshotDeviceData", "MonitorStop", "SystemStatus"} <= seen
    assert {
        "ApplicationSessionTerminated",
        "CSTAErrorCode",
        "DoNotDisturbEvent",
        "ForwardingEvent",
        "MessageWaitingEvent",
    } <= seen


def _may_fail(request: m.Message) -> bool:
    return request in (m.MonitorStart(device="77"), m.ClearCall(m.ConnectionID("7")))
