"""Devices are made in the form that their place in a message wants."""

from gateway.links.csta_xml.messages import ConnectionID, DeviceRef, DeviceRefKind


def test_device_forms() -> None:
    assert DeviceRef.of("1000") == DeviceRef(DeviceRefKind.IDENTIFIER, "1000")
    assert DeviceRef.redirected("1000").kind.value == "numberDialed"
    assert DeviceRef.endpoint("1000").kind.value == "deviceID"


def test_anonymous_and_empty_are_two_connections() -> None:
    assert ConnectionID("0", None) != ConnectionID("0", "")
