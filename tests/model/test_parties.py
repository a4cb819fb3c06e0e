"""Whom a report means: the leg by its key, a guess that turns out to be somebody, the caller who must be there."""

import pytest

from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId
from model.parties import find_leg, imply_caller, new_leg, outside_number
from model.record import CallRecord, Leg
from model.reports import CallReport
from model.state import ModelState
from model.states import ConnectionState, LinkState, PortKind
from model.view import Device, Licence, Link
from tests.model.transcript import Stage, call_report

NOW = Microseconds(1_000_000)


@pytest.fixture
def s() -> ModelState:
    """A state with the monitored extensions 8001 and 8002, and the trunk T001 without a monitor."""
    link = Link(LinkState.UP, "test", "", Microseconds(0))
    made = ModelState(1, link, Licence("evaluation", "", 32, 2, ""), single_appearance=True)
    for number, kind in (("8001", PortKind.EXT), ("8002", PortKind.EXT), ("T001", PortKind.TRUNK)):
        monitored = kind is PortKind.EXT
        made.set_device(Device(DeviceNumber(number), kind, "", "", monitored=monitored), Microseconds(0))
    return made


@pytest.fixture
def record(s: ModelState) -> CallRecord:
    return s.begin(SwitchCallId("1"), NOW)


def report(line: str) -> CallReport:
    """``8001: delivered 1:8002 calling=8001``."""
    monitor, happening, at, *rest = line.replace(":", "", 1).split()
    return call_report(monitor, happening, at, rest, NOW)


def leg_in(s: ModelState, record: CallRecord, key: str, device: str, trunk: str = "") -> Leg:
    return s.add_leg(record, ConnectionKey(key), DeviceNumber(device), NOW, trunk=DeviceNumber(trunk))


# -- which leg is meant ------------------------------------------------------------------------------------------


def test_the_key_decides_whatever_the_device_is_called(s: ModelState, record: CallRecord) -> None:
    leg = leg_in(s, record, "D1", "8001")
    leg_in(s, record, "D2", "8002")
    assert find_leg(s, record, report("8001: held 1:D1 subject=8002")) is leg


def test_without_a_key_the_device_decides(s: ModelState, record: CallRecord) -> None:
    leg = leg_in(s, record, "D1", "8001")
    assert find_leg(s, record, report("8001: held 1: subject=8001")) is leg
    assert find_leg(s, record, report("8001: held 1:")) is None


def test_a_guess_is_bound_to_the_key_by_its_device_or_its_trunk(s: ModelState, record: CallRecord) -> None:
    caller, outside = leg_in(s, record, "", "8001"), leg_in(s, record, "", "", "T001")
    assert find_leg(s, record, report("8001: originated 1:D1 subject=8001")) is caller
    assert find_leg(s, record, report("8001: established 1:D2 subject=T001")) is outside
    assert (caller.key, outside.key) == ("D1", "D2")
    assert record.legs_by_key == {"D1": caller, "D2": outside}


@pytest.mark.parametrize(("happening", "bound"), [("connection_cleared", True), ("held", True), ("delivered", False)])
def test_the_one_without_a_key_is_who_leaves_or_holds_under_an_unknown_one(
    happening: str, bound: bool, s: ModelState, record: CallRecord
) -> None:
    """Only somebody who is in the call can leave it; who begins to ring under a new key is somebody else."""
    leg_in(s, record, "8001", "8001")
    guess = leg_in(s, record, "", "")
    found = find_leg(s, record, report(f"8001: {happening} 1:D9 subject=?"))
    assert found is (guess if bound else None)


def test_of_two_without_a_key_nobody_can_say_which_left(s: ModelState, record: CallRecord) -> None:
    leg_in(s, record, "", "")
    leg_in(s, record, "", "13800")
    assert find_leg(s, record, report("8001: connection_cleared 1:D9 subject=?")) is None


