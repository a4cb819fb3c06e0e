"""Monitors and snapshots (ECMA-269 clauses 15 and 16)."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from gateway.links.csta_xml.messages.elements import At, CstaMessage
from gateway.links.csta_xml.messages.identifiers import ConnectionID, DeviceRef, LocalConnectionState
from gateway.links.csta_xml.messages.value import value


class MonitorType(enum.StrEnum):
    CALL = "call"
    DEVICE = "device"


@value
class MonitorFilter:
    """What a monitor is not to report; true means filtered out. None leaves the switch's own choice."""

    bridged: Annotated[bool | None, At("callcontrol/bridged")] = None
    call_cleared: Annotated[bool | None, At("callcontrol/callCleared")] = None
    conferenced: Annotated[bool | None, At("callcontrol/conferenced")] = None
    connection_cleared: Annotated[bool | None, At("callcontrol/connectionCleared")] = None
    delivered: Annotated[bool | None, At("callcontrol/delivered")] = None
    digits_dialed: Annotated[bool | None, At("callcontrol/digitsDialed")] = None
    diverted: Annotated[bool | None, At("callcontrol/diverted")] = None
    established: Annotated[bool | None, At("callcontrol/established")] = None
    failed: Annotated[bool | None, At("callcontrol/failed")] = None
    held: Annotated[bool | None, At("callcontrol/held")] = None
    network_reached: Annotated[bool | None, At("callcontrol/networkReached")] = None
    offered: Annotated[bool | None, At("callcontrol/offered")] = None
    originated: Annotated[bool | None, At("callcontrol/originated")] = None
    queued: Annotated[bool | None, At("callcontrol/queued")] = None
    retrieved: Annotated[bool | None, At("callcontrol/retrieved")] = None
    service_initiated: Annotated[bool | None, At("callcontrol/serviceInitiated")] = None
    transferred: Annotated[bool | None, At("callcontrol/transferred")] = None
    call_information: Annotated[bool | None, At("callAssociated/callInformation")] = None
    message_waiting: Annotated[bool | None, At("physicalDeviceFeature/messageWaiting")] = None
    agent_busy: Annotated[bool | None, At("logicalDeviceFeature/agentBusy")] = None
    agent_logged_on: Annotated[bool | None, At("logicalDeviceFeature/agentLoggedOn")] = None
    agent_logged_off: Annotated[bool | None, At("logicalDeviceFeature/agentLoggedOff")] = None
    agent_not_ready: Annotated[bool | None, At("logicalDeviceFeature/agentNotReady")] = None
    agent_ready: Annotated[bool | None, At("logicalDeviceFeature/agentReady")] = None
    agent_working_after_call: Annotated[bool | None, At("logicalDeviceFeature/agentWorkingAfterCall")] = None
    do_not_disturb: Annotated[bool | None, At("logicalDeviceFeature/doNotDisturb")] = None
    forwarding: Annotated[bool | None, At("logicalDeviceFeature/forwarding")] = None
    back_in_service: Annotated[bool | None, At("maintenance/backInService")] = None
    out_of_service: Annotated[bool | None, At("maintenance/outOfService")] = None


@value
class MonitorMediaClass:
    voice: bool | None = None
    data: bool | None = None


@value
class MonitorStart(CstaMessage):
    """Exactly one of `call` and `device` is given."""

    call: Annotated[ConnectionID | None, At("monitorObject/callObject")] = None
    device: Annotated[str | None, At("monitorObject/deviceObject")] = None
    requested_monitor_filter: MonitorFilter | None = None
    monitor_type: MonitorType | None = None
    requested_monitor_media_class: MonitorMediaClass | None = None


@value
class MonitorStartResponse(CstaMessage):
    monitor_cross_ref_id: str
    actual_monitor_filter: MonitorFilter | None = None
    actual_monitor_media_class: MonitorMediaClass | None = None
    monitor_existing_calls: bool | None = None


@value
class MonitorStop(CstaMessage):
    """Either side may send it; no event of this monitor follows."""

    monitor_cross_ref_id: str


