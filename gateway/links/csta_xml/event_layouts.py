"""Which elements each event has, in the order of ECMA-323 edition 3, and which field of its class each one fills.

Tables only. A path with `/` is an element within an element.
"""

from __future__ import annotations

from gateway.links.csta_xml.messages.events import AgentEventKind, CallEventKind, ServiceStateKind

Row = tuple[str, str]
"""(path of the element, name of the field)"""

_XREF: tuple[Row, ...] = (("monitorCrossRefID", "monitor_cross_ref_id"),)
_PARTIES: tuple[Row, ...] = (
    ("callingDevice", "calling"),
    ("calledDevice", "called"),
    ("lastRedirectionDevice", "last_redirection"),
)
_NID: tuple[Row, ...] = (("originatingNIDConnection", "originating_nid"),)
_STATE: tuple[Row, ...] = (("localConnectionInfo", "local_state"), ("cause", "cause"))
_NETWORK: tuple[Row, ...] = (
    ("networkCallingDevice", "network_calling"),
    ("networkCalledDevice", "network_called"),
    ("associatedCallingDevice", "associated_calling"),
)
_NETWORK_AND_CALLED: tuple[Row, ...] = (*_NETWORK, ("associatedCalledDevice", "associated_called"))
_SECURITY: tuple[Row, ...] = (("extensions/security", "security"),)


def _at(connection: str, subject: str) -> tuple[Row, ...]:
    return *_XREF, (connection, "connection"), (subject, "subject")


CALL_EVENT_ROWS: dict[CallEventKind, tuple[Row, ...]] = {
    CallEventKind.SERVICE_INITIATED: (
        *_at("initiatedConnection", "initiatingDevice"), *_STATE, *_NETWORK, *_SECURITY,
    ),
    CallEventKind.ORIGINATED: (
        *_XREF, ("originatedConnection", "connection"), ("callingDevice", "calling"), ("calledDevice", "called"),
        *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.DELIVERED: (
        *_at("connection", "alertingDevice"), *_PARTIES, *_NID, *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    # The missing g of originatinNIDConnection is the schema's.
    CallEventKind.ESTABLISHED: (
        *_at("establishedConnection", "answeringDevice"), *_PARTIES, ("originatinNIDConnection", "originating_nid"),
        *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.HELD: (*_at("heldConnection", "holdingDevice"), *_STATE, *_SECURITY),
    CallEventKind.RETRIEVED: (*_at("retrievedConnection", "retrievingDevice"), *_STATE, *_SECURITY),
    CallEventKind.TRANSFERRED: (
        *_XREF, ("primaryOldCall", "connection"), ("secondaryOldCall", "secondary_old_call"),
        ("transferringDevice", "subject"), ("transferredToDevice", "target"),
        ("transferredConnections", "connections"), *_STATE, *_SECURITY,
    ),
    CallEventKind.CONFERENCED: (
        *_XREF, ("primaryOldCall", "connection"), ("secondaryOldCall", "secondary_old_call"),
        ("conferencingDevice", "subject"), ("addedParty", "target"),
        ("conferenceConnections", "connections"), *_STATE, *_SECURITY,
    ),
    CallEventKind.DIVERTED: (
        *_at("connection", "divertingDevice"), ("newDestination", "target"), *_PARTIES, *_STATE,
        *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.CONNECTION_CLEARED: (*_at("droppedConnection", "releasingDevice"), *_STATE, *_SECURITY),
    CallEventKind.CALL_CLEARED: (*_XREF, ("clearedCall", "connection"), ("cause", "cause"), *_SECURITY),
    CallEventKind.FAILED: (
        *_at("failedConnection", "failingDevice"), *_PARTIES, *_NID, *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.QUEUED: (
        *_at("queuedConnection", "queue"), *_PARTIES, ("numberQueued", "number_queued"),
        ("callsInFront", "calls_in_front"), *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.NETWORK_REACHED: (
        *_at("outboundConnection", "networkInterfaceUsed"), *_PARTIES, *_NID, ("localConnectionInfo", "local_state"),
        ("networkCapability/networkType", "network_type"), ("cause", "cause"), *_NETWORK, *_SECURITY,
    ),
    CallEventKind.OFFERED: (
        *_at("offeredConnection", "offeredDevice"), *_PARTIES, *_NID, *_STATE, *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.BRIDGED: (*_at("bridgedConnection", "bridgedAppearance"), *_STATE, *_SECURITY),
    CallEventKind.DIGITS_DIALED: (
        *_at("dialingConnection", "dialingDevice"), ("dialingSequence", "digits"), *_STATE,
        *_NETWORK_AND_CALLED, *_SECURITY,
    ),
    CallEventKind.CALL_INFORMATION: (*_at("connection", "device"), ("callingDevice", "calling"), *_SECURITY),
}  # fmt: skip

_AGENT: tuple[Row, ...] = (
    *_XREF,
    ("agentDevice", "agent_device"),
    ("agentID", "agent_id"),
    ("acdGroup", "acd_group"),
    ("cause", "cause"),
    *_SECURITY,
)
AGENT_EVENT_ROWS: dict[AgentEventKind, tuple[Row, ...]] = dict.fromkeys(AgentEventKind, _AGENT)

_SERVICE_STATE: tuple[Row, ...] = (*_XREF, ("device", "device"), ("cause", "cause"), *_SECURITY)
SERVICE_STATE_ROWS: dict[ServiceStateKind, tuple[Row, ...]] = dict.fromkeys(ServiceStateKind, _SERVICE_STATE)
