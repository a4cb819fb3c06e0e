"""Hold and what builds on it: retrieve, alternate, consult, reconnect (ECMA-269 17.1.16, .20, .1, .10, .19)."""

from __future__ import annotations

from gateway.links.csta_xml.messages import CallEventKind, CSTAErrorCode, EventCause
from simulator.calls import Leg, State
from simulator.clearing import clear_leg
from simulator.devices import Device, DeviceKind
from simulator.originating import go_off_hook, route
from simulator.switch import Switch, wrong_operand, wrong_state


def hold(switch: Switch, leg: Leg, cause: EventCause = EventCause.NORMAL) -> CSTAErrorCode | None:
    """Outside parties and queues hold nobody by our services."""
    if leg.device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("requestIncompatibleWithDevice")
    if leg.state is not State.CONNECTED or not leg.call.is_answered:
        return wrong_state("noActiveCall")
    leg.state = State.HOLD
    switch.report(leg.call, CallEventKind.HELD, cause, connection=leg.connection, subject=leg.ref)
    return None


def retrieve(switch: Switch, leg: Leg, cause: EventCause = EventCause.NORMAL) -> CSTAErrorCode | None:
    if leg.state is not State.HOLD:
        return wrong_state("noHeldCall")
    if other_active(leg.device, leg) is not None:
        return wrong_state("connectedCallExists")
    leg.state = State.CONNECTED
    switch.report(leg.call, CallEventKind.RETRIEVED, cause, connection=leg.connection, subject=leg.ref)
    return None


def alternate(switch: Switch, held: Leg, active: Leg) -> CSTAErrorCode | None:
    """Hold the active call, then retrieve the held one."""
    if held.device is not active.device:
        return wrong_operand("notSameDevice")
    if held.state is not State.HOLD:
        return wrong_state("invalidHeldConnectionState")
    if active.state is not State.CONNECTED or not active.call.is_answered:
        return wrong_state("invalidActiveConnectionState")
    hold(switch, active, EventCause.ALTERNATE)
    retrieve(switch, held, EventCause.ALTERNATE)
    return None


def reconnect(switch: Switch, active: Leg, held: Leg) -> CSTAErrorCode | None:
    """Clear the active call at this device, then retrieve the held one."""
    if held.device is not active.device:
        return wrong_operand("notSameDevice")
    if held.state is not State.HOLD:
        return wrong_state("invalidHeldConnectionState")
    if active.state not in (State.CONNECTED, State.FAIL, State.INITIATED):
        return wrong_state("invalidActiveConnectionState")
    clear_leg(switch, active)
    retrieve(switch, held)
    return None


def consult(switch: Switch, leg: Leg, destination: str) -> Leg | CSTAErrorCode:
    """Hold the existing call and call somebody else; returns the device's leg in the new call."""
    if not destination or switch.find(destination) is leg.device:
        return wrong_operand("invalidCalledDeviceID")
    refusal = hold(switch, leg, EventCause.CONSULTATION) if leg.state is not State.HOLD else None
    if refusal is not None:
        return refusal
    if other_active(leg.device, leg) is not None:
        return wrong_state("connectedCallExists")
    new_leg = go_off_hook(switch, leg.device, destination, EventCause.CONSULTATION)
    route(switch, new_leg.call, destination, EventCause.CONSULTATION)
    return new_leg


def other_active(device: Device, leg: Leg) -> Leg | None:
    """Another connection of the device in which somebody talks or dials."""
    active = (State.CONNECTED, State.INITIATED, State.FAIL)
    return next((other for other in device.legs if other is not leg and other.state in active), None)