@value
class MonitorStopResponse(CstaMessage):
    pass


class SimpleCallState(enum.StrEnum):
    """A connection's state together with the other party's, in one word (ECMA-269 6.1.5.2)."""

    CALL_NULL = "callNull"
    CALL_PENDING = "callPending"
    CALL_ORIGINATED = "callOriginated"
    CALL_DELIVERED = "callDelivered"
    CALL_DELIVERED_HELD = "callDeliveredHeld"
    CALL_RECEIVED = "callReceived"
    CALL_ESTABLISHED = "callEstablished"
    CALL_ESTABLISHED_HELD = "callEstablishedHeld"
    CALL_RECEIVED_ON_HOLD = "callReceivedOnHold"
    CALL_ESTABLISHED_ON_HOLD = "callEstablishedOnHold"
    CALL_QUEUED = "callQueued"
    CALL_QUEUED_HELD = "callQueuedHeld"
    CALL_FAILED = "callFailed"
    CALL_FAILED_HELD = "callFailedHeld"
    CALL_BLOCKED = "callBlocked"


@value
class SnapshotCall(CstaMessage):
    snapshot_object: ConnectionID


@value
class SnapshotCallInfo:
    """One party of a call."""

    ELEMENT: ClassVar[str] = "snapshotCallResponseInfo"

    device_on_call: DeviceRef | None
    call_identifier: ConnectionID | None
    local_connection_info: LocalConnectionState | None = None


@value
class SnapshotCallResponse(CstaMessage):
    """The parties, or a `service_cross_ref_id` under which they come in SnapshotCallData requests of the switch."""

    service_cross_ref_id: Annotated[str | None, At("crossRefIDorSnapshotData/serviceCrossRefID")] = None
    snapshot: Annotated[tuple[SnapshotCallInfo, ...] | None, At("crossRefIDorSnapshotData/snapshotData")] = None
    calling_device: DeviceRef | None = None
    called_device: DeviceRef | None = None
    associated_calling_device: DeviceRef | None = None
    associated_called_device: DeviceRef | None = None


@value
class SnapshotDevice(CstaMessage):
    snapshot_object: str


@value
class SnapshotDeviceInfo:
    """One connection at the device. Exactly one of `compound_state` (the device's own state first, then the other
    parties'), `simple_state` and `state_unknown` is given."""

    ELEMENT: ClassVar[str] = "snapshotDeviceResponseInfo"

    connection_identifier: ConnectionID | None
    endpoint_device: DeviceRef | None = None
    compound_state: Annotated[
        tuple[LocalConnectionState, ...] | None, At("localCallState/compoundCallState", item="localConnectionState")
    ] = None
    simple_state: Annotated[SimpleCallState | None, At("localCallState/simpleCallState")] = None
    state_unknown: Annotated[bool, At("localCallState/unknown", presence=True)] = False


@value
class SnapshotDeviceResponse(CstaMessage):
    """The connections, or a `service_cross_ref_id` under which they come in SnapshotDeviceData requests."""

    service_cross_ref_id: Annotated[str | None, At("crossRefIDorSnapshotData/serviceCrossRefID")] = None
    snapshot: Annotated[tuple[SnapshotDeviceInfo, ...] | None, At("crossRefIDorSnapshotData/snapshotData")] = None


@value
class SnapshotDeviceData(CstaMessage):
    """A piece of a device snapshot, sent by the switch as a request without response."""

    service_cross_ref_id: str
    segment_id: int | None
    last_segment: bool
    snapshot: Annotated[tuple[SnapshotDeviceInfo, ...] | None, At("snapshotData")] = None


@value
class SnapshotCallData(CstaMessage):
    """A piece of a call snapshot, sent by the switch as a request without response."""

    service_cross_ref_id: str
    segment_id: int | None
    last_segment: bool
    snapshot: Annotated[tuple[SnapshotCallInfo, ...] | None, At("snapshotData")] = None
