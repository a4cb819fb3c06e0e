"""Services on devices: monitors, snapshots, do-not-disturb, forwarding, agents (ECMA-269 clauses 15, 16, 21, 22)."""

from __future__ import annotations

from gateway.links.csta_xml import messages as m
from simulator import features, snapshots
from simulator.operands import find_call, find_device
from simulator.switch import Switch, wrong_operand

Answer = m.Message


def snapshot_call(switch: Switch, client: int, request: m.SnapshotCall) -> Answer:
    call = find_call(switch, request.snapshot_object)
    if isinstance(call, m.CSTAErrorCode):
        return call
    return m.SnapshotCallResponse(snapshot=snapshots.call_snapshot(call))


def snapshot_device(switch: Switch, client: int, request: m.SnapshotDevice) -> Answer:
    device = find_device(switch, request.snapshot_object)
    if isinstance(device, m.CSTAErrorCode):
        return device
    return m.SnapshotDeviceResponse(snapshot=snapshots.device_snapshot(device))


def monitor_start(switch: Switch, client: int, request: m.MonitorStart) -> Answer:
    device, call_id = None, None
    if request.device is not None:
        found = switch.find(request.device)
        if found is None:
            return wrong_operand("invalidDeviceID")
        device = found
    elif request.call is not None and request.call.call_id in switch.calls:
        call_id = request.call.call_id
    else:
        return wrong_operand("invalidMonitorObject" if request.call is None else "invalidCallID")
    monitor = switch.monitors.start(client, device, call_id, request.requested_monitor_filter)
    if isinstance(monitor, m.CSTAErrorCode):
        return monitor
    return m.MonitorStartResponse(monitor.cross_ref_id, request.requested_monitor_filter, monitor_existing_calls=True)


def monitor_stop(switch: Switch, client: int, request: m.MonitorStop) -> Answer:
    if switch.monitors.stop(client, request.monitor_cross_ref_id):
        return m.MonitorStopResponse()
    return wrong_operand("invalidMonitorCrossRefID")


def set_do_not_disturb(switch: Switch, client: int, request: m.SetDoNotDisturb) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    features.set_do_not_disturb(switch, device, request.do_not_disturb_on)
    return m.SetDoNotDisturbResponse()


def get_do_not_disturb(switch: Switch, client: int, request: m.GetDoNotDisturb) -> Answer:
    device = find_device(switch, request.device)
    return device if isinstance(device, m.CSTAErrorCode) else m.GetDoNotDisturbResponse(device.do_not_disturb)


def set_forwarding(switch: Switch, client: int, request: m.SetForwarding) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    kind = request.forwarding_type or m.ForwardingType.IMMEDIATE
    refusal = features.set_forwarding(
        switch, device, kind, request.activate_forward, request.forward_dn, request.ring_count
    )
    return refusal or m.SetForwardingResponse()


def get_forwarding(switch: Switch, client: int, request: m.GetForwarding) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    return m.GetForwardingResponse(
        tuple(
            m.ForwardListItem(kind, True, switch.shown(forwarding.target), forwarding.ring_count)
            for kind, forwarding in device.forwardings.items()
        )
    )


def set_message_waiting(switch: Switch, client: int, request: m.SetMessageWaitingIndicator) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    features.set_message_waiting(switch, device, request.message_waiting_on)
    return m.SetMessageWaitingIndicatorResponse()


def set_agent_state(switch: Switch, client: int, request: m.SetAgentState) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    refusal = features.change_agent(switch, device, request.requested_agent_state, request.agent_id, request.group)
    return refusal or m.SetAgentStateResponse()


def get_agent_state(switch: Switch, client: int, request: m.GetAgentState) -> Answer:
    device = find_device(switch, request.device)
    if isinstance(device, m.CSTAErrorCode):
        return device
    return m.GetAgentStateResponse(features.agent_entries(device))
