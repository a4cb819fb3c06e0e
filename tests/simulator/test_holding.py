"""Hold and what builds on it."""

import pytest

from simulator.answering import answer
from simulator.calls import Leg, State
from simulator.holding import alternate, consult, hold, other_active, reconnect, retrieve
from tests.simulator.stage import Stage, refusal


def consulting(stage: Stage) -> tuple[Leg, Leg]:
    """1000 holds 1001 and talks to 1002."""
    held = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    active = consult(stage.switch, held, "1002")
    assert isinstance(active, Leg)
    answer(stage.switch, stage.leg("1002"))
    stage.told()
    return held, active


def test_hold_and_retrieve() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    assert hold(stage.switch, leg) is None
    assert retrieve(stage.switch, leg) is None
    assert stage.told() == [
        "1000: Held 1:1000 normal (hold)",
        "1001: Held 1:1000 normal (connected)",
        "1000: Retrieved 1:1000 normal (connected)",
        "1001: Retrieved 1:1000 normal (connected)",
    ]
    assert refusal(retrieve(stage.switch, leg)) == "noHeldCall"


def test_only_an_answered_call_is_held() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    assert refusal(hold(stage.switch, leg)) == "noActiveCall"
    assert refusal(hold(stage.switch, stage.leg("1001"))) == "noActiveCall"


def test_consult() -> None:
    stage = Stage()
    held = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    active = consult(stage.switch, held, "1002")
    assert active is stage.leg("1000", State.CONNECTED)
    assert stage.told() == [
        "1000: Held 1:1000 consultation (hold)",
        "1001: Held 1:1000 consultation (connected)",
        "1000: ServiceInitiated 2:1000 consultation (initiated)",
        "1000: Originated 2:1000 consultation (connected)",
        "1000: Delivered 2:1002 consultation (connected)",
        "1002: Delivered 2:1002 consultation (alerting)",
    ]
    assert other_active(held.device, held) is active


@pytest.mark.parametrize(("to", "value"), [("", "invalidCalledDeviceID"), ("1000", "invalidCalledDeviceID")])
def test_consult_nobody_is_refused_before_anything_is_held(to: str, value: str) -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    assert refusal(consult(stage.switch, leg, to)) == value
    assert stage.told() == []


def test_consult_refused() -> None:
    stage = Stage()
    held, active = consulting(stage)
    assert refusal(consult(stage.switch, held, "1003")) == "connectedCallExists"
    trunk = stage.call_in("0171555", "1003")
    assert refusal(consult(stage.switch, trunk, "1004")) == "requestIncompatibleWithDevice"
    assert refusal(consult(stage.switch, stage.leg("1003"), "1004")) == "noActiveCall"
    assert refusal(retrieve(stage.switch, held)) == "connectedCallExists"
    assert active.state is State.CONNECTED


def test_alternate() -> None:
    stage = Stage()
    held, active = consulting(stage)
    assert alternate(stage.switch, held, active) is None
    assert stage.told() == [
        "1000: Held 2:1000 alternate (hold)",
        "1002: Held 2:1000 alternate (connected)",
        "1000: Retrieved 1:1000 alternate (connected)",
        "1001: Retrieved 1:1000 alternate (connected)",
    ]


def test_reconnect() -> None:
    stage = Stage()
    held, active = consulting(stage)
    assert reconnect(stage.switch, active, held) is None
    assert stage.told() == [
        "1002: ConnectionCleared 2:1000 normalClearing (connected)",
        "1000: ConnectionCleared 2:1000 normalClearing (null)",
        "1002: ConnectionCleared 2:1002 normalClearing (null)",
        "1000: Retrieved 1:1000 normal (connected)",
        "1001: Retrieved 1:1000 normal (connected)",
    ]


def test_two_connections_must_fit() -> None:
    stage = Stage()
    held, active = consulting(stage)
    elsewhere = stage.leg("1001")
    assert refusal(alternate(stage.switch, held, elsewhere)) == "notSameDevice"
    assert refusal(alternate(stage.switch, active, held)) == "invalidHeldConnectionState"
    assert refusal(alternate(stage.switch, held, held)) == "invalidActiveConnectionState"
    assert refusal(reconnect(stage.switch, elsewhere, held)) == "notSameDevice"
    assert refusal(reconnect(stage.switch, held, active)) == "invalidHeldConnectionState"
    assert refusal(reconnect(stage.switch, held, held)) == "invalidActiveConnectionState"
    assert stage.told() == []
