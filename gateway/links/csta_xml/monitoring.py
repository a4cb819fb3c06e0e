"""Monitors: one for each device served, started again when the switch refuses or ends them. Pure.

Knows which cross reference stands for which device, and keeps events that come before their monitor's answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import (
    CSTAErrorCode,
    CstaMessage,
    Message,
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorType,
)
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer
from model.ids import DeviceNumber

RETRY_SECONDS = (1.0, 5.0, 15.0, 60.0)
"""A refused monitor is asked for again: quickly, since a device may just be restarting, then once a minute."""
EARLY_EVENTS_MAX = 1_000
"""Events whose monitor's answer is still to come (it may be overtaken); more than a window of requests can cause."""


@dataclass(slots=True)
class Monitor:
    """The monitor of one device."""

    device: DeviceNumber
    switch_id: str
    cross_ref_id: str | None = None
    attempts: int = 0
    retry_seconds: float = 0.0
    refusal: str = ""


@dataclass(slots=True)
class Monitors:
    """All monitors of a session. ``ask`` sends a request; ``started`` and ``failed`` tell the session; ``now`` is
    monotonic, in seconds."""

    ask: Callable[[Message, OnAnswer], None]
    started: Callable[[Monitor], None]
    failed: Callable[[Monitor], None]
    now: Callable[[], float]
    by_device: dict[DeviceNumber, Monitor] = field(default_factory=dict)
    by_cross_ref: dict[str, Monitor] = field(default_factory=dict)
    retrying: dict[DeviceNumber, Monitor] = field(default_factory=dict)
    early_events: dict[str, list[CstaMessage]] = field(default_factory=dict)
    unanswered: int = 0
    dropped_early_events: int = 0

    def want(self, devices: Iterable[tuple[DeviceNumber, str]]) -> None:
        """Monitor exactly these devices (number and switch id) from now on."""
        wanted = dict(devices)
        for number in [number for number in self.by_device if number not in wanted]:
            monitor = self.by_device.pop(number)
            self.retrying.pop(number, None)
            if monitor.cross_ref_id is not None:
                self.by_cross_ref.pop(monitor.cross_ref_id, None)
                self.ask(MonitorStop(monitor.cross_ref_id), lambda _: None)
        for number, switch_id in wanted.items():
            if number not in self.by_device:
                self.by_device[number] = monitor = Monitor(number, switch_id)
                self._start(monitor)

    def retry(self) -> None:
        """Ask again for those whose wait is over."""
        now = self.now()
        for number in [number for number, monitor in self.retrying.items() if monitor.retry_seconds <= now]:
            self._start(self.retrying.pop(number))

    def deadline(self) -> float | None:
        """When ``retry`` is next due."""
        return min((monitor.retry_seconds for monitor in self.retrying.values()), default=None)

    def device_of(self, cross_ref_id: str) -> DeviceNumber | None:
        """Whose monitor this is."""
        monitor = self.by_cross_ref.get(cross_ref_id)
        return None if monitor is None else monitor.device

    def keep_early(self, cross_ref_id: str, event: CstaMessage) -> bool:
        """Keep an event of an unknown monitor if an answer is still to come; False if nothing explains it."""
        if not self.unanswered:
            return False
        if sum(map(len, self.early_events.values())) >= EARLY_EVENTS_MAX:
            self.dropped_early_events += 1
            return False
        self.early_events.setdefault(cross_ref_id, []).append(event)
        return True

    def ended_by_switch(self, cross_ref_id: str) -> Monitor | None:
        """The switch ended a monitor by itself; it is asked for again."""
        monitor = self.by_cross_ref.pop(cross_ref_id, None)
        if monitor is not None:
            monitor.cross_ref_id = None
            self._later(monitor, "the switch ended the monitor")
        return monitor

    def refused(self) -> list[Monitor]:
        """Those that the switch does not allow at the moment."""
        return [monitor for monitor in self.by_device.values() if monitor.refusal]

    def _start(self, monitor: Monitor) -> None:
        self.unanswered += 1
        request = MonitorStart(device=monitor.switch_id, monitor_type=MonitorType.DEVICE)
        self.ask(request, lambda answer: self._answered(monitor, answer))

    def _answered(self, monitor: Monitor, answer: Answer) -> None:
        self.unanswered -= 1
        if self.by_device.get(monitor.device) is not monitor and not isinstance(answer, MonitorStartResponse):
            return
        if isinstance(answer, MonitorStartResponse):
            if self.by_device.get(monitor.device) is not monitor:
                self.ask(MonitorStop(answer.monitor_cross_ref_id), lambda _: None)
                return
            monitor.cross_ref_id, monitor.refusal, monitor.attempts = answer.monitor_cross_ref_id, "", 0
            self.by_cross_ref[answer.monitor_cross_ref_id] = monitor
            self.started(monitor)
        elif isinstance(answer, CSTAErrorCode):
            self._later(monitor, f"the switch refused the monitor: {answer.category.value} {answer.value}".strip())
        elif isinstance(answer, NoAnswer):
            self._later(monitor, "the switch did not answer MonitorStart")
        else:
            self._later(monitor, f"the switch answered MonitorStart with {type(answer).__name__}")

    def _later(self, monitor: Monitor, reason: str) -> None:
        monitor.retry_seconds = self.now() + RETRY_SECONDS[min(monitor.attempts, len(RETRY_SECONDS) - 1)]
        monitor.attempts += 1
        monitor.refusal = reason
        self.retrying[monitor.device] = monitor
        self.failed(monitor)
