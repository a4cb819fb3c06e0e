"""A device rings; a call is taken away from a device."""

from gateway.links.csta_xml.messages import CallEvent, EventCause
from simulator.calls import State
from simulator.ringing import divert, ring
from tests.simulator.stage import Stage


def test_ring_and_divert() -> None:
    stage = Stage("1001")
    leg = stage.call("1000", "77")
    rung = ring(stage.switch, leg.call, stage.switch.devices["1001"], EventCause.NEW_CALL)
    assert rung.state is State.ALERTING
    divert(stage.switch, rung, "0301234", EventCause.REDIRECTED)
    event = stage.switch.reports[-1].event
    assert isinstance(event, CallEvent)
    assert event.target is not None
    assert event.target.number == "0301234"
    assert leg.call.redirected_by == "1001"
    assert stage.told() == ["1001: Delivered 1:1001 newCall (alerting)", "1001: Diverted 1:1001 redirected (null)"]
    assert stage.switch.devices["1001"].is_free