# -- a leg first heard of ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "device", "trunk"),
    [
        ("8001: delivered 1:8002", "8002", ""),
        ("8001: delivered 1:D2 subject=8002", "8002", ""),
        ("8001: established 1:D2 subject=? trunk=T001", "", "T001"),
        ("8001: delivered 1:D2 subject=-", "", ""),
        ("8001: network_reached 1:T001 called=13900", "13900", "T001"),
        ("8001: network_reached 1:T001 called=8002", "", "T001"),
        ("8001: network_reached 1:T001", "", "T001"),
        ("8001: failed 1:D2 subject=- other=8002", "8002", ""),
    ],
)
def test_whom_a_new_leg_stands_for(line: str, device: str, trunk: str, s: ModelState, record: CallRecord) -> None:
    leg = new_leg(s, record, report(line))
    assert (leg.device, leg.trunk, leg.state) == (device, trunk, ConnectionState.NULL)
    assert record.legs_by_key[leg.key] is leg


def test_a_switch_seen_whole_watches_everybody(s: ModelState, record: CallRecord) -> None:
    assert not new_leg(s, record, report("8001: delivered 1:a subject=13800")).monitored
    assert new_leg(s, record, report("*: delivered 1:b subject=13800")).monitored


@pytest.mark.parametrize(("called", "behind"), [("13900", "13900"), ("8002", ""), ("-", ""), ("?", "")])
def test_who_is_behind_a_trunk(called: str, behind: str, s: ModelState) -> None:
    """A call forwarded to the outside still names the extension that was dialled: it is not out there."""
    assert outside_number(s, report(f"8001: network_reached 1:T001 called={called}")) == behind


# -- the caller --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "key", "device", "trunk", "state"),
    [
        ("8002: delivered 1:8002 calling=8001", "", "8001", "", ConnectionState.INITIATED),
        ("8002: delivered 1:8002 calling=13800", "", "13800", "", ConnectionState.CONNECTED),
        ("8002: delivered 1:8002 calling=? from=D7", "D7", "", "", ConnectionState.CONNECTED),
        (
            "8002: delivered 1:8002 calling=13800 from=T001 calling_trunk=T001",
            "T001",
            "13800",
            "T001",
            ConnectionState.CONNECTED,
        ),
    ],
)
def test_somebody_rings_so_somebody_calls(
    line: str, key: str, device: str, trunk: str, state: ConnectionState, s: ModelState, record: CallRecord
) -> None:
    """How far a monitored caller is, its own monitor will say; who is outside is connected to the switch by now."""
    imply_caller(s, record, report(line))
    (caller,) = record.live()
    assert (caller.key, caller.device, caller.trunk, caller.state) == (key, device, trunk, state)
    assert caller.is_implied


def test_a_caller_who_is_there_already_only_learns(s: ModelState, record: CallRecord) -> None:
    leg = leg_in(s, record, "T001", "")
    s.set_leg(leg, ConnectionState.CONNECTED, NOW)
    imply_caller(s, record, report("8002: delivered 1:8002 calling=13800 from=T001 calling_trunk=T001"))
    assert record.live() == [leg]
    assert (leg.device, leg.trunk) == ("13800", "T001")


def test_numbers_are_learnt_once_and_the_last_redirection_each_time() -> None:
    stage = Stage("8001", "8002", "8003", "8004")
    for line in (
        "8001: originated 1:8001",
        "8002: delivered 1:8002 calling=8001 called=8002",
        "8003: delivered 1:8003 calling=8009 called=8003 last_redirection=8002",
        "8004: delivered 1:8004 called=8004 last_redirection=8003",
    ):
        stage.tell(line)
    call = stage.call("1")
    assert (call.calling, call.called, call.last_redirection) == ("8001", "8002", "8003")


def test_an_extension_that_leaves_is_not_another_extension_whose_key_nobody_told() -> None:
    """8001 was implied as the caller; that 8003 left, whom nobody saw come, ends nothing of 8001's."""
    stage = Stage("8001", "8002", "8003")
    stage.tell("8002: delivered 1:8002 calling=8001 called=8002")
    assert stage.calls == {"1": "8002 alerting, 8001 initiated"}
    assert stage.tell("8002: connection_cleared 1:8003") == []
    assert stage.calls == {"1": "8002 alerting, 8001 initiated"}
