"""Calls that become one: transfer and conference, with consultation or in a single step.

ECMA-269 17.1.11, 17.1.27, 17.1.24, 17.1.25; the events are 17.2.3 Conferenced and 17.2.17 Transferred.
"""

from __future__ import annotations

from gateway.links.csta_xml.messages import (
    CallEventKind,
    ConnectionID,
    ConnectionListItem,
    CSTAErrorCode,
    DeviceRef,
    EventCause,
    ParticipationType,
)
from simulator.calls import Call, Leg, State
from simulator.devices import DeviceKind
from simulator.distributing import legs_freed
from simulator.originating import route
from simulator.switch import Switch, moved, out_of_service, wrong_operand, wrong_state

CONFERENCE_PARTIES_MAX = 8
"""More do not find room on the simulated conference bridge."""


def transfer(switch: Switch, held: Leg, active: Leg) -> tuple[Leg, tuple[ConnectionListItem, ...]] | CSTAErrorCode:
    """Join the others of both calls and leave; returns the transferred-to party's leg and the connection list.

    The consulted party may still be ringing or queued.
    """
    refusal = _refusal(held, active)
    if refusal is not None:
        return refusal
    if active.state is not State.CONNECTED:
        return wrong_state("invalidActiveConnectionState")
    primary, secondary, device = held.call, active.call, held.device
    if len(primary.legs) < 2 or len(secondary.legs) < 2:
        return wrong_state("noCallToComplete")
    old_primary, old_secondary = held.connection, active.connection
    target = next(leg for leg in secondary.legs if leg is not active)
    switch.leave(held)
    switch.leave(active)
    call, items = _merge(switch, primary, secondary)
    switch.report(
        call,
        CallEventKind.TRANSFERRED,
        EventCause.TRANSFER,
        left=(held,),
        connection=old_primary,
        secondary_old_call=old_secondary,
        subject=DeviceRef.of(device.device_id),
        target=target.ref,
        connections=items,
    )
    legs_freed(switch, [device])
    return target, items


def conference(switch: Switch, held: Leg, active: Leg) -> tuple[Leg, tuple[ConnectionListItem, ...]] | CSTAErrorCode:
    """Join both calls and stay; returns the conferencing device's leg and the connection list."""
    refusal = _refusal(held, active)
    if refusal is not None:
        return refusal
    if active.state is not State.CONNECTED or not active.call.is_answered:
        return wrong_state("invalidActiveConnectionState")
    primary, secondary, device = held.call, active.call, held.device
    added = next(leg for leg in secondary.legs if leg is not active)
    if len(primary.legs) + len(secondary.legs) - 1 > CONFERENCE_PARTIES_MAX:
        return out_of_service("conferenceMemberLimitExceeded")
    old_primary, old_secondary = held.connection, active.connection
    # The conferencing device was in both calls and is in the new one once, by the connection in which it talked.
    switch.leave(held)
    call, items = _merge(switch, primary, secondary)
    switch.report(
        call,
        CallEventKind.CONFERENCED,
        EventCause.CONFERENCE,
        connection=old_primary,
        secondary_old_call=old_secondary,
        subject=DeviceRef.of(device.device_id),
        target=added.ref,
        connections=items,
    )
    return active, items


def single_step_transfer(
    switch: Switch, leg: Leg, destination: str
) -> tuple[ConnectionID, tuple[ConnectionListItem, ...]] | CSTAErrorCode:
    """Leave the call and let `destination` ring in one's place; returns the new connection and the list."""
    if leg.device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("requestIncompatibleWithDevice")
    if leg.state is not State.CONNECTED or not leg.call.is_answered:
        return wrong_state("noActiveCall")
    if len(leg.call.legs) != 2:
        return wrong_state("invalidActiveConnectionState")
    target = switch.find(destination)
    if not destination or target is leg.device or (target is not None and leg.call.leg_of(target) is not None):
        return wrong_operand("invalidDestinationDeviceID")
    if target is not None and target.kind is DeviceKind.EXTENSION and not target.is_free:
        return wrong_state("invalidDestinationDeviceState")
    old, connection, device = leg.call, leg.connection, leg.device
    switch.leave(leg)
    call, items = _move_all(switch, old, switch.shown(destination))
    switch.report(
        call,
        CallEventKind.TRANSFERRED,
        EventCause.SINGLE_STEP_TRANSFER,
        left=(leg,),
        connection=connection,
        subject=DeviceRef.of(device.device_id),
        target=DeviceRef.of(switch.shown(destination)),
        connections=items,
    )
    call.redirected_by = device.device_id
    route(switch, call, destination, EventCause.SINGLE_STEP_TRANSFER)
    legs_freed(switch, [device])
    new = call.legs[-1].connection if len(call.legs) > len(items) else ConnectionID(call.call_id)
    return new, items


