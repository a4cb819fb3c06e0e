"""Queues: a pilot number holds calls until one of its members is free (ECMA-269 6.1.7, 17.2.15, clause 22).

Members without an agent logged on form a hunt group and take calls whenever they are free; where anybody is logged on
to the pilot, only agents who are ready do.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.links.csta_xml.messages import AgentEvent, AgentEventKind, AgentState, CallEventKind, DeviceRef, EventCause
from simulator.calls import Call, Leg, State
from simulator.devices import Device, DeviceKind
from simulator.ringing import divert, ring
from simulator.switch import Switch

_AGENT_EVENTS = {
    AgentState.READY: AgentEventKind.READY,
    AgentState.NOT_READY: AgentEventKind.NOT_READY,
    AgentState.BUSY: AgentEventKind.BUSY,
    AgentState.WORKING_AFTER_CALL: AgentEventKind.WORKING_AFTER_CALL,
}


def enter_queue(switch: Switch, call: Call, pilot: Device, cause: EventCause) -> None:
    """Ring a free member, or queue the call at the pilot."""
    member = _free_member(pilot)
    if member is not None and not pilot.legs:
        call.redirected_by = pilot.device_id
        _ring(switch, call, pilot, member)
        return
    # The pilot is a visible device (ECMA-269 6.1.7): the call arrives there before it waits.
    leg = ring(switch, call, pilot, cause)
    leg.state = State.QUEUED
    waiting = len(pilot.legs)
    parties = switch.parties(call)
    # QueuedEvent has no such element.
    del parties["originating_nid"]
    switch.report(
        call,
        CallEventKind.QUEUED,
        EventCause.NO_AVAILABLE_AGENTS if cause is EventCause.NEW_CALL else cause,
        connection=leg.connection,
        subject=leg.ref,
        number_queued=waiting,
        calls_in_front=waiting - 1,
        **parties,
    )
    distribute(switch, pilot)


def distribute(switch: Switch, pilot: Device) -> None:
    """Give waiting calls to free members, the longest waiting first."""
    while pilot.legs and (member := _free_member(pilot)) is not None:
        leg = pilot.legs[0]
        divert(switch, leg, member.number, EventCause.DISTRIBUTED)
        _ring(switch, leg.call, pilot, member)


def legs_freed(switch: Switch, devices: Iterable[Device]) -> None:
    """Devices may have come free: agents go back to ready, queues move on."""
    for device in devices:
        if device.is_free and device.agent is not None and device.agent.state is AgentState.BUSY:
            set_agent_state(switch, device, AgentState.READY)
        if device.is_free and device.kind is DeviceKind.EXTENSION:
            for pilot in switch.pilots:
                if device in pilot.members:
                    distribute(switch, pilot)


def agent_answered(switch: Switch, device: Device) -> None:
    if device.agent is not None and device.agent.state is AgentState.READY:
        set_agent_state(switch, device, AgentState.BUSY)


def set_agent_state(switch: Switch, device: Device, state: AgentState, kind: AgentEventKind | None = None) -> None:
    """Change the state of the agent who is logged on at `device` and report it; `kind` if it is not the state's own."""
    agent = device.agent
    assert agent is not None, f"nobody is logged on at {device.number}"
    agent.state = state
    told = kind or _AGENT_EVENTS[state]
    switch.report_device(
        device,
        told,
        lambda cross_ref_id: AgentEvent(
            told,
            cross_ref_id,
            DeviceRef.of(device.device_id),
            agent.agent_id,
            agent.group or None,
            EventCause.NORMAL,
        ),
    )


def _free_member(pilot: Device) -> Device | None:
    agents = [member for member in pilot.members if member.agent is not None and member.agent.group == pilot.number]
    ready = [member for member in agents if member.agent is not None and member.agent.state is AgentState.READY]
    candidates = ready if agents else pilot.members
    return next((member for member in candidates if member.is_free and not member.do_not_disturb), None)


def _ring(switch: Switch, call: Call, pilot: Device, member: Device) -> None:
    pilot.members.remove(member)
    pilot.members.append(member)
    leg = ring(switch, call, member, EventCause.DISTRIBUTED)
    switch.after(switch.plan.agent_ring_seconds, lambda: _back_to_queue(switch, leg, pilot))


def _back_to_queue(switch: Switch, leg: Leg, pilot: Device) -> None:
    if leg not in leg.call.legs or leg.state is not State.ALERTING:
        return
    call = leg.call
    if leg.device.agent is not None:
        # An agent who does not answer is not there: the next call must not go the same way.
        set_agent_state(switch, leg.device, AgentState.NOT_READY)
    divert(switch, leg, pilot.number, EventCause.CALL_NOT_ANSWERED)
    enter_queue(switch, call, pilot, EventCause.CALL_NOT_ANSWERED)
