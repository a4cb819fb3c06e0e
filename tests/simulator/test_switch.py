"""The ground: devices, ids, timers, and who is told what."""

import pytest

from gateway.links.csta_xml.messages import CallEventKind, ConnectionID, EventCause, MonitorFilter
from simulator.answering import answer
from simulator.calls import State
from simulator.clearing import clear_leg
from simulator.monitors import Monitor
from simulator.numbering import CallIdStyle
from simulator.switch import Plan, Switch, moved, out_of_service, wrong_operand, wrong_state
from tests.simulator.stage import EXTENSIONS, Stage


def test_devices_are_found_by_number_and_by_their_name_on_the_wire() -> None:
    switch = Switch(Plan(extensions=("1000",), trunks=1, device_id_format="N<+8621{number}>"))
    assert switch.find("1000") is switch.find("N<+86211000>") is switch.devices["1000"]
    assert switch.find("T001") is switch.devices["T001"]
    assert switch.find("2000") is None
    assert (switch.shown("1000"), switch.shown("0301234")) == ("N<+86211000>", "0301234")


def test_no_number_is_given_twice() -> None:
    with pytest.raises(ValueError, match="1000"):
        Switch(Plan(extensions=("1000",), pilots=(("1000", ()),)))


def test_timers_run_in_order_and_time_never_goes_back() -> None:
    switch = Switch(Plan())
    ran: list[tuple[str, int]] = []
    switch.after(2.0, lambda: ran.append(("late", switch.now_us)))
    switch.after(1.0, lambda: ran.append(("early", switch.now_us)))
    switch.after(1.0, lambda: ran.append(("early too", switch.now_us)))
    assert switch.deadline_us == 1_000_000
    switch.pass_time(1_500_000)
    switch.pass_time(500_000)
    assert switch.now_us == 1_500_000
    switch.pass_time(5_000_000)
    assert ran == [("early", 1_000_000), ("early too", 1_000_000), ("late", 2_000_000)]
    assert switch.deadline_us is None


def test_filtered_events_are_not_told() -> None:
    stage = Stage("")
    monitor = stage.switch.monitors.start(1, stage.switch.devices["1000"], None, MonitorFilter(delivered=True))
    assert isinstance(monitor, Monitor)
    stage.call("1000", "1001")
    kinds = [report.event.kind for report in stage.switch.take_reports()]  # type: ignore[attr-defined]
    assert kinds == [CallEventKind.SERVICE_INITIATED, CallEventKind.ORIGINATED]


def test_two_monitors_on_one_device_are_both_told() -> None:
    stage = Stage("1000")
    stage.switch.monitors.start(7, stage.switch.devices["1000"], None, None)
    stage.call("1000", "1001")
    assert [report.client for report in stage.switch.take_reports()] == [1, 7, 1, 7, 1, 7]


def test_a_call_monitor_sees_the_call_to_its_end() -> None:
    stage = Stage("")
    leg = stage.call("1000", "1001")
    stage.switch.monitors.start(1, None, leg.call.call_id, None)
    answer(stage.switch, stage.leg("1001"))
    clear_leg(stage.switch, leg)
    events = [report.event for report in stage.switch.take_reports()]
    assert [event.kind.value for event in events] == [  # type: ignore[attr-defined]
        "EstablishedEvent",
        "ConnectionClearedEvent",
        "ConnectionClearedEvent",
        "CallClearedEvent",
    ]
    assert {event.local_state for event in events} == {None}  # type: ignore[attr-defined]
    assert len(stage.switch.monitors) == 0


def test_a_call_does_not_end_with_people_in_it() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    with pytest.raises(AssertionError, match="ends with legs"):
        stage.switch.end_call(leg.call, EventCause.NORMAL)


def test_small_call_ids_come_again() -> None:
    stage = Stage(plan=Plan(extensions=EXTENSIONS, call_ids=CallIdStyle.SMALL))
    seen = set()
    for _ in range(300):
        leg = stage.call("1000", "1001")
        seen.add(leg.call.call_id)
        clear_leg(stage.switch, leg)
    assert len(seen) == 256
    assert "0" in seen


def test_refusals_have_their_categories() -> None:
    assert wrong_state("a").category.value == "stateIncompatibility"
    assert wrong_operand("a").category.value == "operation"
    assert out_of_service("a").category.value == "systemResourceAvailibility"


def test_a_moved_connection_names_both_ids() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    item = moved(ConnectionID("7", "1000"), leg)
    assert (item.new_connection, item.old_connection) == (ConnectionID("1", "1000"), ConnectionID("7", "1000"))
    assert leg.state is State.CONNECTED


def test_pilots_and_trunks() -> None:
    switch = Switch(Plan(extensions=EXTENSIONS, trunks=1, pilots=(("6000", ("1000",)),)))
    assert [pilot.number for pilot in switch.pilots] == ["6000"]
    trunk = switch.free_trunk()
    assert trunk is switch.devices["T001"]
    call = switch.begin_call("1", "2")
    switch.join(call, trunk, State.CONNECTED)
    assert switch.free_trunk() is None
