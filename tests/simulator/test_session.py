"""The switch's side of a conversation: sessions, status, requests, segments, numbers."""

import pytest

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.namespaces import CSTA_ED3, CSTA_ED6
from gateway.links.csta_xml.profiles import OPENSCAPE
from simulator.habits import Habits
from simulator.numbering import CallIdStyle
from simulator.switch import Plan
from tests.simulator.conversation import Conversation
from tests.simulator.stage import EXTENSIONS

START = m.StartApplicationSession("test", (CSTA_ED3,), 60)
GENERIC = m.ErrorCategory.OPERATION


def test_a_session_from_beginning_to_end() -> None:
    talk = Conversation()
    assert talk.ask(START) == m.StartApplicationSessionPosResponse("S1", CSTA_ED3, 60)
    talk.ask(m.MonitorStart(device="1000"))
    assert talk.ask(m.ResetApplicationSessionTimer("S1", 90)) == m.ResetApplicationSessionTimerPosResponse(90)
    assert (
        talk.ask(m.StopApplicationSession("S1", defined_end_reason="normal")) == m.StopApplicationSessionPosResponse()
    )
    assert len(talk.site.switch.monitors) == 0


def test_the_switch_grants_less_than_was_asked_for() -> None:
    talk = Conversation(Habits(session_seconds_max=20, keep_alive_seconds=None))
    assert talk.ask(START) == m.StartApplicationSessionPosResponse("S1", CSTA_ED3, 20)
    assert talk.ask(m.ResetApplicationSessionTimer("S1")) == m.ResetApplicationSessionTimerPosResponse(20)


def test_a_session_that_is_not_prolonged_ends_with_its_monitors() -> None:
    talk = Conversation()
    talk.ask(START)
    talk.ask(m.MonitorStart(device="1000"))
    talk.pass_seconds(59)
    assert talk.messages() == []
    talk.pass_seconds(1)
    assert talk.came() == [(9999, m.ApplicationSessionTerminated("S1", "sessionTimerExpired"))]
    assert len(talk.site.switch.monitors) == 0


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (m.StartApplicationSession("x", ("urn:other",), 60), "requestedProtocolVersionNotSupported"),
        (m.StartApplicationSession("", (CSTA_ED3,), 60), "invalidApplicationInfo"),
        (m.ResetApplicationSessionTimer("S9"), "invalidSessionID"),
        (m.StopApplicationSession("S9", defined_end_reason="normal"), "invalidSessionID"),
    ],
)
def test_what_is_refused_in_a_session(request_: m.Message, error: str) -> None:
    assert Conversation().ask(request_).defined_error == error  # type: ignore[attr-defined]


def test_the_first_version_that_both_know_is_taken() -> None:
    reply = Conversation().ask(m.StartApplicationSession("x", ("urn:other", CSTA_ED6), 60))
    assert isinstance(reply, m.StartApplicationSessionPosResponse)
    assert reply.actual_protocol_version == CSTA_ED6


def test_status_both_ways() -> None:
    talk = Conversation(Habits(keep_alive_seconds=10))
    assert talk.ask(m.SystemStatus(m.SystemStatusValue.NORMAL)) == m.SystemStatusResponse()
    assert talk.ask(m.RequestSystemStatus()) == m.RequestSystemStatusResponse(m.SystemStatusValue.NORMAL)
    talk.pass_seconds(10)
    [(invoke_id, status)] = talk.came()
    assert status == m.SystemStatus(m.SystemStatusValue.NORMAL)
    session = talk.site.session(talk.client)
    assert session.awaits_responses == 1
    talk.send(m.SystemStatusResponse(), invoke_id)
    assert session.awaits_responses == 0


def test_the_switch_numbers_its_requests_by_itself() -> None:
    talk = Conversation(Habits(keep_alive_seconds=1))
    talk.send(m.SnapshotDevice("1000"), invoke_id=0)
    talk.pass_seconds(1)
    assert [invoke_id for invoke_id, _ in talk.came()] == [0, 0]


def test_openscape_says_first_how_it_is_and_answers_without_namespace() -> None:
    plan = Plan(extensions=EXTENSIONS, device_id_format=OPENSCAPE.device_id_format, call_ids=CallIdStyle.HEX)
    talk = Conversation(Habits(traits=OPENSCAPE, keep_alive_seconds=None), plan=plan)
    assert talk.came() == [(0, m.SystemStatus(m.SystemStatusValue.NORMAL))]
    talk.send(m.SystemRegister(m.RequestTypes(True, False)))
    [raw] = talk.site.take_writes(talk.client)
    assert b"SystemRegisterResponse>" in raw
    assert b"xmlns" not in raw
    reply = talk.ask(m.MakeCall("N<+86211000>", "N<+86211001>"))
    assert isinstance(reply, m.MakeCallResponse)
    assert len(reply.calling_device.call_id) == 32
    assert reply.calling_device.device_id == "N<+86211000>"


