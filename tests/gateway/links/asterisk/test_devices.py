"""Channels to ports of port.cfg, and trunk channels to trunk ports."""

import pytest

from gateway.links.asterisk.devices import (
    NUMBER_LENGTH_MAX,
    Devices,
    caller_number,
    dialled_number,
    endpoint_of,
    plain_number,
)
from gateway.portcfg import Port, parse

PORT_CFG = """\
TRUNK T001-T003 endpoint=PJSIP/trunk
EXT 8001
EXT 8002 endpoint=PJSIP/desk-two
QUEUE 6000 endpoint=Queue/q6000
"""


def ports(text: str = PORT_CFG) -> tuple[Port, ...]:
    """The ports of a port.cfg."""
    return parse(text.encode()).ports


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [("PJSIP/8001-0000002a", "PJSIP/8001"), ("PJSIP/desk-two-00000001", "PJSIP/desk-two"), ("odd", "odd")],
)
def test_a_channel_is_named_after_its_endpoint(channel: str, endpoint: str) -> None:
    assert endpoint_of(channel) == endpoint


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("13900002222@trunk", "13900002222"),
        ("8001", "8001"),
        ("PJSIP/8001", "8001"),
        ("PJSIP/8001/sip:8001@10.0.0.1:5060", "8001"),
        ("8002@internal", "8002"),
    ],
)
def test_the_number_in_a_dial_string(dial_string: str, number: str) -> None:
    assert dialled_number(dial_string) == number


def test_a_number_is_made_fit_to_be_a_key() -> None:
    assert plain_number("138\r\n 0000\x00") == "1380000"
    assert len(plain_number("+" + "1" * 500)) == len(plain_number("1" * 500)) == NUMBER_LENGTH_MAX


def test_a_number_withheld_is_no_number() -> None:
    assert [caller_number(text) for text in ("Anonymous", "", "13800001111")] == ["", "", "13800001111"]


def test_devices_by_endpoint_and_back() -> None:
    devices = Devices(ports())
    named = [devices.number_of(endpoint) for endpoint in ("PJSIP/8001", "PJSIP/desk-two", "PJSIP/9999")]
    assert named == ["8001", "8002", "9999"]
    assert devices.is_trunk("PJSIP/trunk")
    assert not devices.is_trunk("PJSIP/8001")
    assert devices.endpoint_for(devices.number_of("PJSIP/desk-two")) == "PJSIP/desk-two"
    assert devices.endpoint_for(plain_number("9999")) is None


@pytest.mark.parametrize(
    ("name", "extension", "device"), [("q6000", "", "6000"), ("other", "6000", "6000"), ("sales", "6001", "sales")]
)
def test_queues_by_endpoint_or_number(name: str, extension: str, device: str) -> None:
    assert Devices(ports()).queue(name, extension) == device


def test_a_trunk_channel_takes_the_lowest_free_port() -> None:
    devices = Devices(ports())
    assert [devices.take_trunk("PJSIP/trunk", uniqueid) for uniqueid in "abcd"] == ["T001", "T002", "T003", None]
    devices.release_trunk("b")
    devices.release_trunk("a")
    devices.release_trunk("never had one")
    assert [devices.take_trunk("PJSIP/trunk", uniqueid) for uniqueid in "ef"] == ["T001", "T002"]
    assert devices.take_trunk("PJSIP/8001", "g") is None


def test_a_new_port_cfg_leaves_taken_ports_alone() -> None:
    devices = Devices(ports())
    devices.take_trunk("PJSIP/trunk", "a")
    devices.take_trunk("PJSIP/trunk", "b")
    devices.set_ports(ports("TRUNK T002-T004 endpoint=PJSIP/trunk\nEXT 8009\n"))
    assert devices.take_trunk("PJSIP/trunk", "c") == "T003"
    devices.release_trunk("a")
    devices.release_trunk("b")
    assert [devices.take_trunk("PJSIP/trunk", uniqueid) for uniqueid in "def"] == ["T002", "T004", None]
