"""How things stand, for whoever asks."""

from gateway.links.csta_xml.messages import ConnectionID, DeviceCategory
from simulator.answering import answer
from simulator.holding import hold
from simulator.snapshots import call_snapshot, call_table, device_list, device_snapshot
from tests.simulator.stage import Stage


def test_a_device_sees_its_own_state_first() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    [snapshot] = device_snapshot(stage.switch.devices["1001"])
    assert snapshot.connection_identifier == ConnectionID("1", "1001")
    assert [state.value for state in snapshot.compound_state or ()] == ["alerting", "connected"]
    answer(stage.switch, stage.leg("1001"))
    hold(stage.switch, leg)
    [snapshot] = device_snapshot(stage.switch.devices["1000"])
    assert [state.value for state in snapshot.compound_state or ()] == ["hold", "connected"]


def test_a_call_names_its_parties() -> None:
    stage = Stage()
    leg = stage.call_in("0171555", "1001")
    parties = call_snapshot(leg.call)
    assert [(party.device_on_call.number, party.call_identifier) for party in parties if party.device_on_call] == [
        ("0171555", ConnectionID("1", "T001")),
        ("1001", ConnectionID("1", "1001")),
    ]
    assert call_table(stage.switch) == {"1": {"T001": "connected", "1001": "alerting"}}


def test_devices_by_category() -> None:
    switch = Stage().switch
    assert [device.device_id for device in device_list(switch, DeviceCategory.NETWORK_INTERFACE)] == [
        "T001",
        "T002",
        "T003",
    ]
    assert len(device_list(switch, None)) == 8
