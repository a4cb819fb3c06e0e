"""The session beyond the list of traps: profiles, ports that come and go, lost messages, limits, our own faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.base import CommandTarget
from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.inbound import GARBAGE_MAX
from gateway.links.csta_xml.life import MEND_SECONDS_MIN, Phase
from gateway.links.csta_xml.messages import (
    CallEvent,
    ClearConnection,
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
    HoldCall,
    ListedDevice,
    Message,
    MonitorStart,
    MonitorStop,
    RequestSystemStatus,
    Security,
    SnapshotCall,
    SnapshotDevice,
    StartApplicationSession,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    SwitchingFunctionDevices,
    SystemRegister,
    SystemStatus,
    SystemStatusValue,
)
from gateway.links.csta_xml.namespaces import CSTA_ED5
from gateway.links.csta_xml.profiles import OPENSCAPE
from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId, SwitchConnection
from model.states import ConnectionState
from tests.gateway.links.csta_xml.far_end import GENERIC, FarEnd, Stage, event, of_kind, ports

NORMAL = SystemStatus(system_status=SystemStatusValue.NORMAL)
TARGET = CommandTarget(SwitchConnection(SwitchCallId("7"), ConnectionKey("8001")), ConnectionState.CONNECTED)


def ask_for(stage: Stage, *kinds: CommandKind) -> list[Outcome]:
    """Commands of 8001, and where their outcomes gather."""
    outcomes: list[Outcome] = []
    for kind in kinds:
        stage.session.execute(Command(kind, DeviceNumber("8001"), destination="8002"), TARGET, outcomes.append)
    return outcomes


# -- profiles ------------------------------------------------------------------------------------------------------


def test_openscape_waits_for_the_switch_s_status_then_registers() -> None:
    far_end = FarEnd(namespace="")
    stage = Stage(far_end, traits=OPENSCAPE).start()
    assert stage.names() == []
    stage.say(NORMAL, invoke_id=4242)
    assert [name[5:] for name in stage.names()] == [
        "SystemStatusResponse",
        "SystemRegister",
        "GetSwitchingFunctionDevices",
        *["MonitorStart"] * 3,
        *["SnapshotDevice"] * 3,
    ]
    assert stage.heard.state.is_up
    stage.say(NORMAL, invoke_id=4243)
    assert stage.names() == ["4243 SystemStatusResponse"]  # registered once


def test_openscape_that_refuses_to_be_registered_with() -> None:
    stage = Stage(FarEnd(replies={SystemRegister: lambda _: GENERIC}), traits=OPENSCAPE).start()
    stage.say(NORMAL, invoke_id=1)
    assert stage.session.ended == "the switch refused SystemRegister: operation generic"
    assert stage.session.is_refused


def test_a_switch_that_says_nothing_at_all() -> None:
    stage = Stage(FarEnd(is_polite=False), traits=OPENSCAPE, silence_seconds=60.0).start()
    stage.pass_seconds(40.0)
    assert stage.session.ended == "the switch did not let us in, or say how it is, within 30 s"
    assert stage.names() == []


def test_nothing_is_asked_of_a_switch_that_has_not_let_us_in() -> None:
    stage = Stage(FarEnd(is_polite=False), traits=OPENSCAPE, silence_seconds=10.0).start()
    stage.pass_seconds(19.0)
    assert stage.names() == []
    stage.pass_seconds(1.0)
    assert stage.session.ended == "nothing heard from the switch for 20 s"


def test_a_log_in_without_answer() -> None:
    stage = Stage(FarEnd(is_polite=False)).start()
    stage.pass_seconds(10.0)
    assert stage.session.ended == "the log-in: the switch did not answer in time"
    assert not stage.session.is_refused


def test_the_switch_s_edition_is_spoken() -> None:
    reply = StartApplicationSessionPosResponse("S9", CSTA_ED5, 100)
    stage = Stage(FarEnd(replies={StartApplicationSession: lambda _: reply}))
    stage.session.start()
    stage.session.receive(stage.far_end.receive(stage.session.bytes_to_send()))
    assert CSTA_ED5.encode() in stage.session.bytes_to_send()


def test_a_switch_without_a_status_service_is_at_work() -> None:
    stage = Stage(FarEnd(replies={RequestSystemStatus: lambda _: GENERIC})).start()
    assert stage.heard.state.is_up


# -- devices -------------------------------------------------------------------------------------------------------


def test_ports_not_listed_are_named_once_and_tried() -> None:
    def listed(_: object) -> list[object]:
        devices = (ListedDevice("8001"), ListedDevice("N<8003>;displayNumber=8003"))
        piece = SwitchingFunctionDevices("X", 1, True, devices)
        return [GetSwitchingFunctionDevicesResponse("X"), FarEnd().says(piece, 3)]

    stage = Stage(FarEnd(replies={GetSwitchingFunctionDevices: listed})).start()
    assert of_kind(stage.heard.lines, "alarm") == [
        "alarm ports_not_listed_by_switch: port.cfg names what the switch does not list: 8002"
    ]
    assert stage.heard.lines[-1] == "link up: 3 devices monitored"


def test_ports_come_and_go() -> None:
    stage = Stage().up()
    stage.session.serve(ports('EXT 8001;;EXT 8003 device="N<8003>";;EXT 8004'))
    stage.settle()
    assert {one.monitor_cross_ref_id for one in stage.far_end.asked(MonitorStop)} == {"M8002", "M8003"}
    assert {one.device for one in stage.far_end.asked(MonitorStart)} == {"N<8003>", "8004"}
    assert {one.snapshot_object for one in stage.far_end.asked(SnapshotDevice)} == {"N<8003>", "8004"}
    assert stage.heard.lines[-1] != "link degraded"
    assert stage.heard.reason == "3 devices monitored"


def test_a_port_taken_away_while_its_monitor_starts() -> None:
    stage = Stage().up()
    stage.far_end.is_polite = False
    stage.session.serve(ports("EXT 8001-8004"))
    stage.settle()
    ((number, request),) = stage.far_end.heard
    stage.session.serve(ports("EXT 8001-8003"))
    stage.settle()
    stage.forget()
    stage.session.receive(stage.far_end.answer(number, request))
    stage.settle()
    assert stage.far_end.asked(MonitorStop) == [MonitorStop("M8004")]
    assert stage.heard.take() == ["link up: 3 devices monitored"]


def test_events_that_overtake_their_monitor_s_answer() -> None:
    far_end = FarEnd()
    stage = Stage(far_end, port_cfg="EXT 8001").up()

    def early(request: MonitorStart) -> list[object]:
        return [far_end.says(event("DELIVERED", "8002", "7:8002")), far_end.polite(request)]

    far_end.replies[MonitorStart] = early
    stage.session.serve(ports("EXT 8001-8002"))
    stage.settle()
    told = stage.heard.take()
    assert told.index("8002 monitored") < told.index("8002: delivered 7 8002")
    assert not stage.session.counts["events_of_unknown_monitors"]


# -- lost messages -------------------------------------------------------------------------------------------------


def numbered(number: int, call: str) -> CallEvent:
    return event("DELIVERED", "8002", f"{call}:8002", security=Security(number))


def test_a_hole_in_the_numbers_degrades_and_compares() -> None:
    stage = Stage().up()
    assert stage.say(numbered(5, "1"), numbered(6, "2")) == ["8002: delivered 1 8002", "8002: delivered 2 8002"]
    told = stage.say(numbered(9, "3"))
    assert of_kind(told, "alarm") == ["alarm switch_messages_lost: messages 7 to 8 of the switch were lost"]
    assert of_kind(told, "link") == [
        "link degraded: messages 7 to 8 of the switch were lost; comparing all calls",
        "link up: 3 devices monitored",
    ]
    assert [name[5:] for name in stage.names()] == ["SnapshotDevice"] * 3
    # Another one at once: it waits, and the link says why.
    told = stage.say(numbered(11, "4"))
    assert of_kind(told, "link") == []
    told = stage.pass_seconds(MEND_SECONDS_MIN)
    assert of_kind(told, "link")[-1] == "link up: 3 devices monitored"
    assert [name[5:] for name in stage.names()] == ["SnapshotDevice"] * 3


def test_a_doubled_message_is_taken_once() -> None:
    stage = Stage().up()
    assert len(stage.say(numbered(5, "1"), numbered(5, "1"), numbered(6, "2"), numbered(5, "1"))) == 2
    assert stage.session.counts["messages_doubled"] == 2


def test_the_switch_says_that_messages_were_lost() -> None:
    stage = Stage().up()
    told = stage.say(SystemStatus(system_status=SystemStatusValue.MESSAGES_LOST), invoke_id=1)
    assert [line.partition(":")[0] for line in of_kind(told, "link")] == ["link degraded", "link up"]


# -- commands ------------------------------------------------------------------------------------------------------


def test_commands_leave_in_order_and_before_questions() -> None:
    stage = Stage(window=1).up()
    stage.far_end.is_polite = False
    for call in range(3):
        stage.session.ask_call(SwitchCallId(str(call)), ConnectionKey(""))
    stage.settle()
    ask_for(stage, CommandKind.HOLD_CALL, CommandKind.CLEAR_CONNECTION)
    stage.settle()
    assert [type(message) for _, message in stage.far_end.heard] == [SnapshotCall]
    for _ in range(4):
        number, request = stage.far_end.heard[-1]
        stage.session.receive(stage.far_end.answer(number, request) or stage.far_end.says(GENERIC, number))
        stage.settle()
    kinds = [type(message) for _, message in stage.far_end.heard]
    assert kinds == [SnapshotCall, HoldCall, ClearConnection, SnapshotCall, SnapshotCall]


def test_an_old_command_is_not_sent_any_more() -> None:
    stage = Stage(window=1, answer_seconds=5.0).up()
    stage.far_end.is_polite = False
    first = ask_for(stage, CommandKind.HOLD_CALL)
    stage.settle()
    second = ask_for(stage, CommandKind.HOLD_CALL, CommandKind.CLEAR_CONNECTION)
    stage.pass_seconds(5.0)
    assert [one.refusal for one in first] == [Refusal.NO_ANSWER_FROM_SWITCH]
    assert [one.refusal for one in second] == [Refusal.TOO_MANY_REQUESTS] * 2
    assert len(stage.far_end.heard) == 1


def test_commands_when_the_link_goes_down() -> None:
    stage = Stage(window=1).up()
    stage.far_end.is_polite = False
    outcomes = ask_for(stage, CommandKind.HOLD_CALL, CommandKind.CLEAR_CONNECTION)
    stage.settle()
    stage.session.connection_lost()
    assert [one.refusal for one in outcomes] == [Refusal.NO_ANSWER_FROM_SWITCH, Refusal.LINK_DOWN]
    assert [one.refusal for one in ask_for(stage, CommandKind.HOLD_CALL)] == [Refusal.LINK_DOWN]
    assert stage.heard.take() == []  # no device is said to be refused because the link is gone


def test_a_command_that_cannot_be_written_down() -> None:
    stage = Stage().up()
    outcomes: list[Outcome] = []
    command = Command(CommandKind.MAKE_CALL, DeviceNumber("8001"), destination="\x01")
    stage.session.execute(command, CommandTarget(), outcomes.append)
    stage.settle()
    assert outcomes == [
        Outcome(Refusal.REFUSED_BY_SWITCH, "the switch refused", switch_error="operation invalidParameterValue")
    ]
    assert stage.names() == []


def test_commands_that_the_link_cannot_do() -> None:
    stage = Stage().up()
    assert [one.refusal for one in ask_for(stage, CommandKind.PICKUP_CALL)] == [Refusal.NOT_SUPPORTED]
    outcomes: list[Outcome] = []
    stage.session.execute(Command(CommandKind.HOLD_CALL, DeviceNumber("9999")), TARGET, outcomes.append)
    assert [one.refusal for one in outcomes] == [Refusal.UNKNOWN_DEVICE]


# -- limits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [1, 2, 16])
def test_never_more_requests_under_way_than_the_window(window: int) -> None:
    far_end = FarEnd(is_polite=False)
    stage = Stage(far_end, port_cfg="EXT 8001-8040", window=window)
    stage.session.start()
    open_requests: list[tuple[int, Message]] = []
    most = 0
    while (sent := stage.session.bytes_to_send()) or open_requests:
        far_end.receive(sent)
        open_requests += far_end.heard
        far_end.heard.clear()
        most = max(most, len(open_requests))
        number, request = open_requests.pop(0)
        stage.session.receive(far_end.answer(number, request))
    assert stage.heard.state.is_up
    assert most == min(window, 40)


def test_a_switch_that_never_stops_sending_garbage() -> None:
    stage = Stage().up()
    for _ in range(GARBAGE_MAX - 1):
        stage.say_raw(frame(9999, b"<not"))
    assert stage.session.ended is None
    stage.say(NORMAL, invoke_id=2)
    for _ in range(GARBAGE_MAX):
        assert stage.session.ended is None
        stage.say_raw(frame(9999, b"<not"))
    assert stage.session.ended == "100 messages in a row were no CSTA: is [switch] interface and port right?"


def test_a_switch_that_answers_nothing() -> None:
    """Nothing gathers: what is not answered is given up, and its number rests."""
    stage = Stage(window=4, answer_seconds=2.0).up()
    stage.far_end.is_polite = False
    for call in range(20):
        stage.session.ask_call(SwitchCallId(str(call)), ConnectionKey(""))
    for _ in range(20):
        stage.say_raw(stage.far_end.says(NORMAL, 5))  # it lives
        stage.pass_seconds(2.0)
    assert len(stage.far_end.asked(SnapshotCall)) == 20 * 3  # tried three times each
    assert stage.session.counts["requests_unanswered"] == 60
    assert stage.session.counts["questions_unanswered"] == 20
    assert stage.session.deadline() > stage.clock.monotonic_us() / 1_000_000


def test_last_words_do_not_wait_for_the_window() -> None:
    stage = Stage(window=1).up()
    stage.far_end.is_polite = False
    ask_for(stage, CommandKind.HOLD_CALL, CommandKind.HOLD_CALL)
    stage.settle()
    stage.forget()
    stage.session.stop()
    stage.settle()
    assert stage.far_end.asked(StopApplicationSession) == [StopApplicationSession("S1", None, "normal")]
    assert len(stage.far_end.heard) == 1
    assert stage.say(event("DELIVERED", "8002", "7:8002")) == []


def test_a_busy_switch_does_not_keep_the_link_from_being_up() -> None:
    """Calls that begin while others are compared are asked for too; up is when those of the beginning are known."""
    far_end = FarEnd(calls={"1": {"8001": "connected", "8002": "connected"}})
    stage = Stage(far_end, window=64)
    fresh = iter(range(100, 10_000))

    stage.session.start()
    for _ in range(12):
        if sent := stage.session.bytes_to_send():
            stage.session.receive(far_end.receive(sent))
        if stage.session.phase in (Phase.ASKING_DEVICES, Phase.COMPARING_CALLS):
            stage.session.ask_call(SwitchCallId(str(next(fresh))), ConnectionKey(""))
    assert stage.heard.state.is_up


@given(st.lists(st.binary(max_size=200), max_size=20), st.integers(0, 3))
def test_any_bytes_are_taken_or_end_the_session(pieces: list[bytes], seconds: int) -> None:
    stage = Stage(port_cfg="EXT 8001").up()
    for piece in pieces:
        stage.session.receive(piece)
        stage.settle()
    stage.pass_seconds(float(seconds))
    assert stage.session.ended is None or "not CSTA" in stage.session.ended
