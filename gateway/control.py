"""Call control, before it goes to the switch: may this device do this now, and which of its connections is meant?

Pure: reads the model, changes nothing. What it lets through the switch may still refuse.
"""

from dataclasses import dataclass

from gateway.links.base import CommandTarget
from model.commands import Command, CommandKind, Outcome, Refusal
from model.core import CallModel
from model.ids import SwitchConnection
from model.record import Leg
from model.states import ConnectionState, PortKind

INITIATED, ALERTING, CONNECTED = ConnectionState.INITIATED, ConnectionState.ALERTING, ConnectionState.CONNECTED
HOLD, QUEUED, FAIL = ConnectionState.HOLD, ConnectionState.QUEUED, ConnectionState.FAIL

DESTINATION_CHARACTERS_MAX = 64
"""Twice the 32 digits that ECMA-323 asks a switch to take for a dialling number."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a command needs: its connection in one of these states (the first that fits is meant), a held one beside
    it, a destination."""

    states: tuple[tuple[ConnectionState, ...], ...] = ()
    held_beside: bool = False
    destination: bool = False


_ACTIVE_THEN_HELD = ((CONNECTED, INITIATED, ALERTING, FAIL, QUEUED), (HOLD,))

NEEDS: dict[CommandKind, Need] = {
    CommandKind.MAKE_CALL: Need(destination=True),
    CommandKind.ANSWER_CALL: Need(((ALERTING,),)),
    CommandKind.CLEAR_CONNECTION: Need(_ACTIVE_THEN_HELD),
    CommandKind.CLEAR_CALL: Need(_ACTIVE_THEN_HELD),
    CommandKind.HOLD_CALL: Need(((CONNECTED,),)),
    CommandKind.RETRIEVE_CALL: Need(((HOLD,),)),
    CommandKind.ALTERNATE_CALL: Need(((CONNECTED,),), held_beside=True),
    CommandKind.RECONNECT_CALL: Need(((CONNECTED, INITIATED, FAIL),), held_beside=True),
    CommandKind.CONSULTATION_CALL: Need(((CONNECTED,),), destination=True),
    CommandKind.TRANSFER_CALL: Need(((CONNECTED,),), held_beside=True),
    CommandKind.CONFERENCE_CALL: Need(((CONNECTED,),), held_beside=True),
    CommandKind.SINGLE_STEP_TRANSFER: Need(((CONNECTED,), (HOLD,)), destination=True),
    CommandKind.DEFLECT_CALL: Need(((ALERTING,),), destination=True),
}
"""Commands of this version; the links answer the others ``not_supported`` by name."""


def find_target(model: CallModel, command: Command) -> CommandTarget | Outcome:
    """The connections a command acts on, or why it cannot be done."""
    refusal = _device_refusal(model, command)
    if refusal is not None:
        return refusal
    need = NEEDS.get(command.kind)
    if need is None:
        return Outcome(Refusal.NOT_SUPPORTED, f"{command.kind.name.lower()} is not supported in this version")
    if need.destination and (fault := _destination_fault(command.destination)):
        return Outcome(Refusal.BAD_DESTINATION, fault)
    legs = model.legs_of(command.device)
    if not need.states:
        return _idle_target(model, command, legs)
    leg = _meant(model, command, need, legs)
    if isinstance(leg, Outcome):
        return leg
    other = None
    if need.held_beside:
        held = [one for one in legs if one.state is HOLD and one is not leg]
        if not held:
            return _wrong_state(model, command, "a call on hold beside the active one")
        if len(held) > 1:
            return Outcome(Refusal.AMBIGUOUS_CALL, f"{command.device} has {len(held)} calls on hold")
        other = held[0]
    parties = tuple((_connection(one), one.device, one.state) for one in leg.record.live() if one is not leg)
    return CommandTarget(_connection(leg), leg.state, None if other is None else _connection(other), parties)


def _device_refusal(model: CallModel, command: Command) -> Outcome | None:
    device = model.device(command.device)
    if device is None or device.kind not in (PortKind.EXT, PortKind.IVR):
        return Outcome(Refusal.UNKNOWN_DEVICE, f"port.cfg names no extension {command.device!r}")
    if not device.licensed:
        return Outcome(Refusal.NO_SEAT, device.reason)
    if not model.link.state.is_up:
        return Outcome(Refusal.LINK_DOWN, f"the link to the switch is not up: {model.link.reason}")
    return None


def _destination_fault(destination: str) -> str:
    if not destination:
        return "a destination is needed"
    if len(destination) > DESTINATION_CHARACTERS_MAX:
        return f"the destination is longer than {DESTINATION_CHARACTERS_MAX} characters"
    if not destination.isprintable() or " " in destination:
        return "the destination has a space or a control character"
    return ""


def _idle_target(model: CallModel, command: Command, legs: list[Leg]) -> CommandTarget | Outcome:
    device = model.device(command.device)
    if device is not None and not device.in_service:
        return _wrong_state(model, command, "a device in service")
    if any(leg.state is not HOLD for leg in legs):
        return _wrong_state(model, command, "no other call but those on hold")
    return CommandTarget()


def _meant(model: CallModel, command: Command, need: Need, legs: list[Leg]) -> Leg | Outcome:
    if command.call_id is not None:
        legs = [leg for leg in legs if leg.record.call_id == command.call_id]
        if not legs:
            return Outcome(Refusal.UNKNOWN_CALL, f"{command.device} is in no call {command.call_id}")
    for states in need.states:
        fitting = [leg for leg in legs if leg.state in states]
        if len(fitting) > 1:
            return Outcome(
                Refusal.AMBIGUOUS_CALL, f"{command.device} has {len(fitting)} calls that fit: name one by its call_id"
            )
        if fitting and not fitting[0].key:
            return Outcome(Refusal.WRONG_STATE, "the switch has not yet told the connection's id")
        if fitting:
            return fitting[0]
    wanted = " or ".join(state.name.lower() for states in need.states for state in states)
    return _wrong_state(model, command, f"a connection that is {wanted}")


def _wrong_state(model: CallModel, command: Command, needed: str) -> Outcome:
    """Refused, with the state named as an operator sees it, and the connections where there are several."""
    now = model.device_state(command.device).name.lower().replace("_", " ")
    legs = model.legs_of(command.device)
    if len(legs) > 1:
        now += f" ({', '.join(leg.state.name.lower() for leg in legs)})"
    return Outcome(Refusal.WRONG_STATE, f"{command.device} is {now}; {command.kind.name.lower()} needs {needed}")


def _connection(leg: Leg) -> SwitchConnection:
    return SwitchConnection(leg.record.switch_id, leg.key)
