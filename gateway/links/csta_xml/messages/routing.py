"""Routeing services: the switch asks where a call shall go (ECMA-269 clause 20; the spelling is the standard's)."""

from __future__ import annotations

import enum
from typing import Annotated

from gateway.links.csta_xml.messages.elements import At, CstaMessage
from gateway.links.csta_xml.messages.identifiers import ConnectionID, DeviceRef
from gateway.links.csta_xml.messages.system import CSTAErrorCode
from gateway.links.csta_xml.messages.value import value


class RouteSelectAlgorithm(enum.StrEnum):
    NORMAL = "normal"
    LEAST_COST = "leastCost"
    EMERGENCY = "emergency"
    ACD = "aCD"
    USER_DEFINED = "userDefined"


@value
class RouteRegister(CstaMessage):
    """Asks for all routeing requests of a device, or of every routeing device when none is named."""

    routeing_device: str | None = None


@value
class RouteRegisterResponse(CstaMessage):
    route_register_req_id: str


@value
class RouteRegisterCancel(CstaMessage):
    route_register_req_id: str


@value
class RouteRegisterCancelResponse(CstaMessage):
    pass


@value
class RouteRequest(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    current_route: DeviceRef | None = None
    calling_device: DeviceRef | None = None
    routeing_device: DeviceRef | None = None
    routed_call: ConnectionID | None = None
    route_sel_algorithm: RouteSelectAlgorithm | None = None


@value
class RouteSelect(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None
    route_selected: str
    retry_count: Annotated[int | None, At("remainRetries/retryCount")] = None
    route_used_req: bool | None = None


@value
class RouteUsed(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    route_used: DeviceRef | None = None
    calling_device: DeviceRef | None = None


@value
class ReRoute(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None


@value
class RouteEnd(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    error_value: CSTAErrorCode | None = None
