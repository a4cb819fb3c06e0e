"""Services on a device: do-not-disturb, forwarding, message waiting, agent state (ECMA-269 clauses 21 and 22)."""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

from gateway.links.csta_xml.messages.elements import At, CstaMessage
from gateway.links.csta_xml.messages.events import ForwardingType, PendingAgentState
from gateway.links.csta_xml.messages.value import value


class AgentState(enum.StrEnum):
    NOT_READY = "agentNotReady"
    NULL = "agentNull"
    READY = "agentReady"
    BUSY = "agentBusy"
    WORKING_AFTER_CALL = "agentWorkingAfterCall"


class RequestedAgentState(enum.StrEnum):
    LOGGED_ON = "loggedOn"
    LOGGED_OFF = "loggedOff"
    NOT_READY = "notReady"
    READY = "ready"
    WORKING_AFTER_CALL = "workingAfterCall"


@value
class SetDoNotDisturb(CstaMessage):
    device: str
    do_not_disturb_on: bool


@value
class SetDoNotDisturbResponse(CstaMessage):
    pass


@value
class GetDoNotDisturb(CstaMessage):
    device: str


@value
class GetDoNotDisturbResponse(CstaMessage):
    do_not_disturb_on: bool


@value
class SetForwarding(CstaMessage):
    """`forward_dn` is a dialling number; `ring_count` counts rings before a no-answer forwarding takes the call."""

    device: str
    forwarding_type: ForwardingType | None
    activate_forward: bool
    forward_dn: Annotated[str | None, At("forwardDN")] = None
    ring_count: int | None = None


@value
class SetForwardingResponse(CstaMessage):
    pass


@value
class GetForwarding(CstaMessage):
    device: str


@value
class ForwardListItem:
    ELEMENT: ClassVar[str] = "forwardListItem"

    forwarding_type: ForwardingType | None
    forward_status: bool
    forward_dn: Annotated[str | None, At("forwardDN")] = None
    ring_count: int | None = None


@value
class GetForwardingResponse(CstaMessage):
    forwarding_list: tuple[ForwardListItem, ...] | None = None


@value
class SetMessageWaitingIndicator(CstaMessage):
    device: str
    message_waiting_on: bool
    device_for_message: str | None = None


@value
class SetMessageWaitingIndicatorResponse(CstaMessage):
    pass


@value
class GetAgentState(CstaMessage):
    device: str
    acd_group: str | None = None


@value
class AgentInfoItem:
    ELEMENT: ClassVar[str] = "agentInfoItem"

    acd_group: str | None
    agent_state: AgentState
    pending_agent_state: PendingAgentState | None = None


@value
class AgentStateEntry:
    ELEMENT: ClassVar[str] = "agentStateEntry"

    agent_id: str | None
    logged_on_state: bool
    agent_info: tuple[AgentInfoItem, ...] | None = None


@value
class GetAgentStateResponse(CstaMessage):
    agent_state_list: tuple[AgentStateEntry, ...] | None = None


@value
class SetAgentState(CstaMessage):
    """`password` is hexBinary text, as on the wire."""

    device: str
    requested_agent_state: RequestedAgentState
    agent_id: str | None = None
    password: str | None = None
    group: str | None = None


@value
class SetAgentStateResponse(CstaMessage):
    pending_agent_state: PendingAgentState | None = None
