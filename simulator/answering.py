"""Taking a ringing call: answer, pick up for another, send on to another (ECMA-269 17.1.3, 17.1.14, 17.1.13)."""

from __future__ import annotations

from gateway.links.csta_xml.messages import CallEventKind, CSTAErrorCode, EventCause
from simulator.calls import Leg, State
from simulator.devices import DeviceKind
from simulator.distributing import agent_answered, legs_freed
from simulator.originating import route
from simulator.ringing import divert
from simulator.switch import Switch, out_of_service, wrong_operand, wrong_state


def answer(switch: Switch, leg: Leg, cause: EventCause = EventCause.NORMAL) -> CSTAErrorCode | None:
    """None when answered, else why not."""
    if leg.state is not State.ALERTING:
        return wrong_state("noCallToAnswer")
    if any(other.state is State.CONNECTED for other in leg.device.legs):
        return wrong_state("connectedCallExists")
    connect(switch, leg, cause)
    return None


def connect(switch: Switch, leg: Leg, cause: EventCause) -> None:
    """Established (ECMA-269 17.2.9)."""
    call = leg.call
    leg.state = State.CONNECTED
    call.is_answered = True
    switch.account.call_answered(call.call_id, switch.now_us)
    switch.report(
        call, CallEventKind.ESTABLISHED, cause, connection=leg.connection, subject=leg.ref, **switch.parties(call)
    )
    agent_answered(switch, leg.device)


def deflect(switch: Switch, leg: Leg, destination: str) -> CSTAErrorCode | None:
    """Send a ringing or queued call to another number."""
    if leg.state not in (State.ALERTING, State.QUEUED):
        return wrong_state("invalidConnectionState")
    if not destination or switch.find(destination) is leg.device:
        return wrong_operand("invalidDestinationDeviceID")
    call, device = leg.call, leg.device
    divert(switch, leg, destination, EventCause.REDIRECTED)
    route(switch, call, destination, EventCause.REDIRECTED, redirections=1)
    legs_freed(switch, [device])
    return None


def pick_up(switch: Switch, leg: Leg, requesting: str) -> Leg | CSTAErrorCode:
    """Answer at `requesting` what rings or waits elsewhere; returns the new leg."""
    device = switch.find(requesting)
    if device is None or device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("invalidPickUpDeviceID")
    if leg.state not in (State.ALERTING, State.QUEUED):
        return wrong_state("invalidConnectionState")
    if not device.in_service:
        return out_of_service("pickupDeviceOutOfService")
    if device.legs:
        return wrong_state("invalidDeviceState")
    call, left = leg.call, leg.device
    divert(switch, leg, requesting, EventCause.CALL_PICKUP)
    picked = switch.join(call, device, State.ALERTING)
    connect(switch, picked, EventCause.CALL_PICKUP)
    legs_freed(switch, [left])
    return picked
