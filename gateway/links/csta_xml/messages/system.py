"""The switching function as a whole: its status, its list of devices, and errors (ECMA-269 clauses 13 and 14, 12.3)."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import ClassVar

from gateway.links.csta_xml.messages.elements import CstaMessage, Message
from gateway.links.csta_xml.messages.value import value


class SystemStatusValue(enum.StrEnum):
    DISABLED = "disabled"
    PARTIALLY_DISABLED = "partiallyDisabled"
    ENABLED = "enabled"
    INITIALIZING = "initializing"
    MESSAGES_LOST = "messagesLost"
    NORMAL = "normal"
    OVERLOAD_IMMINENT = "overloadImminent"
    OVERLOAD_REACHED = "overloadReached"
    OVERLOAD_RELIEVED = "overloadRelieved"


@value
class SystemStatus(CstaMessage):
    """Sent by either side, answered by SystemStatusResponse at once: also the keep-alive.

    One with a value that the standard does not know is a ParseProblem.
    """

    sys_stat_register_id: str | None = field(default=None, kw_only=True)
    system_status: SystemStatusValue


@value
class SystemStatusResponse(CstaMessage):
    pass


@value
class RequestSystemStatus(CstaMessage):
    sys_stat_register_id: str | None = None


@value
class RequestSystemStatusResponse(CstaMessage):
    system_status: SystemStatusValue


@value
class RequestTypes:
    system_status: bool | None = None
    request_system_status: bool | None = None


@value
class SystemRegister(CstaMessage):
    request_types: RequestTypes | None = None


@value
class SystemRegisterResponse(CstaMessage):
    sys_stat_register_id: str | None = None


class DeviceCategory(enum.StrEnum):
    """What a device is; both DeviceCategory and ReqDeviceCategory of ECMA-323."""

    ACD = "acd"
    GROUP = "group"
    GROUP_ACD = "groupACD"
    GROUP_HUNT = "groupHunt"
    GROUP_PICK = "groupPick"
    GROUP_USER = "groupUser"
    GROUP_OTHER = "groupOther"
    NETWORK_INTERFACE = "networkInterface"
    PARK = "park"
    ROUTEING_DEVICE = "routeingDevice"
    STATION = "station"
    VOICE_UNIT = "voiceUnit"
    OTHER = "other"


@value
class GetSwitchingFunctionDevices(CstaMessage):
    """Asks for all devices, or those of a category; edition 3 does not know the groupX categories in the answer."""

    requested_device_id: str | None = None
    requested_device_category: DeviceCategory | None = None


@value
class GetSwitchingFunctionDevicesResponse(CstaMessage):
    """The list comes later, in SwitchingFunctionDevices requests of the switch under this id."""

    service_cross_ref_id: str


@value
class ListedDevice:
    ELEMENT: ClassVar[str] = "device"

    device_id: str
    device_category: DeviceCategory | None = None


@value
class SwitchingFunctionDevices(CstaMessage):
    """A piece of the device list, sent by the switch as a request without response."""

    service_cross_ref_id: str
    segment_id: int | None
    last_segment: bool
    device_list: tuple[ListedDevice, ...] | None = None


class ErrorCategory(enum.Enum):
    """The kinds of refusal; the value is the element's name (`systemResourceAvailibility` is the schema's spelling)."""

    OPERATION = "operation"
    PERFORMANCE_MANAGEMENT = "performanceManagement"
    PRIVATE_DATA = "privateData"
    PRIVATE_ERROR_CODE = "privateErrorCode"
    SECURITY = "security"
    STATE_INCOMPATIBILITY = "stateIncompatibility"
    SUBSCRIBED_RESOURCE_AVAILABILITY = "subscribedResourceAvailability"
    SYSTEM_RESOURCE_AVAILABILITY = "systemResourceAvailibility"
    UNSPECIFIED = "unspecified"


@value
class CSTAErrorCode(Message):
    """A request was refused. `value` is the error's name as the switch wrote it, "" for UNSPECIFIED."""

    category: ErrorCategory
    value: str = ""
