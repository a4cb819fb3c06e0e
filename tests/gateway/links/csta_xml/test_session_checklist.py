"""What a CSTA link must have stood before it is called done: every trap met in the field, and the test that sets it.

Here are those of the session, as talks without a socket. Those about calls are in `test_link_calls`, through TCP and
with the call model behind.
"""

import importlib

import pytest

from gateway.links.base import CommandTarget
from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.life import Phase
from gateway.links.csta_xml.messages import (
    ApplicationSessionTerminated,
    ClearConnectionResponse,
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    ResetApplicationSessionTimer,
    SnapshotDevice,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    SystemStatus,
    SystemStatusValue,
)
from gateway.links.csta_xml.namespaces import CSTA_ED3
from model.commands import Command, CommandKind, Outcome
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId, SwitchConnection
from model.states import ConnectionState
from tests.gateway.links.csta_xml.far_end import NO_REPLY, FarEnd, Stage, event, of_kind, ports

SESSION, CALLS = "test_session_checklist", "test_link_calls"
CHECKLIST = {
    "one byte at a time": (SESSION, "test_a_whole_session_byte_by_byte"),
    "two messages glued": (SESSION, "test_messages_glued_into_one_segment"),
    "empty body": (SESSION, "test_an_empty_body_is_counted_and_nothing_else"),
    "a frame of 65535 bytes": (SESSION, "test_frames_longer_than_a_signed_length_could_say"),
    "a frame beyond 32767 bytes": (SESSION, "test_frames_longer_than_a_signed_length_could_say"),
    "wrong format indicator": (SESSION, "test_bytes_of_another_protocol_end_the_session"),
    "invoke id that is no number": (SESSION, "test_bytes_of_another_protocol_end_the_session"),
    "9998, then a free number": (SESSION, "test_after_9998_comes_a_free_number"),
    "the switch's request under our pending id": (SESSION, "test_the_switch_s_request_under_our_pending_number"),
    "response before its events": (CALLS, "test_response_before_its_events"),
    "response after its events": (CALLS, "test_response_after_its_events"),
    "unknown event": (SESSION, "test_an_unknown_event_is_skipped"),
    "unknown element": (SESSION, "test_names_and_spaces_of_other_makers"),
    "unknown namespace": (SESSION, "test_names_and_spaces_of_other_makers"),
    "prefix": (SESSION, "test_names_and_spaces_of_other_makers"),
    "no namespace": (SESSION, "test_names_and_spaces_of_other_makers"),
    "shorter actual duration": (SESSION, "test_the_actual_duration_counts"),
    "NegResponse": (SESSION, "test_a_log_in_that_is_refused"),
    "ApplicationSessionTerminated": (SESSION, "test_the_switch_ends_the_session"),
    "late response": (SESSION, "test_a_late_response_meets_nobody"),
    "keep-alive lost": (SESSION, "test_silence_is_tested_and_then_believed"),
    "status not normal, then normal": (SESSION, "test_not_normal_is_not_up_and_normal_compares_everything"),
    "MonitorStop by the switch": (SESSION, "test_the_switch_stops_a_monitor"),
    "one of N monitors refused": (SESSION, "test_one_of_three_monitors_is_refused"),
    "call ids 0 and -12": (CALLS, "test_call_ids_that_look_like_nothing"),
    "call id used again after CallCleared": (CALLS, "test_a_call_id_used_again_at_once"),
    "transfer without secondaryOldCall": (CALLS, "test_a_transfer_without_secondary_old_call"),
    "connection lists with new ids": (CALLS, "test_a_transfer_whose_list_has_new_ids"),
    "conference grows and shrinks": (CALLS, "test_a_conference_grows_and_shrinks"),
    "diverted, then delivered elsewhere": (CALLS, "test_diverted_then_delivered_elsewhere"),
    "segmented device list": (CALLS, "test_a_device_list_in_segments"),
    "segmented snapshots": (CALLS, "test_snapshots_in_segments"),
    "ISO-8859-1": (CALLS, "test_a_body_in_latin_1"),
    "DOCTYPE": (SESSION, "test_documents_that_declare_entities_are_not_read"),
    "entity bomb": (SESSION, "test_documents_that_declare_entities_are_not_read"),
}
"""Trap → the module and the test."""

