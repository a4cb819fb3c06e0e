"""Routeing services: the switch asks where a call shall go (ECMA-269 clause 20; the spelling is the standard's)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated

from gateway.links.csta_xml.messages.elements import At, CstaMessage
from gateway.links.csta_xml.messages.identifiers import ConnectionID, DeviceRef
from gateway.links.csta_xml.messages.system import CSTAErrorCode


class RouteSelectAlgorithm(enum.StrEnum):
    NORMAL = "normal"
    LEAST_COST = "leastCost"
    EMERGENCY = "emergency"
    ACD = "aCD"
    USER_DEFINED = "userDefined"


@dataclass(frozen=True, slots=True)
class RouteRegister(CstaMessage):
    """Asks for all routeing requests of a device, or of every routeing device when none is named."""

    routeing_device: str | None = None


@dataclass(frozen=True, slots=True)
class RouteRegisterResponse(CstaMessage):
    route_register_req_id: str


@dataclass(frozen=True, slots=True)
class RouteRegisterCancel(CstaMessage):
    route_register_req_id: str


@dataclass(frozen=True, slots=True)
class RouteRegisterCancelResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class RouteRequest(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    current_route: DeviceRef | None = None
    calling_device: DeviceRef | None = None
    routeing_device: DeviceRef | None = None
    routed_call: ConnectionID | None = None
    route_sel_algorithm: RouteSelectAlgorithm | None = None


@dataclass(frozen=True, slots=True)
class RouteSelect(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None
    route_selected: str
    retry_count: Annotated[int | None, At("remainRetries/retryCount")] = None
    route_used_req: bool | None = None


@dataclass(frozen=True, slots=True)
class RouteUsed(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    route_used: DeviceRef | None = None
    calling_device: DeviceRef | None = None


@dataclass(frozen=True, slots=True)
class ReRoute(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None


@dataclass(frozen=True, slots=True)
class RouteEnd(CstaMessage):
    cross_ref_identifier: str
    route_register_req_id: str | None = None
    error_value: CSTAErrorCode | None = None
