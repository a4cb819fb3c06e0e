"""Finds what a request names: calls, connections, devices; or the CSTAErrorCode for what does not exist."""

from __future__ import annotations

from gateway.links.csta_xml.messages import ConnectionID, CSTAErrorCode
from simulator.calls import Call, Leg
from simulator.devices import Device
from simulator.switch import Switch, wrong_operand


def find_leg(switch: Switch, connection: ConnectionID) -> Leg | CSTAErrorCode:
    """The leg that a request names; the device part may be the plain number."""
    call = switch.calls.get(connection.call_id)
    if call is None:
        return wrong_operand("invalidCallID")
    if connection.device_id is None:
        return wrong_operand("invalidConnectionID")
    device = switch.find(connection.device_id)
    leg = None if device is None else call.leg_of(device)
    return wrong_operand("invalidConnectionID") if leg is None else leg


def find_call(switch: Switch, connection: ConnectionID) -> Call | CSTAErrorCode:
    call = switch.calls.get(connection.call_id)
    return wrong_operand("invalidCallID") if call is None else call


def find_device(switch: Switch, number: str) -> Device | CSTAErrorCode:
    return switch.find(number) or wrong_operand("invalidDeviceID")


def find_two_legs(switch: Switch, held: ConnectionID, active: ConnectionID) -> tuple[Leg, Leg] | CSTAErrorCode:
    held_leg, active_leg = find_leg(switch, held), find_leg(switch, active)
    if isinstance(held_leg, CSTAErrorCode):
        return wrong_operand("invalidHeldCallID" if held_leg.value == "invalidCallID" else "invalidHeldConnectionID")
    if isinstance(active_leg, CSTAErrorCode):
        is_call = active_leg.value == "invalidCallID"
        return wrong_operand("invalidActiveCallID" if is_call else "invalidActiveConnectionID")
    return held_leg, active_leg