CUT = SwitchConnection(SwitchCallId("7"), ConnectionKey("8001"))


@pytest.mark.parametrize("trap", CHECKLIST)
def test_every_trap_has_its_test(trap: str) -> None:
    module, name = CHECKLIST[trap]
    assert callable(getattr(importlib.import_module(f"tests.gateway.links.csta_xml.{module}"), name))


# -- frames --------------------------------------------------------------------------------------------------------


def test_a_whole_session_byte_by_byte() -> None:
    stage = Stage()
    whole, cut = Stage(), stage
    whole.start()
    cut.session.start()
    while sent := cut.session.bytes_to_send():
        for byte in cut.far_end.receive(sent):
            cut.session.receive(bytes([byte]))
    assert cut.heard.lines == whole.heard.lines
    assert cut.heard.lines[-1] == "link up: 3 devices monitored"


def test_messages_glued_into_one_segment() -> None:
    stage = Stage().up()
    assert stage.say(
        event("DELIVERED", "8002", "7:8002", calling="8001", called="8002"),
        SystemStatus(system_status=SystemStatusValue.NORMAL),
        event("ESTABLISHED", "8002", "7:8002", calling="8001", called="8002"),
    ) == ["8002: delivered 7 8002", "8002: established 7 8002"]


def test_an_empty_body_is_counted_and_nothing_else() -> None:
    stage = Stage().up()
    for number in (9999, 17):
        assert stage.say_raw(frame(number, b"")) == []
    assert stage.session.counts["messages_not_understood"] == 2
    assert stage.names() == []
    assert stage.session.ended is None


def test_frames_longer_than_a_signed_length_could_say() -> None:
    stage = Stage().up()
    delivered = stage.far_end.says(event("DELIVERED", "8002", "7:8002", calling="8001"))[8:]
    for frame_bytes in (32_767, 32_768, 65_535):
        padded = delivered + b" " * (frame_bytes - 8 - len(delivered))
        assert stage.say_raw(frame(9999, padded)) == ["8002: delivered 7 8002"]
    assert stage.session.ended is None


@pytest.mark.parametrize(
    "received", [b"HTTP/1.1 400 Bad Request", b"\0\1\0\x10" + b"0001<x/>    ", b"\0\0\0\x10" + b"12a4<x/>    "]
)
def test_bytes_of_another_protocol_end_the_session(received: bytes) -> None:
    stage = Stage().up()
    assert stage.say_raw(received) == []
    assert stage.session.ended is not None
    assert "not CSTA XML over TCP" in stage.session.ended
    assert received[:8].hex() in stage.session.ended


# -- numbers -------------------------------------------------------------------------------------------------------


def test_after_9998_comes_a_free_number() -> None:
    stage = Stage(port_cfg="EXT 8001", answer_seconds=1e6).up()
    stage.far_end.replies[SnapshotDevice] = lambda _: NO_REPLY
    stage.session.ask_device(DeviceNumber("8001"))
    stage.settle()
    ((pending, _),) = stage.far_end.heard
    stage.far_end.heard.clear()
    numbers: list[int] = []
    while len(numbers) < 10_050:
        stage.session.ask_call(SwitchCallId(str(len(numbers))), ConnectionKey(""))
        stage.settle()
        numbers += [number for number, _ in stage.far_end.heard]
        stage.far_end.heard.clear()
    assert 9998 in numbers
    assert 9999 not in numbers
    assert pending not in numbers
    assert numbers[numbers.index(9998) + 1 :][:3] == [0, 1, 2]


