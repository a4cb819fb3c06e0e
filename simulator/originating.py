"""How a call begins and finds its way: make call, call in by a trunk, route, forward, fail (ECMA-269 17.1.17, 17.2)."""

from __future__ import annotations

from gateway.links.csta_xml.messages import CallEventKind, CSTAErrorCode, DeviceRef, EventCause, ForwardingType
from simulator.calls import Call, Leg, State
from simulator.clearing import clear_leg
from simulator.devices import Device, DeviceKind
from simulator.distributing import enter_queue
from simulator.numbering import OUTSIDE_NUMBER
from simulator.ringing import divert, ring
from simulator.switch import RING_SECONDS, Switch, out_of_service, wrong_operand, wrong_state

REDIRECTIONS_MAX = 5
"""Forwardings that follow each other before the switch takes them for a circle."""
OUTSIDE_BUSY_SECONDS = 2.0
"""An outside caller who gets busy hangs up after so long."""
_BUSY_STATES = (State.INITIATED, State.ALERTING, State.CONNECTED, State.FAIL)


def make_call(
    switch: Switch, caller: str, called: str, cause: EventCause = EventCause.MAKE_CALL
) -> Leg | CSTAErrorCode:
    """The caller goes off hook and dials; returns its leg. A held call does not hinder it."""
    device = switch.find(caller)
    if device is None or device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("invalidCallingDeviceID")
    if not called:
        return wrong_operand("invalidCalledDeviceID")
    if not device.in_service:
        return out_of_service("callingDeviceOutOfService")
    if any(leg.state in _BUSY_STATES for leg in device.legs):
        return wrong_state("invalidCallingDeviceState")
    leg = go_off_hook(switch, device, called, cause)
    route(switch, leg.call, called, EventCause.NEW_CALL)
    return leg


def go_off_hook(switch: Switch, device: Device, called: str, cause: EventCause) -> Leg:
    """ServiceInitiated and Originated; the call is not routed yet."""
    shown = switch.shown(called)
    call = switch.begin_call(device.device_id, shown)
    leg = switch.join(call, device, State.INITIATED)
    switch.report(call, CallEventKind.SERVICE_INITIATED, cause, connection=leg.connection, subject=leg.ref)
    leg.state = State.CONNECTED
    originated = EventCause.NEW_CALL if cause is EventCause.MAKE_CALL else cause
    switch.report(
        call,
        CallEventKind.ORIGINATED,
        originated,
        connection=leg.connection,
        calling=leg.ref,
        called=DeviceRef.of(shown),
    )
    return leg


def call_in(switch: Switch, outside: str, called: str) -> Leg | None:
    """An outside caller (number, "" if hidden) comes in by a free trunk; None when all are busy: blocked."""
    trunk = switch.free_trunk()
    if trunk is None:
        switch.account.blocked += 1
        return None
    call = switch.begin_call(outside, switch.shown(called))
    call.entry = trunk
    leg = switch.join(call, trunk, State.CONNECTED, outside)
    leg.shown = outside
    route(switch, call, called, EventCause.NEW_CALL)
    return leg


def route(switch: Switch, call: Call, destination: str, cause: EventCause, redirections: int = 0) -> None:
    """Bring the call to `destination`: a device, its forwarding, a queue, the public network, or to failure."""
    device = switch.find(destination)
    if redirections > REDIRECTIONS_MAX:
        fail(switch, call, destination, EventCause.CALL_FORWARD)
    elif device is None:
        _route_outside(switch, call, destination)
    elif device.kind is DeviceKind.PILOT:
        enter_queue(switch, call, device, cause)
    elif device.kind is DeviceKind.TRUNK or not device.in_service:
        fail(switch, call, device.device_id, EventCause.DEST_OUT_OF_ORDER)
    else:
        _route_inside(switch, call, device, cause, redirections)


