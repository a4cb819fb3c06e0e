"""May this device do this now? Every command in every state of a device, and what is refused says the state."""

import pytest

from gateway.control import DESTINATION_CHARACTERS_MAX, NEEDS, find_target
from gateway.links.base import CommandTarget
from model.commands import Command, CommandKind, Outcome, Refusal
from model.core import CallModel
from model.ids import CallId, ConnectionKey, DeviceNumber, EventId, Microseconds, SwitchCallId, SwitchConnection
from model.reports import CallReport, DeviceFlag, DeviceReport, Happening
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link

H = Happening
K = CommandKind

STATES: dict[str, list[tuple[Happening, str]]] = {
    "idle": [],
    "off hook": [(H.SERVICE_INITIATED, "1:8001")],
    "dialling": [(H.ORIGINATED, "1:8001"), (H.DELIVERED, "1:8004")],
    "ringing": [(H.DELIVERED, "1:8001")],
    "talking": [(H.DELIVERED, "1:8001"), (H.ESTABLISHED, "1:8001")],
    "held": [(H.DELIVERED, "1:8001"), (H.ESTABLISHED, "1:8001"), (H.HELD, "1:8001")],
    "talking, held": [
        *[(H.DELIVERED, "1:8001"), (H.ESTABLISHED, "1:8001"), (H.HELD, "1:8001")],
        *[(H.ORIGINATED, "2:8001"), (H.DELIVERED, "2:8004"), (H.ESTABLISHED, "2:8004")],
    ],
    "failed": [(H.ORIGINATED, "1:8001"), (H.FAILED, "1:8001")],
    "queued": [(H.QUEUED, "1:8001")],
}
"""How 8001 comes to be in a state, as its monitor reports it."""

ALLOWED: dict[str, set[CommandKind]] = {
    "idle": {K.MAKE_CALL},
    "off hook": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "dialling": {K.CLEAR_CONNECTION, K.CLEAR_CALL, K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER},
    "ringing": {K.ANSWER_CALL, K.CLEAR_CONNECTION, K.CLEAR_CALL, K.DEFLECT_CALL},
    "talking": {K.CLEAR_CONNECTION, K.CLEAR_CALL, K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER},
    "held": {K.MAKE_CALL, K.CLEAR_CONNECTION, K.CLEAR_CALL, K.RETRIEVE_CALL, K.SINGLE_STEP_TRANSFER},
    "talking, held": {
        *(K.CLEAR_CONNECTION, K.CLEAR_CALL, K.HOLD_CALL, K.CONSULTATION_CALL, K.SINGLE_STEP_TRANSFER),
        *(K.RETRIEVE_CALL, K.ALTERNATE_CALL, K.RECONNECT_CALL, K.TRANSFER_CALL, K.CONFERENCE_CALL),
    },
    "failed": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
    "queued": {K.CLEAR_CONNECTION, K.CLEAR_CALL},
}
"""What goes to the switch; the switch may still refuse it (holding a call that only rings, for example)."""


def us(seconds: int) -> Microseconds:
    return Microseconds(seconds * 1_000_000)


def new_model() -> CallModel:
    """Four extensions of which 8003 has no seat and 8004 no monitor; the link is up."""
    model = CallModel(1, Link(LinkState.DOWN, "", "", us(0)), Licence("", "", 3, 4, ""))
    devices = [Device(DeviceNumber(f"800{n}"), PortKind.EXT, "", "") for n in (1, 2, 4)]
    devices.append(Device(DeviceNumber("8003"), PortKind.EXT, "", "", licensed=False, reason="no seat: third of two"))
    devices.append(Device(DeviceNumber("T001"), PortKind.TRUNK, "", ""))
    devices.append(Device(DeviceNumber("7001"), PortKind.IVR, "", ""))
    model.configure(devices, us(0))
    for number in ("8001", "8002", "7001"):
        model.report(DeviceReport(DeviceFlag.MONITORED, DeviceNumber(number), us(0)))
    model.link_changed(LinkState.UP, "", us(0))
    return model


def in_state(state: str) -> CallModel:
    model = new_model()
    for second, (happening, connection) in enumerate(STATES[state], start=1):
        call, _, device = connection.partition(":")
        model.report(
            CallReport(
                happening,
                DeviceNumber("8001"),
                SwitchConnection(SwitchCallId(call), ConnectionKey(device)),
                us(second),
                subject=DeviceNumber(device),
                calling=DeviceNumber("8001" if (happening, device) != (H.DELIVERED, "8001") else "8004"),
                called=DeviceNumber("8004"),
            )
        )
    return model


