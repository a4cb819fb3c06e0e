"""The two steps of which every way to a device is made: a device rings, a call is taken away from a device."""

from __future__ import annotations

from gateway.links.csta_xml.messages import CallEventKind, DeviceRef, EventCause
from simulator.calls import Call, Leg, State
from simulator.devices import Device
from simulator.switch import Switch


def ring(switch: Switch, call: Call, device: Device, cause: EventCause) -> Leg:
    """Delivered (ECMA-269 17.2.6)."""
    leg = switch.join(call, device, State.ALERTING)
    switch.report(
        call, CallEventKind.DELIVERED, cause, connection=leg.connection, subject=leg.ref, **switch.parties(call)
    )
    return leg


def divert(switch: Switch, leg: Leg, destination: str, cause: EventCause) -> None:
    """Diverted (ECMA-269 17.2.8): the leg's device is out of the call; the caller of this brings the call on."""
    call, connection, ref = leg.call, leg.connection, leg.ref
    switch.leave(leg)
    parties = switch.parties(call)
    # DivertedEvent has no such element.
    del parties["originating_nid"]
    target = DeviceRef.of(switch.shown(destination))
    switch.report(
        call, CallEventKind.DIVERTED, cause, left=(leg,), connection=connection, subject=ref, target=target, **parties
    )
    call.redirected_by = leg.device.device_id
