"""How calls begin and find their way, as their monitors are told (ECMA-269 17.1.17 and the events of 17.2)."""

import pytest

from gateway.links.csta_xml.messages import EventCause, ForwardingType
from simulator import features
from simulator.calls import State
from simulator.originating import answer_outside, call_in, make_call
from simulator.switch import Plan
from tests.simulator.stage import EXTENSIONS, Stage, refusal

BEGINNING = ["1000: ServiceInitiated 1:1000 makeCall (initiated)", "1000: Originated 1:1000 newCall (connected)"]


def forward(stage: Stage, device: str, kind: ForwardingType, target: str) -> None:
    assert features.set_forwarding(stage.switch, stage.switch.devices[device], kind, True, target, 2) is None
    stage.told()


def test_a_call_inside() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    assert stage.told() == [
        *BEGINNING,
        "1000: Delivered 1:1001 newCall (connected)",
        "1001: Delivered 1:1001 newCall (alerting)",
    ]


def test_a_call_in_by_a_trunk_names_caller_and_trunk() -> None:
    stage = Stage("1000 T001")
    stage.call_in("0171555", "1000")
    delivered = stage.switch.reports[-1].event
    assert (delivered.calling.number, delivered.originating_nid.device_id) == ("0171555", "T001")  # type: ignore[attr-defined]
    assert delivered.associated_calling.number == "T001"  # type: ignore[attr-defined]
    assert stage.told() == [
        "T001: Delivered 1:1000 newCall (connected)",
        "1000: Delivered 1:1000 newCall (alerting)",
    ]


def test_a_hidden_caller_is_restricted() -> None:
    stage = Stage("1000")
    stage.call_in("", "1000")
    assert stage.switch.reports[-1].event.calling.kind.value == "restricted"  # type: ignore[attr-defined]


def test_a_call_out_by_a_trunk() -> None:
    stage = Stage("1000 T001")
    stage.call("1000", "0301234")
    assert stage.told() == [
        *BEGINNING,
        "1000: NetworkReached 1:T001 newCall (connected)",
        "T001: NetworkReached 1:T001 newCall (connected)",
    ]
    leg = stage.leg("T001")
    assert answer_outside(stage.switch, leg)
    assert stage.told() == [
        "1000: Established 1:T001 normal (connected)",
        "T001: Established 1:T001 normal (connected)",
    ]
    assert not answer_outside(stage.switch, leg)


def test_outside_parties_answer_by_themselves_if_that_is_the_plan() -> None:
    stage = Stage("1000", Plan(extensions=EXTENSIONS, trunks=1, outside_answers_seconds=2.0))
    leg = stage.call("1000", "0301234")
    stage.pass_seconds(1.9)
    assert not leg.call.is_answered
    stage.pass_seconds(0.2)
    assert leg.call.is_answered


@pytest.mark.parametrize(
    ("called", "cause"), [("77", "numberUnallocated"), ("T001", "destOutOfOrder"), ("1001", "busy"), ("1000", "busy")]
)
def test_a_call_that_cannot_be_completed_fails_at_the_caller(called: str, cause: str) -> None:
    stage = Stage("1000")
    stage.call("1002", "1001")
    stage.call("1000", called)
    assert stage.told()[2:] == [f"1000: Failed 2:1000 {cause} (fail)"]
    stage.pass_seconds(29.9)
    assert stage.told() == []
    stage.pass_seconds(0.2)
    assert stage.told() == ["1000: ConnectionCleared 2:1000 normalClearing (null)"]


def test_no_free_trunk() -> None:
    stage = Stage("1000", Plan(extensions=EXTENSIONS, trunks=1))
    stage.call_in("0171555", "1001")
    stage.call("1000", "0301234")
    assert stage.told()[-1] == "1000: Failed 2:1000 trunksBusy (fail)"
    assert call_in(stage.switch, "0171556", "1002") is None
    assert stage.switch.account.blocked == 1


