"""What is set at a device rather than done to a call: do-not-disturb, forwarding, message waiting, agents, service.

ECMA-269 clauses 21, 22 and 27. Setting what is set already is no error and reports nothing.
"""

from __future__ import annotations

from gateway.links.csta_xml.messages import (
    AgentEventKind,
    AgentInfoItem,
    AgentState,
    AgentStateEntry,
    CSTAErrorCode,
    DeviceRef,
    DoNotDisturbEvent,
    EventCause,
    ForwardingEvent,
    ForwardingType,
    MessageWaitingEvent,
    RequestedAgentState,
    ServiceStateEvent,
    ServiceStateKind,
)
from simulator.clearing import clear_leg
from simulator.devices import Agent, Device, DeviceKind, Forwarding
from simulator.distributing import legs_freed, set_agent_state
from simulator.switch import Switch, wrong_operand

_STATES = {
    RequestedAgentState.NOT_READY: AgentState.NOT_READY,
    RequestedAgentState.READY: AgentState.READY,
    RequestedAgentState.WORKING_AFTER_CALL: AgentState.WORKING_AFTER_CALL,
}


def set_do_not_disturb(switch: Switch, device: Device, is_on: bool) -> None:
    if device.do_not_disturb == is_on:
        return
    device.do_not_disturb = is_on
    ref = DeviceRef.of(device.device_id)
    switch.report_device(device, DoNotDisturbEvent, lambda monitor: DoNotDisturbEvent(monitor, ref, is_on))
    legs_freed(switch, [device])


def set_forwarding(
    switch: Switch, device: Device, kind: ForwardingType, is_on: bool, target: str | None, ring_count: int | None
) -> CSTAErrorCode | None:
    """Set or take back one kind of forwarding."""
    if is_on:
        if not target or switch.find(target) is device:
            return wrong_operand("invalidForwardingDestination")
        device.forwardings[kind] = Forwarding(target, ring_count or 1)
    elif device.forwardings.pop(kind, None) is None:
        return None
    ref = DeviceRef.of(device.device_id)
    shown = switch.shown(target) if target else None
    switch.report_device(
        device, ForwardingEvent, lambda monitor: ForwardingEvent(monitor, ref, kind, is_on, shown, ring_count)
    )
    return None


def set_message_waiting(switch: Switch, device: Device, is_on: bool) -> None:
    if device.message_waiting == is_on:
        return
    device.message_waiting = is_on
    ref = DeviceRef.of(device.device_id)
    switch.report_device(device, MessageWaitingEvent, lambda monitor: MessageWaitingEvent(monitor, ref, None, is_on))


def change_agent(
    switch: Switch, device: Device, wanted: RequestedAgentState, agent_id: str | None, group: str | None
) -> CSTAErrorCode | None:
    """Log an agent on or off, or change the state of the one logged on (ECMA-269 22.1.10)."""
    if wanted is RequestedAgentState.LOGGED_ON:
        return _log_on(switch, device, agent_id, group)
    if device.agent is None:
        return wrong_operand("invalidAgentState")
    if agent_id is not None and agent_id != device.agent.agent_id:
        return wrong_operand("invalidAgentIdentifier")
    if wanted is RequestedAgentState.LOGGED_OFF:
        set_agent_state(switch, device, AgentState.NULL, AgentEventKind.LOGGED_OFF)
        device.agent = None
    else:
        set_agent_state(switch, device, _STATES[wanted])
    legs_freed(switch, [device])
    return None


def agent_entries(device: Device) -> tuple[AgentStateEntry, ...]:
    agent = device.agent
    if agent is None:
        return (AgentStateEntry(None, False),)
    return (AgentStateEntry(agent.agent_id, True, (AgentInfoItem(agent.group or None, agent.state),)),)


def set_in_service(switch: Switch, device: Device, in_service: bool) -> None:
    """Take a device out of service, its calls cleared first, or bring it back."""
    if device.in_service == in_service:
        return
    if not in_service:
        for leg in list(device.legs):
            if leg in leg.call.legs:
                clear_leg(switch, leg, EventCause.DEST_OUT_OF_ORDER)
    device.in_service = in_service
    kind = ServiceStateKind.BACK_IN_SERVICE if in_service else ServiceStateKind.OUT_OF_SERVICE
    ref = DeviceRef.of(device.device_id)
    switch.report_device(device, kind, lambda monitor: ServiceStateEvent(kind, monitor, ref, EventCause.MAINTENANCE))
    legs_freed(switch, [device])


def _log_on(switch: Switch, device: Device, agent_id: str | None, group: str | None) -> CSTAErrorCode | None:
    pilot = None if group is None else switch.find(group)
    if device.kind is not DeviceKind.EXTENSION or not agent_id:
        return wrong_operand("invalidAgentIdentifier")
    if group is not None and (pilot is None or pilot.kind is not DeviceKind.PILOT):
        return wrong_operand("invalidAgentGroup")
    if device.agent is not None:
        return wrong_operand("featureAlreadySet")
    device.agent = Agent(agent_id, "" if pilot is None else pilot.number, AgentState.NOT_READY)
    if pilot is not None and device not in pilot.members:
        pilot.members.append(device)
    set_agent_state(switch, device, AgentState.NOT_READY, AgentEventKind.LOGGED_ON)
    return None
