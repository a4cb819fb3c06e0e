"""What a request names is found or refused by name."""

import pytest

from gateway.links.csta_xml.messages import ConnectionID
from simulator.operands import find_call, find_device, find_leg, find_two_legs
from tests.simulator.stage import Stage, refusal


@pytest.mark.parametrize(
    ("connection", "value"),
    [
        (ConnectionID("9", "1000"), "invalidCallID"),
        (ConnectionID("1", None), "invalidConnectionID"),
        (ConnectionID("1", "1002"), "invalidConnectionID"),
        (ConnectionID("1", "77"), "invalidConnectionID"),
    ],
)
def test_what_is_not_there(connection: ConnectionID, value: str) -> None:
    stage = Stage()
    stage.call("1000", "1001")
    assert refusal(find_leg(stage.switch, connection)) == value


def test_what_is_there() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    assert find_leg(stage.switch, leg.connection) is leg
    assert find_call(stage.switch, ConnectionID("1")) is leg.call
    assert refusal(find_call(stage.switch, ConnectionID("2"))) == "invalidCallID"
    assert find_device(stage.switch, "1000") is leg.device
    assert refusal(find_device(stage.switch, "77")) == "invalidDeviceID"
    assert find_two_legs(stage.switch, leg.connection, leg.connection) == (leg, leg)


def test_of_two_connections_it_is_said_which_one_is_wrong() -> None:
    stage = Stage()
    right = stage.call("1000", "1001").connection
    for wrong, held, active in (
        (ConnectionID("9", "1000"), "invalidHeldCallID", "invalidActiveCallID"),
        (ConnectionID("1", "1002"), "invalidHeldConnectionID", "invalidActiveConnectionID"),
    ):
        assert refusal(find_two_legs(stage.switch, wrong, right)) == held
        assert refusal(find_two_legs(stage.switch, right, wrong)) == active
