"""Calls that become one."""

import pytest

from gateway.links.csta_xml.messages import CallEvent, ConnectionID, ParticipationType
from simulator.answering import answer
from simulator.calls import Leg, State
from simulator.clearing import clear_leg
from simulator.holding import consult
from simulator.switch import Plan
from simulator.transferring import (
    CONFERENCE_PARTIES_MAX,
    conference,
    single_step_conference,
    single_step_transfer,
    transfer,
)
from tests.simulator.stage import EXTENSIONS, Stage, refusal
from tests.simulator.test_holding import consulting


def list_of(stage: Stage) -> list[tuple[str, str]]:
    """New and old connections of the last event, as `call:device`."""
    event = stage.switch.reports[-1].event
    assert isinstance(event, CallEvent)
    return [(named(item.new_connection), named(item.old_connection)) for item in event.connections]


def named(connection: ConnectionID | None) -> str:
    return "-" if connection is None else f"{connection.call_id}:{connection.device_id}"


def test_transfer_makes_a_new_call_of_those_who_stay() -> None:
    stage = Stage()
    done = transfer(stage.switch, *consulting(stage))
    assert isinstance(done, tuple)
    assert list_of(stage) == [("3:1001", "1:1001"), ("3:1002", "2:1002")]
    assert stage.told() == [
        "1001: Transfered 1:1000 transfer (connected)",
        "1002: Transfered 1:1000 transfer (connected)",
        "1000: Transfered 1:1000 transfer (null)",
    ]
    assert list(stage.switch.calls) == ["3"]
    assert [call.merged_into for call in stage.switch.account.calls] == ["3", "3", None]


def test_transfer_may_keep_the_primary_calls_id() -> None:
    stage = Stage(plan=Plan(extensions=EXTENSIONS, keep_call_id=True))
    transfer(stage.switch, *consulting(stage))
    assert list_of(stage) == [("1:1001", "1:1001"), ("1:1002", "2:1002")]
    assert list(stage.switch.calls) == ["1"]
    assert [call.merged_into for call in stage.switch.account.calls] == [None, "1"]


def test_transfer_to_a_phone_that_rings() -> None:
    stage = Stage()
    held = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    active = consult(stage.switch, held, "1002")
    assert isinstance(active, Leg)
    stage.told()
    transfer(stage.switch, held, active)
    answer(stage.switch, stage.leg("1002"))
    assert stage.told() == [
        "1001: Transfered 1:1000 transfer (connected)",
        "1002: Transfered 1:1000 transfer (alerting)",
        "1000: Transfered 1:1000 transfer (null)",
        "1001: Established 3:1002 normal (connected)",
        "1002: Established 3:1002 normal (connected)",
    ]


def test_an_outside_caller_keeps_number_and_trunk_when_transferred() -> None:
    stage = Stage("1002")
    outside = stage.call_in("0171555", "1000")
    answer(stage.switch, stage.leg("1000"))
    active = consult(stage.switch, stage.leg("1000"), "1002")
    assert isinstance(active, Leg)
    transfer(stage.switch, stage.leg("1000", State.HOLD), active)
    stage.switch.take_reports()
    answer(stage.switch, stage.leg("1002"))
    event = stage.switch.reports[-1].event
    assert isinstance(event, CallEvent)
    assert event.calling is not None
    assert event.calling.number == "0171555"
    assert event.originating_nid == outside.connection == ConnectionID("3", "T001")


def test_transfer_refused() -> None:
    stage = Stage()
    held, active = consulting(stage)
    assert refusal(transfer(stage.switch, active, held)) == "invalidHeldConnectionState"
    assert refusal(transfer(stage.switch, held, stage.leg("1001"))) == "notSameDevice"
    assert refusal(transfer(stage.switch, held, held)) == "invalidActiveCallID"
    failed = Stage()
    held = failed.call("1000", "1001")
    answer(failed.switch, failed.leg("1001"))
    tone = consult(failed.switch, held, "77")
    assert isinstance(tone, Leg)
    assert refusal(transfer(failed.switch, held, tone)) == "invalidActiveConnectionState"
    assert stage.told() == []


def test_conference_grows_and_shrinks() -> None:
    stage = Stage()
    conference(stage.switch, *consulting(stage))
    assert list_of(stage) == [("3:1001", "1:1001"), ("3:1000", "2:1000"), ("3:1002", "2:1002")]
    clear_leg(stage.switch, stage.leg("1001"))
    clear_leg(stage.switch, stage.leg("1000"))
    assert stage.told() == [
        "1001: Conferenced 1:1000 conference (connected)",
        "1000: Conferenced 1:1000 conference (connected)",
        "1002: Conferenced 1:1000 conference (connected)",
        "1000: ConnectionCleared 3:1001 normalClearing (connected)",
        "1002: ConnectionCleared 3:1001 normalClearing (connected)",
        "1001: ConnectionCleared 3:1001 normalClearing (null)",
        "1002: ConnectionCleared 3:1000 normalClearing (connected)",
        "1000: ConnectionCleared 3:1000 normalClearing (null)",
        "1002: ConnectionCleared 3:1002 normalClearing (null)",
    ]


