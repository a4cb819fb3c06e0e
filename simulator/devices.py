"""What stands at the simulated switch: extensions, trunk circuits and distribution pilots, with their features."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.links.csta_xml.messages import AgentState, DeviceCategory, ForwardingType

if TYPE_CHECKING:
    from simulator.calls import Leg


class DeviceKind(enum.Enum):
    EXTENSION = DeviceCategory.STATION
    TRUNK = DeviceCategory.NETWORK_INTERFACE
    PILOT = DeviceCategory.ACD


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Where calls go instead; `ring_count` rings first, for forwarding on no answer."""

    target: str
    ring_count: int


@dataclass(slots=True)
class Agent:
    """Somebody logged on at an extension, taking calls of one pilot."""

    agent_id: str
    group: str
    state: AgentState


@dataclass(slots=True, eq=False)
class Device:
    """One device. `device_id` is its name on the wire; `legs` its connections, oldest first."""

    number: str
    device_id: str
    kind: DeviceKind
    legs: list[Leg] = field(default_factory=list)
    in_service: bool = True
    do_not_disturb: bool = False
    message_waiting: bool = False
    forwardings: dict[ForwardingType, Forwarding] = field(default_factory=dict)
    agent: Agent | None = None
    members: list[Device] = field(default_factory=list)
    """Of a pilot: the extensions it distributes to, the one that waits longest first."""

    @property
    def is_free(self) -> bool:
        """No connection of any kind, and in service."""
        return self.in_service and not self.legs

    def forwarding(self, *kinds: ForwardingType) -> Forwarding | None:
        """The first of `kinds` that is set."""
        return next((self.forwardings[kind] for kind in kinds if kind in self.forwardings), None)