def test_the_response_comes_before_the_events_or_after_them() -> None:
    for first, names in (
        (False, ["MakeCallResponse", "ServiceInitiatedEvent"]),
        (True, ["ServiceInitiatedEvent", "MakeCallResponse"]),
    ):
        talk = Conversation(Habits(events_before_responses=first, keep_alive_seconds=None))
        talk.ask(m.MonitorStart(device="1000"))
        talk.send(m.MakeCall("1000", "1001"))
        assert [name for name in talk.names() if name in names] == names


def test_devices_come_in_requests_of_the_switch() -> None:
    talk = Conversation(Habits(device_list_segment=3, keep_alive_seconds=None))
    talk.send(m.GetSwitchingFunctionDevices(requested_device_category=m.DeviceCategory.STATION), invoke_id=7)
    response, first, last = talk.came()
    assert response == (7, m.GetSwitchingFunctionDevicesResponse("X1"))
    assert isinstance(first[1], m.SwitchingFunctionDevices)
    assert isinstance(last[1], m.SwitchingFunctionDevices)
    assert [(part.segment_id, part.last_segment, len(part.device_list or ())) for part in (first[1], last[1])] == [
        (1, False, 3),
        (2, True, 2),
    ]
    assert talk.site.session(talk.client).awaits_responses == 0


def test_snapshots_come_in_segments_if_that_is_the_habit() -> None:
    talk = Conversation(Habits(snapshot_segment=1, keep_alive_seconds=None))
    talk.ask(m.MakeCall("1000", "1001"))
    talk.send(m.SnapshotCall(m.ConnectionID("1")))
    response, first, last = talk.messages()
    assert response == m.SnapshotCallResponse(service_cross_ref_id="X1")
    assert isinstance(first, m.SnapshotCallData)
    assert isinstance(last, m.SnapshotCallData)
    assert (first.last_segment, last.last_segment) == (False, True)
    talk.send(m.SnapshotDevice("1002"))
    _, nothing = talk.messages()
    assert nothing == m.SnapshotDeviceData("X2", 1, True, ())


def test_each_message_may_carry_number_and_time() -> None:
    talk = Conversation(Habits(sequence_numbers=True, keep_alive_seconds=None, epoch_us=1_000_000))
    talk.ask(m.MonitorStart(device="1000"))
    talk.pass_seconds(1.5)
    talk.act("call 1000 1001")
    security = [message.security for message in talk.messages()]  # type: ignore[attr-defined]
    assert [(one.message_sequence_number, one.time_stamp) for one in security] == [
        (number, "1970-01-01T00:00:02.500+00:00") for number in (2, 3, 4)
    ]


def test_monitors_taken_back_by_the_switch() -> None:
    talk = Conversation()
    reply = talk.ask(m.MonitorStart(device="1000"))
    assert isinstance(reply, m.MonitorStartResponse)
    assert talk.act("stop_monitor 1000") == {"ok": True, "stopped": 1}
    assert talk.messages() == [m.MonitorStop(reply.monitor_cross_ref_id)]
    talk.act("call 1000 1001")
    assert talk.messages() == []


def test_a_session_ended_by_the_switch() -> None:
    talk = Conversation()
    talk.ask(START)
    talk.act("end_sessions")
    assert talk.messages() == [m.ApplicationSessionTerminated("S1", "resourceLimitation")]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"", "invalidParameterValue"),
        (b"<a", "invalidParameterValue"),
        (b"<MonitorStop/>", "invalidParameterValue"),
        (b"<ParkCall/>", "serviceNotSupported"),
        (b"<RouteRegister/>", "serviceNotSupported"),
    ],
)
def test_what_is_not_understood_is_answered_so(body: bytes, value: str) -> None:
    talk = Conversation()
    talk.site.receive(talk.client, frame(5, body), 0)
    assert talk.came() == [(5, m.CSTAErrorCode(GENERIC, value))]
    assert talk.site.is_open(talk.client)


def test_what_needs_no_answer_gets_none() -> None:
    talk = Conversation()
    talk.site.receive(talk.client, frame(9999, b"<what/>"), 0)
    talk.send(m.AnswerCallResponse(), invoke_id=9999)
    talk.send(m.ApplicationSessionTerminated("S1"))
    assert talk.came() == []
    assert talk.site.session(talk.client).ignored == 2


def test_bytes_that_are_no_frame_end_the_conversation() -> None:
    talk = Conversation()
    talk.site.receive(talk.client, b"GET / HTTP/1.1\r\n", 0)
    assert not talk.site.is_open(talk.client)


def test_a_client_that_answers_nothing_is_asked_no_more_than_the_numbers_allow() -> None:
    talk = Conversation()
    session = talk.site.session(talk.client)
    for _ in range(10_010):
        session.tell_status(m.SystemStatusValue.NORMAL)
    assert len(session.take_output()) == 9_999