def _route_inside(switch: Switch, call: Call, device: Device, cause: EventCause, redirections: int) -> None:
    inside, outside = ForwardingType.IMMEDIATE_INTERNAL, ForwardingType.IMMEDIATE_EXTERNAL
    immediate = device.forwarding(ForwardingType.IMMEDIATE, inside if call.entry is None else outside)
    silent = device.forwarding(ForwardingType.DO_NOT_DISTURB) if device.do_not_disturb else None
    busy = None if device.is_free else device.forwarding(ForwardingType.BUSY)
    for forwarding, reason in (
        (immediate, EventCause.CALL_FORWARD_IMMEDIATE),
        (silent, EventCause.DO_NOT_DISTURB),
        (busy, EventCause.CALL_FORWARD_BUSY),
    ):
        if forwarding is not None:
            call.redirected_by = device.device_id
            route(switch, call, forwarding.target, reason, redirections + 1)
            return
    if device.do_not_disturb:
        fail(switch, call, device.device_id, EventCause.DO_NOT_DISTURB)
    elif not device.is_free:
        fail(switch, call, device.device_id, EventCause.BUSY)
    else:
        deliver(switch, call, device, cause)


def deliver(switch: Switch, call: Call, device: Device, cause: EventCause) -> None:
    """The device rings, and is forwarded on no answer if that is set."""
    leg = ring(switch, call, device, cause)
    forwarding = device.forwarding(ForwardingType.NO_ANSWER)
    if forwarding is not None:
        seconds = max(forwarding.ring_count, 1) * RING_SECONDS
        switch.after(seconds, lambda: _not_answered(switch, leg, forwarding.target))


def fail(switch: Switch, call: Call, destination: str, cause: EventCause) -> None:
    """The call cannot be completed: the caller hears a tone (its connection fails, ECMA-269 17.2.9)."""
    leg = call.first(State.CONNECTED, State.INITIATED, State.HOLD)
    if leg is None:
        return
    leg.state = State.FAIL
    switch.report(
        call,
        CallEventKind.FAILED,
        cause,
        connection=leg.connection,
        subject=DeviceRef.of(destination),
        **switch.parties(call),
    )
    outside = leg.device.kind is DeviceKind.TRUNK
    seconds = OUTSIDE_BUSY_SECONDS if outside else switch.plan.failed_seconds
    switch.after(seconds, lambda: _cut_tone(switch, leg))


def answer_outside(switch: Switch, leg: Leg) -> bool:
    """The outside party called by `leg` (a trunk's) picks up; False when it has answered or gone."""
    call = leg.call
    if leg not in call.legs or call.is_answered:
        return False
    call.is_answered = True
    switch.account.call_answered(call.call_id, switch.now_us)
    switch.report(
        call,
        CallEventKind.ESTABLISHED,
        EventCause.NORMAL,
        connection=leg.connection,
        subject=leg.ref,
        **switch.parties(call),
    )
    return True


def _route_outside(switch: Switch, call: Call, number: str) -> None:
    if OUTSIDE_NUMBER.fullmatch(number) is None:
        fail(switch, call, number, EventCause.NUMBER_UNALLOCATED)
        return
    trunk = switch.free_trunk()
    if trunk is None:
        fail(switch, call, number, EventCause.TRUNKS_BUSY)
        return
    leg = switch.join(call, trunk, State.CONNECTED, number)
    switch.report(
        call,
        CallEventKind.NETWORK_REACHED,
        EventCause.NEW_CALL,
        connection=leg.connection,
        subject=DeviceRef.of(trunk.device_id),
        network_type="iSDNPublic",
        **switch.parties(call),
    )
    if switch.plan.outside_answers_seconds is not None:
        switch.after(switch.plan.outside_answers_seconds, lambda: answer_outside(switch, leg))


def _not_answered(switch: Switch, leg: Leg, target: str) -> None:
    if leg in leg.call.legs and leg.state is State.ALERTING:
        divert(switch, leg, target, EventCause.CALL_FORWARD_NO_ANSWER)
        route(switch, leg.call, target, EventCause.CALL_FORWARD_NO_ANSWER, 1)


def _cut_tone(switch: Switch, leg: Leg) -> None:
    if leg in leg.call.legs and leg.state is State.FAIL:
        clear_leg(switch, leg, EventCause.NORMAL_CLEARING)
