"""Devices and their features."""

from gateway.links.csta_xml.messages import ForwardingType
from simulator.devices import Forwarding
from tests.simulator.stage import Stage


def test_free_is_without_calls_and_in_service() -> None:
    stage = Stage()
    device = stage.switch.devices["1000"]
    assert device.is_free
    stage.call("1000", "1001")
    assert not device.is_free
    other = stage.switch.devices["1002"]
    other.in_service = False
    assert not other.is_free


def test_the_first_forwarding_that_is_set_counts() -> None:
    device = Stage().switch.devices["1000"]
    assert device.forwarding(ForwardingType.BUSY) is None
    device.forwardings[ForwardingType.BUSY] = Forwarding("1001", 1)
    assert device.forwarding(ForwardingType.IMMEDIATE, ForwardingType.BUSY) == Forwarding("1001", 1)
