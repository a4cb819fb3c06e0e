"""Each CSTA service that the simulated switch offers: a request goes in, its response or a CSTAErrorCode comes out.

The events that follow lie in `switch.reports`. Nothing here knows of sessions, frames or sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.links.csta_xml import messages as m
from simulator import call_services as calls
from simulator import device_services as devices
from simulator.switch import Switch

Service = Callable[[Switch, int, Any], m.Message]

SERVICES: dict[type[m.Message], Service] = {
    m.MakeCall: calls.make_call,
    m.AnswerCall: calls.answer_call,
    m.ClearConnection: calls.clear_connection,
    m.ClearCall: calls.clear_call,
    m.HoldCall: calls.hold_call,
    m.RetrieveCall: calls.retrieve_call,
    m.ConsultationCall: calls.consultation_call,
    m.AlternateCall: calls.alternate_call,
    m.ReconnectCall: calls.reconnect_call,
    m.TransferCall: calls.transfer_call,
    m.ConferenceCall: calls.conference_call,
    m.SingleStepTransferCall: calls.single_step_transfer,
    m.SingleStepConferenceCall: calls.single_step_conference,
    m.DeflectCall: calls.deflect_call,
    m.DirectedPickupCall: calls.directed_pickup,
    m.GenerateDigits: calls.generate_digits,
    m.SnapshotCall: devices.snapshot_call,
    m.SnapshotDevice: devices.snapshot_device,
    m.MonitorStart: devices.monitor_start,
    m.MonitorStop: devices.monitor_stop,
    m.SetDoNotDisturb: devices.set_do_not_disturb,
    m.GetDoNotDisturb: devices.get_do_not_disturb,
    m.SetForwarding: devices.set_forwarding,
    m.GetForwarding: devices.get_forwarding,
    m.SetMessageWaitingIndicator: devices.set_message_waiting,
    m.SetAgentState: devices.set_agent_state,
    m.GetAgentState: devices.get_agent_state,
}


def perform(switch: Switch, client: int, request: m.Message) -> m.Message | None:
    """Do what `client` asks for and return the answer; None when the message is no request to a switch."""
    service = SERVICES.get(type(request))
    return None if service is None else service(switch, client, request)