def test_the_switch_s_request_under_our_pending_number() -> None:
    stage = Stage().up()
    answers: list[Outcome] = []
    stage.far_end.is_polite = False
    command = Command(CommandKind.CLEAR_CONNECTION, DeviceNumber("8001"))
    stage.session.execute(command, CommandTarget(CUT, ConnectionState.CONNECTED), answers.append)
    stage.settle()
    ((number, _),) = stage.far_end.heard
    stage.far_end.heard.clear()
    stage.say(SystemStatus(system_status=SystemStatusValue.NORMAL), invoke_id=number)
    stage.say(MonitorStop("M8003"), invoke_id=number)
    stage.say_raw(frame(number, b"<EscapeService/>"))
    stage.say_raw(frame(number, b"<SystemStatus><systemStatus>strange</systemStatus></SystemStatus>"))
    assert stage.names() == [
        f"{number:04d} {name}"
        for name in ("SystemStatusResponse", "MonitorStopResponse", "CSTAErrorCode", "CSTAErrorCode")
    ]
    assert answers == []
    stage.say(ClearConnectionResponse(), invoke_id=number)
    assert answers == [Outcome()]


def test_a_late_response_meets_nobody() -> None:
    stage = Stage(answer_seconds=2.0).up()
    stage.far_end.replies[MonitorStart] = lambda _: NO_REPLY
    stage.session.serve(ports("EXT 8001-8004"))
    stage.settle()
    ((number, _),) = stage.far_end.heard
    assert of_kind(stage.pass_seconds(2.0), "8004") == [
        "8004 not_monitored: MonitorStart: the switch did not answer in time"
    ]
    stage.names()
    # It would report everything of 8004 twice: it is stopped, and the new request goes on undisturbed.
    assert stage.say(MonitorStartResponse("Mlate"), invoke_id=number) == []
    assert stage.far_end.asked(MonitorStop) == [MonitorStop("Mlate")]
    assert stage.session.counts["answers_late"] == 1
    stage.names()
    stage.far_end.replies.clear()
    assert of_kind(stage.pass_seconds(1.0), "8004") == ["8004 monitored"]
    ((again, _),) = [one for one in stage.far_end.heard if isinstance(one[1], MonitorStart)]
    assert again != number


# -- names ---------------------------------------------------------------------------------------------------------


def test_an_unknown_event_is_skipped() -> None:
    stage = Stage().up()
    unknown = frame(
        9999, b"<PartyLineEvent xmlns='urn:x'><monitorCrossRefID>M8001</monitorCrossRefID></PartyLineEvent>"
    )
    known = stage.far_end.says(event("DELIVERED", "8002", "7:8002"))
    assert stage.say_raw(unknown + known) == ["8002: delivered 7 8002"]
    assert stage.names() == []  # nobody answers an event
    assert stage.session.counts["messages_not_understood"] == 1


PARTS = (
    "<{p}monitorCrossRefID>M8002</{p}monitorCrossRefID>"
    "<{p}connection><{p}callID>7</{p}callID><{p}deviceID>8002</{p}deviceID></{p}connection>"
    "<{p}alertingDevice><{p}deviceIdentifier>8002</{p}deviceIdentifier></{p}alertingDevice>"
)


@pytest.mark.parametrize(
    "body",
    [
        f"<DeliveredEvent xmlns='{CSTA_ED3}'>{PARTS.format(p='')}<novelty><deep/></novelty></DeliveredEvent>",
        f"<DeliveredEvent xmlns='urn:some-maker:v9'>{PARTS.format(p='')}</DeliveredEvent>",
        f"<c:DeliveredEvent xmlns:c='{CSTA_ED3}'>{PARTS.format(p='c:')}</c:DeliveredEvent>",
        f"<DeliveredEvent>{PARTS.format(p='')}</DeliveredEvent>",
        f"\ufeff<?xml version='1.0'?><!-- a note --><DeliveredEvent>{PARTS.format(p='')}</DeliveredEvent>",
    ],
    ids=["unknown element", "unknown namespace", "prefix", "no namespace", "byte order mark"],
)
def test_names_and_spaces_of_other_makers(body: str) -> None:
    assert Stage().up().say_raw(frame(9999, body.encode())) == ["8002: delivered 7 8002"]


BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "x"}">' for i in range(9))


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE DeliveredEvent SYSTEM 'http://127.0.0.1:1/x.dtd'><DeliveredEvent/>",
        f"<!DOCTYPE x [{BOMB}]><DeliveredEvent><monitorCrossRefID>&e8;</monitorCrossRefID></DeliveredEvent>",
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><DeliveredEvent>&f;</DeliveredEvent>",
    ],
    ids=["DOCTYPE", "entity bomb", "outside entity"],
)
def test_documents_that_declare_entities_are_not_read(document: str) -> None:
    stage = Stage().up()
    assert stage.say_raw(frame(9999, document.encode())) == []
    assert stage.session.counts["messages_not_understood"] == 1
    assert stage.say(event("DELIVERED", "8002", "7:8002")) == ["8002: delivered 7 8002"]


# -- session -------------------------------------------------------------------------------------------------------


def test_the_actual_duration_counts() -> None:
    stage = Stage(FarEnd(session_seconds=20)).up()
    stage.pass_seconds(9.9)
    assert stage.names() == []
    stage.far_end.session_seconds = 4
    stage.pass_seconds(0.1)
    assert stage.far_end.asked(ResetApplicationSessionTimer) == [ResetApplicationSessionTimer("S1", 180)]
    stage.forget()
    stage.pass_seconds(1.9)
    assert stage.names() == []
    stage.pass_seconds(0.1)
    assert [name[5:] for name in stage.names()] == ["ResetApplicationSessionTimer"]


@pytest.mark.parametrize("error", ["invalidApplicationInfo", "maxNumberSessions"])
def test_a_log_in_that_is_refused(error: str) -> None:
    far_end = FarEnd(
        replies={StartApplicationSession: lambda _: StartApplicationSessionNegResponse(defined_error=error)}
    )
    stage = Stage(far_end).start()
    assert stage.session.ended == f"the switch refused the log-in: {error}"
    assert stage.session.is_refused
    assert [name[5:] for name in stage.names()] == ["StartApplicationSession"]


def test_the_switch_ends_the_session() -> None:
    stage = Stage().up()
    stage.say(ApplicationSessionTerminated("S1", "sessionTimerExpired"))
    assert stage.session.ended == "the switch ended the session: sessionTimerExpired"
    assert not stage.session.is_refused
    assert stage.names() == []


def test_silence_is_tested_and_then_believed() -> None:
    stage = Stage(silence_seconds=3.0).up()
    stage.far_end.replies[RequestSystemStatus] = lambda _: NO_REPLY
    stage.pass_seconds(2.9)
    assert stage.names() == []
    stage.pass_seconds(0.1)
    assert [name[5:] for name in stage.names()] == ["RequestSystemStatus"]
    stage.pass_seconds(2.9)
    assert stage.session.ended is None
    stage.pass_seconds(0.1)
    assert stage.session.ended == "nothing heard from the switch for 6 s"


def test_a_word_of_the_switch_ends_the_silence() -> None:
    stage = Stage(silence_seconds=3.0).up()
    for _ in range(10):
        stage.pass_seconds(2.0)
        stage.say(SystemStatus(system_status=SystemStatusValue.NORMAL), invoke_id=5)
    assert [name for name in stage.names() if "Request" in name] == []
    # Half a frame is no word.
    stage.session.receive(stage.far_end.says(SystemStatus(system_status=SystemStatusValue.NORMAL))[:20])
    stage.pass_seconds(3.0)
    assert [name[5:] for name in stage.names()] == ["RequestSystemStatus"]


