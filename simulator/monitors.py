"""Who watches which device or call, and what each watcher is told (ECMA-269 clause 15).

A device monitor sees a call as long as its device has a connection in it, the event that ends that connection included.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import (
    AgentEventKind,
    CallEventKind,
    CSTAErrorCode,
    ErrorCategory,
    MonitorFilter,
    ServiceStateKind,
)
from gateway.links.csta_xml.messages.elements import CstaMessage
from simulator.devices import Device

_FILTER_FIELDS: dict[object, str] = {
    CallEventKind.SERVICE_INITIATED: "service_initiated",
    CallEventKind.ORIGINATED: "originated",
    CallEventKind.DELIVERED: "delivered",
    CallEventKind.ESTABLISHED: "established",
    CallEventKind.HELD: "held",
    CallEventKind.RETRIEVED: "retrieved",
    CallEventKind.TRANSFERRED: "transferred",
    CallEventKind.CONFERENCED: "conferenced",
    CallEventKind.DIVERTED: "diverted",
    CallEventKind.CONNECTION_CLEARED: "connection_cleared",
    CallEventKind.CALL_CLEARED: "call_cleared",
    CallEventKind.FAILED: "failed",
    CallEventKind.QUEUED: "queued",
    CallEventKind.NETWORK_REACHED: "network_reached",
    CallEventKind.OFFERED: "offered",
    CallEventKind.BRIDGED: "bridged",
    CallEventKind.DIGITS_DIALED: "digits_dialed",
    CallEventKind.CALL_INFORMATION: "call_information",
    AgentEventKind.BUSY: "agent_busy",
    AgentEventKind.LOGGED_ON: "agent_logged_on",
    AgentEventKind.LOGGED_OFF: "agent_logged_off",
    AgentEventKind.NOT_READY: "agent_not_ready",
    AgentEventKind.READY: "agent_ready",
    AgentEventKind.WORKING_AFTER_CALL: "agent_working_after_call",
    ServiceStateKind.OUT_OF_SERVICE: "out_of_service",
    ServiceStateKind.BACK_IN_SERVICE: "back_in_service",
}


@dataclass(frozen=True, slots=True, eq=False)
class Monitor:
    """One monitor of one client, on a device or on a call (by its id)."""

    cross_ref_id: str
    client: int
    device: Device | None
    call_id: str | None
    suppressed: frozenset[str] = frozenset()

    def passes(self, kind: object) -> bool:
        return _FILTER_FIELDS.get(kind) not in self.suppressed


@dataclass(frozen=True, slots=True)
class Report:
    """An event of one client's monitor."""

    client: int
    monitor_cross_ref_id: str
    event: CstaMessage


@dataclass(slots=True)
class Monitors:
    """All monitors. `limit` is how many the switch grants, `refused` the devices that it lets nobody monitor."""

    limit: int | None = None
    refused: set[str] = field(default_factory=set)
    _by_ref: dict[str, Monitor] = field(default_factory=dict)
    _by_device: dict[Device, list[Monitor]] = field(default_factory=dict)
    _by_call: dict[str, list[Monitor]] = field(default_factory=dict)
    _started: int = 0

    def __len__(self) -> int:
        return len(self._by_ref)

    def start(
        self, client: int, device: Device | None, call_id: str | None, filtered: MonitorFilter | None
    ) -> Monitor | CSTAErrorCode:
        """A new monitor, or overallMonitorLimitExceeded."""
        refused = device is not None and device.number in self.refused
        if refused or (self.limit is not None and len(self._by_ref) >= self.limit):
            return CSTAErrorCode(ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "overallMonitorLimitExceeded")
        self._started += 1
        names = () if filtered is None else filtered.__dataclass_fields__
        suppressed = frozenset(name for name in names if getattr(filtered, name))
        monitor = Monitor(f"{self._started:08X}", client, device, call_id, suppressed)
        self._by_ref[monitor.cross_ref_id] = monitor
        if device is not None:
            self._by_device.setdefault(device, []).append(monitor)
        if call_id is not None:
            self._by_call.setdefault(call_id, []).append(monitor)
        return monitor

    def stop(self, client: int, cross_ref_id: str) -> bool:
        """False when this client has no such monitor."""
        monitor = self._by_ref.get(cross_ref_id)
        if monitor is None or monitor.client != client:
            return False
        del self._by_ref[cross_ref_id]
        if monitor.device is not None:
            self._by_device[monitor.device].remove(monitor)
        if monitor.call_id is not None:
            self._by_call[monitor.call_id].remove(monitor)
        return True

    def stop_all(self, client: int) -> None:
        for cross_ref_id in [ref for ref, monitor in self._by_ref.items() if monitor.client == client]:
            self.stop(client, cross_ref_id)

    def of_client(self, client: int) -> list[Monitor]:
        return [monitor for monitor in self._by_ref.values() if monitor.client == client]

    def on_device(self, device: Device) -> list[Monitor]:
        return self._by_device.get(device, [])

    def on_call(self, call_id: str) -> list[Monitor]:
        return self._by_call.get(call_id, [])

    def call_renamed(self, old_id: str, new_id: str) -> None:
        """A call monitor follows its call through a transfer or conference."""
        for monitor in self._by_call.pop(old_id, []):
            moved = Monitor(monitor.cross_ref_id, monitor.client, None, new_id, monitor.suppressed)
            self._by_ref[moved.cross_ref_id] = moved
            self._by_call.setdefault(new_id, []).append(moved)

    def call_ended(self, call_id: str) -> None:
        """A monitor of an ended call is over (ECMA-269 15.1.2)."""
        for monitor in self._by_call.pop(call_id, []):
            del self._by_ref[monitor.cross_ref_id]
