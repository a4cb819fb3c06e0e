"""Taking a ringing call: answered here, picked up there, sent on."""

import pytest

from simulator import features
from simulator.answering import answer, connect, deflect, pick_up
from simulator.calls import State
from simulator.holding import hold
from tests.simulator.stage import Stage, refusal


def test_answer() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    stage.told()
    assert answer(stage.switch, stage.leg("1001")) is None
    assert stage.told() == [
        "1000: Established 1:1001 normal (connected)",
        "1001: Established 1:1001 normal (connected)",
    ]
    assert stage.switch.account.answered == 1


def test_only_what_rings_is_answered() -> None:
    stage = Stage()
    caller = stage.call("1000", "1001")
    assert refusal(answer(stage.switch, caller)) == "noCallToAnswer"
    answer(stage.switch, stage.leg("1001"))
    assert refusal(answer(stage.switch, stage.leg("1001"))) == "noCallToAnswer"


def test_who_talks_does_not_answer_a_second_call() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    ringing = stage.leg("1001")
    other = stage.call("1002", "1003")
    answer(stage.switch, stage.leg("1003"))
    stage.switch.join(other.call, stage.switch.devices["1001"], State.CONNECTED)
    assert refusal(answer(stage.switch, ringing)) == "connectedCallExists"


def test_deflect() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    stage.told()
    assert deflect(stage.switch, stage.leg("1001"), "1002") is None
    assert stage.told() == [
        "1000: Diverted 1:1001 redirected (connected)",
        "1001: Diverted 1:1001 redirected (null)",
        "1000: Delivered 1:1002 redirected (connected)",
        "1002: Delivered 1:1002 redirected (alerting)",
    ]


@pytest.mark.parametrize(("number", "to", "value"), [
    ("1000", "1002", "invalidConnectionState"),
    ("1001", "1001", "invalidDestinationDeviceID"),
    ("1001", "", "invalidDestinationDeviceID"),
])  # fmt: skip
def test_deflect_refused(number: str, to: str, value: str) -> None:
    stage = Stage()
    stage.call("1000", "1001")
    stage.told()
    assert refusal(deflect(stage.switch, stage.leg(number), to)) == value
    assert stage.told() == []


def test_pick_up() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    stage.told()
    picked = pick_up(stage.switch, stage.leg("1001"), "1002")
    assert picked is stage.leg("1002", State.CONNECTED)
    assert stage.told() == [
        "1000: Diverted 1:1001 callPickup (connected)",
        "1001: Diverted 1:1001 callPickup (null)",
        "1000: Established 1:1002 callPickup (connected)",
        "1002: Established 1:1002 callPickup (connected)",
    ]


@pytest.mark.parametrize(
    ("number", "by", "value"),
    [
        ("1001", "77", "invalidPickUpDeviceID"),
        ("1001", "T001", "invalidPickUpDeviceID"),
        ("1000", "1002", "invalidConnectionState"),
        ("1001", "1000", "invalidDeviceState"),
        ("1001", "1004", "pickupDeviceOutOfService"),
    ],
)
def test_pick_up_refused(number: str, by: str, value: str) -> None:
    stage = Stage()
    stage.call("1000", "1001")
    features.set_in_service(stage.switch, stage.switch.devices["1004"], False)
    stage.told()
    assert refusal(pick_up(stage.switch, stage.leg(number), by)) == value
    assert stage.told() == []


def test_connecting_marks_the_call_answered() -> None:
    stage = Stage()
    leg = stage.call("1000", "1001")
    assert refusal(hold(stage.switch, leg)) == "noActiveCall"
    from gateway.links.csta_xml.messages import EventCause

    connect(stage.switch, stage.leg("1001"), EventCause.NORMAL)
    assert leg.call.is_answered
    assert hold(stage.switch, leg) is None