def test_an_outside_caller_who_gets_busy_hangs_up_soon() -> None:
    stage = Stage("T001")
    stage.call("1000", "1001")
    stage.call_in("0171555", "1001")
    assert stage.told() == ["T001: Failed 2:T001 busy (fail)"]
    stage.pass_seconds(2.1)
    assert stage.told() == ["T001: ConnectionCleared 2:T001 normalClearing (null)"]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (ForwardingType.IMMEDIATE, "callForwardImmediate"),
        (ForwardingType.IMMEDIATE_INTERNAL, "callForwardImmediate"),
    ],
)
def test_forwarding_at_once(kind: ForwardingType, cause: str) -> None:
    stage = Stage()
    forward(stage, "1001", kind, "1002")
    stage.call("1000", "1001")
    assert stage.switch.reports[-1].event.last_redirection.number == "1001"  # type: ignore[attr-defined]
    assert stage.told() == [
        *BEGINNING,
        f"1000: Delivered 1:1002 {cause} (connected)",
        f"1002: Delivered 1:1002 {cause} (alerting)",
    ]


def test_outside_callers_have_a_forwarding_of_their_own() -> None:
    stage = Stage()
    forward(stage, "1001", ForwardingType.IMMEDIATE_EXTERNAL, "1002")
    stage.call("1000", "1001")
    assert stage.leg("1001").state is State.ALERTING
    stage.call_in("0171555", "1001")
    assert stage.leg("1002").state is State.ALERTING


def test_forwarding_when_busy() -> None:
    stage = Stage()
    forward(stage, "1001", ForwardingType.BUSY, "1002")
    stage.call("1003", "1001")
    stage.told()
    stage.call("1000", "1001")
    assert stage.told()[-1] == "1002: Delivered 2:1002 callForwardBusy (alerting)"


def test_forwarding_when_nobody_answers() -> None:
    stage = Stage()
    forward(stage, "1001", ForwardingType.NO_ANSWER, "1002")
    stage.call("1000", "1001")
    stage.told()
    stage.pass_seconds(10.1)
    assert stage.told() == [
        "1000: Diverted 1:1001 callForwardNoAnswer (connected)",
        "1001: Diverted 1:1001 callForwardNoAnswer (null)",
        "1000: Delivered 1:1002 callForwardNoAnswer (connected)",
        "1002: Delivered 1:1002 callForwardNoAnswer (alerting)",
    ]


def test_forwarding_in_a_circle_fails() -> None:
    stage = Stage("1000")
    forward(stage, "1001", ForwardingType.IMMEDIATE, "1002")
    forward(stage, "1002", ForwardingType.IMMEDIATE, "1001")
    stage.call("1000", "1001")
    assert stage.told()[-1] == "1000: Failed 1:1000 callForward (fail)"


def test_do_not_disturb() -> None:
    stage = Stage("1000")
    features.set_do_not_disturb(stage.switch, stage.switch.devices["1001"], True)
    stage.call("1000", "1001")
    assert stage.told()[-1] == "1000: Failed 1:1000 doNotDisturb (fail)"
    forward(stage, "1001", ForwardingType.DO_NOT_DISTURB, "1003")
    stage.switch.pass_time(40_000_000)
    stage.call("1000", "1001")
    assert stage.leg("1003").state is State.ALERTING


@pytest.mark.parametrize(
    ("caller", "called", "value"),
    [
        ("77", "1001", "invalidCallingDeviceID"),
        ("T001", "1001", "invalidCallingDeviceID"),
        ("1000", "", "invalidCalledDeviceID"),
        ("1002", "1001", "invalidCallingDeviceState"),
        ("1003", "1001", "invalidCallingDeviceState"),
        ("1004", "1001", "callingDeviceOutOfService"),
    ],
)
def test_who_cannot_call_is_told_why(caller: str, called: str, value: str) -> None:
    stage = Stage()
    stage.call("1002", "1003")
    features.set_in_service(stage.switch, stage.switch.devices["1004"], False)
    stage.told()
    assert refusal(make_call(stage.switch, caller, called, EventCause.NEW_CALL)) == value
    assert stage.told() == []
