"""Monitors: one for each device served, started again when the switch refuses or ends them. Pure.

Knows which cross reference stands for which device, and keeps events that come before their monitor's answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from gateway.links.csta_xml.messages import (
    CSTAErrorCode,
    CstaMessage,
    Message,
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorType,
)
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer, unheeded
from model.ids import DeviceNumber

RETRY_SECONDS = (1.0, 5.0, 15.0, 60.0)
"""A refused monitor is asked for again: quickly, since a device may just be restarting, then once a minute."""
EARLY_EVENTS_MAX = 1_000
"""Events whose monitor's answer is still to come (it may be overtaken); more than a window of requests can cause."""
NEVER_SECONDS = float("inf")


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
    unanswered: int = 0
    dropped_early_events: int = 0
    _early_events: dict[str, list[CstaMessage]] = field(default_factory=dict)
    _early_count: int = 0
    _retry_seconds: float = NEVER_SECONDS

    def want(self, devices: Iterable[tuple[DeviceNumber, str]]) -> None:
        """Monitor exactly these devices (number and switch id) from now on."""
        wanted = dict(devices)
        for monitor in [one for one in self.by_device.values() if wanted.get(one.device) != one.switch_id]:
            del self.by_device[monitor.device]
            self.retrying.pop(monitor.device, None)
            self._stop(monitor)
        for number, switch_id in wanted.items():
            if number not in self.by_device:
                self.by_device[number] = monitor = Monitor(number, switch_id)
                self._start(monitor)

    def start_all_again(self) -> None:
        """The switch may have lost them, or some: stop each, which does no harm where it is lost, and start it."""
        for monitor in list(self.by_device.values()):
            if monitor.cross_ref_id is not None:
                self._stop(monitor)
                self._start(monitor)

    def retry(self, *, at_once: bool = False) -> None:
        """Ask again for those whose wait is over, or for all that wait."""
        now = self.now()
        if not at_once and self._retry_seconds > now:
            return
        due = [monitor for monitor in self.retrying.values() if at_once or monitor.retry_seconds <= now]
        for monitor in due:
            del self.retrying[monitor.device]
            self._start(monitor)
        self._retry_seconds = min((monitor.retry_seconds for monitor in self.retrying.values()), default=NEVER_SECONDS)

    def deadline(self) -> float | None:
        """When ``retry`` is next due."""
        return self._retry_seconds if self.retrying else None

    def device_of(self, cross_ref_id: str) -> DeviceNumber | None:
        """Whose monitor this is."""
        monitor = self.by_cross_ref.get(cross_ref_id)
        return None if monitor is None else monitor.device

    def keep_early(self, cross_ref_id: str, event: CstaMessage) -> bool:
        """Keep an event of an unknown monitor if an answer is still to come; False if nothing explains it."""
        if not self.unanswered:
            return False
        if self._early_count >= EARLY_EVENTS_MAX:
            self.dropped_early_events += 1
            return False
        self._early_count += 1
        self._early_events.setdefault(cross_ref_id, []).append(event)
        return True

    def take_early(self, monitor: Monitor) -> list[CstaMessage]:
        """The events of a monitor that came before its answer."""
        taken = self._early_events.pop(monitor.cross_ref_id or "", [])
        self._early_count -= len(taken)
        return taken

    def ended_by_switch(self, cross_ref_id: str) -> None:
        """The switch ended a monitor by itself; it is asked for again."""
        monitor = self.by_cross_ref.pop(cross_ref_id, None)
        if monitor is not None:
            monitor.cross_ref_id = None
            self._later(monitor, "the switch ended the monitor")

    def came_too_late(self, answer: MonitorStartResponse) -> None:
        """A monitor that we had given up: it would report everything twice."""
        if answer.monitor_cross_ref_id not in self.by_cross_ref:
            self.ask(MonitorStop(answer.monitor_cross_ref_id), unheeded)

    def refused(self) -> list[Monitor]:
        """Those that the switch does not allow at the moment."""
        return [monitor for monitor in self.by_device.values() if monitor.refusal]

    def _start(self, monitor: Monitor) -> None:
        self.unanswered += 1
        request = MonitorStart(device=monitor.switch_id, monitor_type=MonitorType.DEVICE)
        self.ask(request, partial(self._answered, monitor))

    def _stop(self, monitor: Monitor) -> None:
        if monitor.cross_ref_id is not None:
            self.by_cross_ref.pop(monitor.cross_ref_id, None)
            self.ask(MonitorStop(monitor.cross_ref_id), unheeded)
            monitor.cross_ref_id = None

    def _answered(self, monitor: Monitor, answer: Answer) -> None:
        self.unanswered -= 1
        is_wanted = self.by_device.get(monitor.device) is monitor
        if isinstance(answer, MonitorStartResponse):
            monitor.cross_ref_id = answer.monitor_cross_ref_id
            if is_wanted:
                monitor.refusal, monitor.attempts = "", 0
                self.by_cross_ref[answer.monitor_cross_ref_id] = monitor
                self.started(monitor)
            else:
                self._stop(monitor)
        elif is_wanted and not (isinstance(answer, NoAnswer) and answer.is_final):
            self._later(monitor, _refusal(answer))
        if not self.unanswered:
            self.dropped_early_events += self._early_count
            self._early_events.clear()
            self._early_count = 0

    def _later(self, monitor: Monitor, reason: str) -> None:
        monitor.retry_seconds = self.now() + RETRY_SECONDS[min(monitor.attempts, len(RETRY_SECONDS) - 1)]
        monitor.attempts += 1
        monitor.refusal = reason
        self.retrying[monitor.device] = monitor
        self._retry_seconds = min(self._retry_seconds, monitor.retry_seconds)
        self.failed(monitor)


def _refusal(answer: Answer) -> str:
    if isinstance(answer, CSTAErrorCode):
        return f"the switch refused the monitor: {answer.category.value} {answer.value}".strip()
    if isinstance(answer, NoAnswer):
        return f"MonitorStart: {answer.why.value}"
    return f"the switch answered MonitorStart with {type(answer).__name__}"