def single_step_conference(
    switch: Switch, leg: Leg, destination: str, participation: ParticipationType
) -> Leg | CSTAErrorCode:
    """Bring another extension into the call at once, without ringing; returns its leg. The call keeps its id."""
    if leg.device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("requestIncompatibleWithDevice")
    if leg.state is not State.CONNECTED or not leg.call.is_answered:
        return wrong_state("noActiveCall")
    device = switch.find(destination)
    if device is None or device.kind is not DeviceKind.EXTENSION:
        return wrong_operand("invalidDestinationDeviceID")
    if not device.is_free:
        return wrong_state("invalidDestinationDeviceState")
    call = leg.call
    if len(call.legs) >= CONFERENCE_PARTIES_MAX:
        return out_of_service("conferenceMemberLimitExceeded")
    silent = participation is ParticipationType.SILENT
    kept = tuple(moved(other.connection, other) for other in call.legs)
    joined = switch.join(call, device, State.CONNECTED)
    new = ConnectionListItem(joined.connection, None, DeviceRef.endpoint(joined.shown))
    switch.report(
        call,
        CallEventKind.CONFERENCED,
        EventCause.SILENT_PARTICIPATION if silent else EventCause.ACTIVE_PARTICIPATION,
        connection=leg.connection,
        subject=leg.ref,
        target=joined.ref,
        connections=(*kept, new),
    )
    return joined


def _refusal(held: Leg, active: Leg) -> CSTAErrorCode | None:
    if held.device is not active.device:
        return wrong_operand("notSameDevice")
    if held.call is active.call:
        return wrong_operand("invalidActiveCallID")
    if held.state is not State.HOLD:
        return wrong_state("invalidHeldConnectionState")
    return None


def _merge(switch: Switch, primary: Call, secondary: Call) -> tuple[Call, tuple[ConnectionListItem, ...]]:
    """One call of all remaining legs of both; the old calls end without a word of their own."""
    call = primary if switch.plan.keep_call_id else switch.begin_call("", "")
    caller = primary.legs[0]
    call.calling = primary.calling if caller.shown == primary.calling else caller.shown
    call.called = secondary.called
    call.entry = primary.entry if primary.entry_leg is not None else secondary.entry
    call.redirected_by = secondary.redirected_by
    call.is_answered = secondary.is_answered
    if call.is_answered:
        switch.account.call_answered(call.call_id, switch.now_us)
    kept = call is primary
    items = [moved(leg.connection, leg) for leg in primary.legs] if kept else _move(switch, primary, call)
    items += _move(switch, secondary, call)
    for old in (primary, secondary):
        if old is not call:
            switch.monitors.call_renamed(old.call_id, call.call_id)
            switch.end_call(old, EventCause.TRANSFER, merged_into=call.call_id)
    return call, tuple(items)


def _move_all(switch: Switch, old: Call, called: str) -> tuple[Call, tuple[ConnectionListItem, ...]]:
    """All legs into a new call (or the same, if ids are kept) to `called`."""
    if switch.plan.keep_call_id:
        old.called = called
        old.is_answered = False
        return old, tuple(moved(leg.connection, leg) for leg in old.legs)
    call = switch.begin_call(old.legs[0].shown, called)
    call.entry = old.entry
    items = _move(switch, old, call)
    switch.monitors.call_renamed(old.call_id, call.call_id)
    switch.end_call(old, EventCause.SINGLE_STEP_TRANSFER, merged_into=call.call_id)
    return call, tuple(items)


def _move(switch: Switch, old: Call, new: Call) -> list[ConnectionListItem]:
    items = []
    for leg in list(old.legs):
        before = leg.connection
        old.legs.remove(leg)
        leg.call = new
        new.legs.append(leg)
        switch.account.party_joined(new.call_id, leg.device.device_id)
        items.append(moved(before, leg))
    return items