def test_conference_wants_both_calls_answered() -> None:
    stage = Stage()
    held = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    active = consult(stage.switch, held, "1002")
    assert isinstance(active, Leg)
    assert refusal(conference(stage.switch, held, active)) == "invalidActiveConnectionState"
    assert refusal(conference(stage.switch, active, held)) == "invalidHeldConnectionState"


def test_single_step_transfer() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    done = single_step_transfer(stage.switch, leg, "1002")
    assert isinstance(done, tuple)
    assert done[0] == ConnectionID("2", "1002")
    answer(stage.switch, stage.leg("1002"))
    assert stage.told() == [
        "1001: Transfered 1:1000 singleStepTransfer (connected)",
        "1000: Transfered 1:1000 singleStepTransfer (null)",
        "1001: Delivered 2:1002 singleStepTransfer (connected)",
        "1002: Delivered 2:1002 singleStepTransfer (alerting)",
        "1001: Established 2:1002 normal (connected)",
        "1002: Established 2:1002 normal (connected)",
    ]


def test_single_step_transfer_to_nobody_leaves_the_other_with_a_tone() -> None:
    stage = Stage("1001", Plan(extensions=EXTENSIONS, trunks=1, keep_call_id=True))
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    done = single_step_transfer(stage.switch, leg, "77")
    assert isinstance(done, tuple)
    assert done[0] == ConnectionID("1", None)
    assert stage.told() == [
        "1001: Transfered 1:1000 singleStepTransfer (connected)",
        "1001: Failed 1:1001 numberUnallocated (fail)",
    ]


@pytest.mark.parametrize(
    ("to", "value"),
    [
        ("", "invalidDestinationDeviceID"),
        ("1000", "invalidDestinationDeviceID"),
        ("1001", "invalidDestinationDeviceID"),
        ("1003", "invalidDestinationDeviceState"),
    ],
)
def test_single_step_transfer_refused(to: str, value: str) -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    assert refusal(single_step_transfer(stage.switch, leg, "1002")) == "noActiveCall"
    answer(stage.switch, stage.leg("1001"))
    stage.call("1003", "1004")
    stage.told()
    assert refusal(single_step_transfer(stage.switch, leg, to)) == value
    assert stage.told() == []


def test_single_step_conference() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    joined = single_step_conference(stage.switch, leg, "1002", ParticipationType.SILENT)
    assert joined is stage.leg("1002", State.CONNECTED)
    assert list_of(stage) == [("1:1000", "1:1000"), ("1:1001", "1:1001"), ("1:1002", "-")]
    assert stage.told() == [
        f"{number}: Conferenced 1:1000 silentParticipation (connected)" for number in ("1000", "1001", "1002")
    ]


def test_a_bridge_has_room_for_so_many() -> None:
    extensions = tuple(str(number) for number in range(1000, 1020))
    stage = Stage("1000", Plan(extensions=extensions))
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    assert refusal(single_step_transfer(stage.switch, stage.leg("1001"), "1000")) == "invalidDestinationDeviceID"
    for number in extensions[2:CONFERENCE_PARTIES_MAX]:
        assert isinstance(single_step_conference(stage.switch, leg, number, ParticipationType.ACTIVE), Leg)
    full = single_step_conference(stage.switch, leg, extensions[12], ParticipationType.ACTIVE)
    assert refusal(full) == "conferenceMemberLimitExceeded"
    assert refusal(single_step_transfer(stage.switch, leg, extensions[12])) == "invalidActiveConnectionState"
    active = consult(stage.switch, leg, extensions[13])
    assert isinstance(active, Leg)
    answer(stage.switch, stage.leg(extensions[13]))
    assert refusal(conference(stage.switch, leg, active)) == "conferenceMemberLimitExceeded"


@pytest.mark.parametrize(
    ("to", "value"),
    [
        ("77", "invalidDestinationDeviceID"),
        ("T001", "invalidDestinationDeviceID"),
        ("1003", "invalidDestinationDeviceState"),
    ],
)
def test_single_step_conference_refused(to: str, value: str) -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    assert refusal(single_step_conference(stage.switch, leg, "1002", ParticipationType.ACTIVE)) == "noActiveCall"
    answer(stage.switch, stage.leg("1001"))
    stage.call("1003", "1004")
    assert refusal(single_step_conference(stage.switch, leg, to, ParticipationType.ACTIVE)) == value


def test_outside_parties_transfer_nobody_by_our_services() -> None:
    stage = Stage()
    trunk = stage.call_in("0171555", "1000")
    answer(stage.switch, stage.leg("1000"))
    value = "requestIncompatibleWithDevice"
    assert refusal(single_step_transfer(stage.switch, trunk, "1001")) == value
    assert refusal(single_step_conference(stage.switch, trunk, "1001", ParticipationType.ACTIVE)) == value
