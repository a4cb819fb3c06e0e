"""Events that a monitor reports (ECMA-269 clauses 17.2 call control, 18.2 call associated, 21 devices, 22 agents, 27).

All call events share one class, so that whoever handles them can work from tables; which fields an event has, and under
which element names, is the codec's table `gateway.links.csta_xml.event_layouts`.
"""

from __future__ import annotations

import enum

from gateway.links.csta_xml.messages.causes import EventCause
from gateway.links.csta_xml.messages.elements import CstaMessage
from gateway.links.csta_xml.messages.identifiers import (
    ConnectionID,
    ConnectionListItem,
    DeviceRef,
    LocalConnectionState,
)
from gateway.links.csta_xml.messages.value import value


class CallEventKind(enum.StrEnum):
    """Call events; the value is the element's name on the wire (one r in `TransferedEvent` is the schema's)."""

    SERVICE_INITIATED = "ServiceInitiatedEvent"
    ORIGINATED = "OriginatedEvent"
    DELIVERED = "DeliveredEvent"
    ESTABLISHED = "EstablishedEvent"
    HELD = "HeldEvent"
    RETRIEVED = "RetrievedEvent"
    TRANSFERRED = "TransferedEvent"
    CONFERENCED = "ConferencedEvent"
    DIVERTED = "DivertedEvent"
    CONNECTION_CLEARED = "ConnectionClearedEvent"
    CALL_CLEARED = "CallClearedEvent"
    FAILED = "FailedEvent"
    QUEUED = "QueuedEvent"
    NETWORK_REACHED = "NetworkReachedEvent"
    OFFERED = "OfferedEvent"
    BRIDGED = "BridgedEvent"
    DIGITS_DIALED = "DigitsDialedEvent"
    CALL_INFORMATION = "CallInformationEvent"


@value
class CallEvent(CstaMessage):
    """Something happened to a call. Fields that a kind does not have are None (or an empty list).

    `connection` is the event's own connection: initiated…, originated…, dropped…, the cleared call, primaryOldCall.
    `subject` is the device it happened to or that did it (alerting, answering, releasing, transferring, queue, …);
    of OriginatedEvent see `calling`. `target` is newDestination, transferredToDevice or addedParty.
    `cause` is text when the switch sent one that the standard does not know.
    """

    kind: CallEventKind
    monitor_cross_ref_id: str
    connection: ConnectionID | None = None
    secondary_old_call: ConnectionID | None = None
    subject: DeviceRef | None = None
    target: DeviceRef | None = None
    calling: DeviceRef | None = None
    called: DeviceRef | None = None
    last_redirection: DeviceRef | None = None
    originating_nid: ConnectionID | None = None
    connections: tuple[ConnectionListItem, ...] = ()
    digits: str | None = None
    number_queued: int | None = None
    calls_in_front: int | None = None
    local_state: LocalConnectionState | None = None
    cause: EventCause | str | None = None
    network_type: str | None = None
    network_calling: DeviceRef | None = None
    network_called: DeviceRef | None = None
    associated_calling: DeviceRef | None = None
    associated_called: DeviceRef | None = None


class PendingAgentState(enum.StrEnum):
    AGENT_NOT_READY = "agentNotReady"
    AGENT_NULL = "agentNull"
    AGENT_READY = "agentReady"
    AGENT_WORKING_AFTER_CALL = "agentWorkingAfterCall"


class AgentEventKind(enum.Enum):
    """Agent state events; the value is the element's name."""

    BUSY = "AgentBusyEvent"
    LOGGED_ON = "AgentLoggedOnEvent"
    LOGGED_OFF = "AgentLoggedOffEvent"
    NOT_READY = "AgentNotReadyEvent"
    READY = "AgentReadyEvent"
    WORKING_AFTER_CALL = "AgentWorkingAfterCallEvent"


@value
class AgentEvent(CstaMessage):
    """An agent's state changed (ECMA-269 22.2)."""

    kind: AgentEventKind
    monitor_cross_ref_id: str
    agent_device: DeviceRef | None = None
    agent_id: str | None = None
    acd_group: str | None = None
    cause: EventCause | str | None = None


class ServiceStateKind(enum.Enum):
    OUT_OF_SERVICE = "OutOfServiceEvent"
    BACK_IN_SERVICE = "BackInServiceEvent"


@value
class ServiceStateEvent(CstaMessage):
    """A device went out of service or came back (ECMA-269 27)."""

    kind: ServiceStateKind
    monitor_cross_ref_id: str
    device: DeviceRef | None = None
    cause: EventCause | str | None = None


@value
class DoNotDisturbEvent(CstaMessage):
    monitor_cross_ref_id: str
    device: DeviceRef | None
    do_not_disturb_on: bool


class ForwardingType(enum.StrEnum):
    """Which calls are forwarded (ECMA-323 ForwardingType)."""

    IMMEDIATE = "forwardImmediate"
    BUSY = "forwardBusy"
    NO_ANSWER = "forwardNoAns"
    DO_NOT_DISTURB = "forwardDND"
    BUSY_INTERNAL = "forwardBusyInt"
    BUSY_EXTERNAL = "forwardBusyExt"
    NO_ANSWER_INTERNAL = "forwardNoAnsInt"
    NO_ANSWER_EXTERNAL = "forwardNoAnsExt"
    IMMEDIATE_INTERNAL = "forwardImmInt"
    IMMEDIATE_EXTERNAL = "forwardImmExt"
    DO_NOT_DISTURB_INTERNAL = "forwardDNDInt"
    DO_NOT_DISTURB_EXTERNAL = "forwardDNDExt"


@value
class ForwardingEvent(CstaMessage):
    """A forwarding was set or taken back. `forward_to` is a dialling number, `ring_count` counts rings."""

    monitor_cross_ref_id: str
    device: DeviceRef | None
    forwarding_type: ForwardingType | None
    forward_status: bool
    forward_to: str | None = None
    ring_count: int | None = None


@value
class MessageWaitingEvent(CstaMessage):
    monitor_cross_ref_id: str
    target_device: DeviceRef | None
    device_for_message: str | None
    message_waiting_on: bool