@pytest.mark.parametrize(
    ("status", "monitors_anew"),
    [
        (SystemStatusValue.DISABLED, True),
        (SystemStatusValue.INITIALIZING, True),
        (SystemStatusValue.OVERLOAD_REACHED, False),
    ],
)
def test_not_normal_is_not_up_and_normal_compares_everything(status: SystemStatusValue, monitors_anew: bool) -> None:
    stage = Stage(port_cfg="EXT 8001-8002").up()
    assert stage.say(SystemStatus(system_status=status), invoke_id=3) == [
        f"link initialising: the switch says {status}"
    ]
    assert stage.names() == ["0003 SystemStatusResponse"]
    # Its events are true all the same.
    assert stage.say(event("DELIVERED", "8002", "7:8002")) == ["8002: delivered 7 8002"]
    stage.far_end.calls = {"7": {"8001": "connected", "8002": "alerting"}}
    told = stage.say(SystemStatus(system_status=SystemStatusValue.NORMAL), invoke_id=4)
    assert of_kind(told, "link") + of_kind(told, "device") == [
        "link initialising: starting 2 monitors",
        "link initialising: asking 2 devices for their calls",
        "link up: 2 devices monitored",
        "device 8001: 7=connected",
        "device 8002: 7=alerting",
    ]
    assert told[-1] == "link up: 2 devices monitored"
    asked = [name[5:] for name in stage.names()]
    assert ("MonitorStart" in asked, "MonitorStop" in asked) == (monitors_anew, monitors_anew)


def test_a_switch_that_starts_is_waited_for_and_asked() -> None:
    stage = Stage(FarEnd(status=SystemStatusValue.INITIALIZING)).start()
    assert stage.heard.lines[-1] == "link initialising: the switch says initializing"
    stage.pass_seconds(300.0)
    assert stage.session.ended is None
    assert stage.session.phase is Phase.WAITING_FOR_STATUS
    stage.far_end.status = SystemStatusValue.NORMAL
    assert stage.pass_seconds(5.0)[-1] == "link up: 3 devices monitored"


def test_the_switch_stops_a_monitor() -> None:
    stage = Stage().up()
    assert stage.say(MonitorStop("M8002"), invoke_id=11) == [
        "8002 not_monitored: the switch ended the monitor",
        "link degraded: 1 of 3 monitors refused (8002): the switch ended the monitor",
    ]
    assert stage.far_end.heard == [(11, MonitorStopResponse())]
    stage.names()
    assert stage.say(event("DELIVERED", "8002", "7:8002")) == []
    assert stage.session.counts["events_of_unknown_monitors"] == 1
    assert stage.pass_seconds(1.0) == ["8002 monitored", "link up: 3 devices monitored", "device 8002: none"]


def test_one_of_three_monitors_is_refused() -> None:
    stage = Stage(FarEnd(refuses={"8002"})).start()
    refusal = "the switch refused the monitor: systemResourceAvailibility overallMonitorLimitExceeded"
    assert stage.heard.lines[-1] == f"link degraded: 1 of 3 monitors refused (8002): {refusal}"
    assert f"8002 not_monitored: {refusal}" in stage.heard.lines
    stage.forget()
    stage.pass_seconds(60.0)  # asked again after 1, 5 and 15 seconds
    assert [name[5:] for name in stage.names()].count("MonitorStart") == 3
    stage.far_end.refuses.clear()
    stage.forget()
    assert of_kind(stage.pass_seconds(60.0), "link") == ["link up: 3 devices monitored"]


def test_a_switch_that_allows_no_monitor_refuses_us() -> None:
    stage = Stage(FarEnd(refuses={"8001", "8002", "8003"})).start()
    assert stage.session.is_refused
    assert stage.session.ended is not None
    assert stage.session.ended.startswith("no monitor allowed: the switch refused the monitor")