def ask(model: CallModel, kind: CommandKind, device: str = "8001", **more: object) -> CommandTarget | Outcome:
    destination = str(more.pop("destination", "8002"))
    return find_target(model, Command(kind, DeviceNumber(device), destination=destination, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(NEEDS), ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize("state", STATES)
def test_each_command_in_each_state(state: str, kind: CommandKind) -> None:
    target = ask(in_state(state), kind)
    if kind in ALLOWED[state]:
        assert isinstance(target, CommandTarget), target
        assert (target.connection is None) == (kind is K.MAKE_CALL)
        assert (target.other is None) == (not NEEDS[kind].held_beside)
    else:
        assert isinstance(target, Outcome), target
        assert target.refusal is Refusal.WRONG_STATE
        shown = {"talking, held": "talking (hold, connected)"}.get(state, state)
        assert target.text.startswith(f"8001 is {shown}; {kind.name.lower()} needs "), target.text


def test_every_state_has_its_row() -> None:
    assert STATES.keys() == ALLOWED.keys()
    assert set().union(*ALLOWED.values()) == set(NEEDS)


@pytest.mark.parametrize("kind", list(NEEDS), ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize(
    ("device", "refusal", "text"),
    [
        ("8003", Refusal.NO_SEAT, "no seat: third of two"),
        ("9999", Refusal.UNKNOWN_DEVICE, "port.cfg names no extension '9999'"),
        ("T001", Refusal.UNKNOWN_DEVICE, "port.cfg names no extension 'T001'"),
    ],
)
def test_devices_that_may_do_nothing(kind: CommandKind, device: str, refusal: Refusal, text: str) -> None:
    assert ask(in_state("talking"), kind, device) == Outcome(refusal, text)


@pytest.mark.parametrize("kind", list(NEEDS), ids=lambda kind: kind.name.lower())
def test_nothing_while_the_link_is_down(kind: CommandKind) -> None:
    model = in_state("talking")
    model.link_changed(LinkState.DOWN, "cable pulled", us(50))
    outcome = ask(model, kind)
    assert isinstance(outcome, Outcome)
    assert (outcome.refusal, outcome.text) == (Refusal.LINK_DOWN, "the link to the switch is not up: cable pulled")


@pytest.mark.parametrize("kind", list(NEEDS), ids=lambda kind: kind.name.lower())
def test_out_of_service(kind: CommandKind) -> None:
    model = new_model()
    model.report(DeviceReport(DeviceFlag.OUT_OF_SERVICE, DeviceNumber("8001"), us(1)))
    outcome = ask(model, kind)
    assert isinstance(outcome, Outcome)
    assert outcome.refusal is Refusal.WRONG_STATE
    assert outcome.text.startswith("8001 is out of service; ")


def test_a_device_without_monitor_may_call() -> None:
    assert ask(new_model(), K.MAKE_CALL, "8004") == CommandTarget()
    assert ask(new_model(), K.MAKE_CALL, "7001") == CommandTarget()
    outcome = ask(new_model(), K.HOLD_CALL, "8004")
    assert isinstance(outcome, Outcome)
    assert outcome.text.startswith("8004 is unknown; ")


@pytest.mark.parametrize("kind", [kind for kind in CommandKind if kind not in NEEDS])
def test_kinds_of_later_versions_are_named(kind: CommandKind) -> None:
    outcome = ask(new_model(), kind)
    assert outcome == Outcome(Refusal.NOT_SUPPORTED, f"{kind.name.lower()} is not supported in this version")


@pytest.mark.parametrize("destination", ["", "80 02", "8002\r\n", "8" * (DESTINATION_CHARACTERS_MAX + 1)])
def test_bad_destinations(destination: str) -> None:
    outcome = ask(new_model(), K.MAKE_CALL, destination=destination)
    assert isinstance(outcome, Outcome)
    assert outcome.refusal is Refusal.BAD_DESTINATION


def test_the_call_may_be_named() -> None:
    model = in_state("talking, held")
    held, active = (call.call_id for call in model.snapshot().calls)
    assert ask(model, K.CLEAR_CONNECTION) == ask(model, K.CLEAR_CONNECTION, call_id=active)
    cleared = ask(model, K.CLEAR_CONNECTION, call_id=held)
    assert isinstance(cleared, CommandTarget)
    assert cleared.connection == SwitchConnection(SwitchCallId("1"), ConnectionKey("8001"))
    unknown = ask(model, K.CLEAR_CONNECTION, call_id=CallId(EventId(1, 999_999)))
    assert isinstance(unknown, Outcome)
    assert unknown.refusal is Refusal.UNKNOWN_CALL


def test_two_calls_that_fit_must_be_told_apart() -> None:
    model = in_state("talking")
    model.report(
        CallReport(
            H.DELIVERED,
            DeviceNumber("8001"),
            SwitchConnection(SwitchCallId("2"), ConnectionKey("8001")),
            us(50),
            subject=DeviceNumber("8001"),
            calling=DeviceNumber("139"),
        )
    )
    outcome = ask(model, K.CLEAR_CONNECTION)
    assert isinstance(outcome, Outcome)
    assert outcome.refusal is Refusal.AMBIGUOUS_CALL


def test_the_target_names_the_others_of_the_call() -> None:
    target = ask(in_state("talking"), K.HOLD_CALL)
    assert isinstance(target, CommandTarget)
    assert [device for _, device, _ in target.parties] == ["8004"]
