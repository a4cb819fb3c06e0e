"""Records of calls."""

from gateway.links.csta_xml.messages import RESTRICTED, ConnectionID, DeviceRef
from simulator.calls import State, is_outside, party_ref
from tests.simulator.stage import Stage


def test_a_leg_knows_its_connection_and_how_it_is_shown() -> None:
    stage = Stage()
    leg = stage.call_in("0171555", "1000")
    assert (leg.connection, leg.ref, is_outside(leg)) == (ConnectionID("1", "T001"), DeviceRef.of("0171555"), True)
    assert not is_outside(stage.leg("1000"))
    assert leg.call.entry_leg is leg


def test_a_hidden_number_is_restricted() -> None:
    assert party_ref("") == RESTRICTED


def test_a_call_finds_its_legs() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    call = leg.call
    assert call.leg_of(stage.switch.devices["1000"]) is leg
    assert call.leg_of(stage.switch.devices["1002"]) is None
    assert call.first(State.ALERTING) is stage.leg("1001")
    assert call.first(State.HOLD) is None
    assert call.entry_leg is None
    assert call.states == {"1000": "connected", "1001": "alerting"}
