"""The order of a session's life: log-in, status normal, monitors, snapshots of all devices, calls compared, up. Pure.

Says the link's state. A session ends once and for all; the link then opens another.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum, auto

from gateway.links.base import LinkSink
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.device_list import DeviceList
from gateway.links.csta_xml.messages import RequestSystemStatus, RequestSystemStatusResponse, SystemStatusValue
from gateway.links.csta_xml.monitoring import Monitor, Monitors
from gateway.links.csta_xml.outstanding import Answer, NoAnswer
from gateway.links.csta_xml.questions import Questions
from gateway.portcfg import Port
from model.ids import DeviceNumber, Microseconds
from model.reports import DeviceFlag, DeviceReport
from model.states import LinkState

LOGIN_SECONDS_MAX = 30.0
"""For the switch to accept us and to say how it is; once it says that it starts, it may take as long as it needs."""
STATUS_SECONDS = 5.0
"""How often a switch that is not normal is asked whether it is: its own word may have been lost."""
MEND_SECONDS_MIN = 5.0
"""From one comparison after lost messages to the next: a link that loses all the time must not do nothing else."""
REFUSED_NAMED_MAX = 5
"""Devices named in the reason of a degraded link."""

_MONITORS_ARE_GONE = (
    SystemStatusValue.DISABLED,
    SystemStatusValue.PARTIALLY_DISABLED,
    SystemStatusValue.INITIALIZING,
    SystemStatusValue.ENABLED,
)
"""After these, monitors may be lost (ECMA-269 14.1.4); after an overload they are not."""


class Phase(IntEnum):
    """How far the session is."""

    LOGGING_IN = auto()
    WAITING_FOR_STATUS = auto()
    STARTING_MONITORS = auto()
    ASKING_DEVICES = auto()
    COMPARING_CALLS = auto()
    UP = auto()


class Life:
    """One session's life. Call ``advance`` after everything that came, ``tick`` when ``deadline`` is over."""

    def __init__(
        self,
        ports: Iterable[Port],
        sink: LinkSink,
        conversation: Conversation,
        questions: Questions,
        device_list: DeviceList,
        now: Callable[[], float],
        wall_us: Callable[[], int],
    ) -> None:
        self.served: dict[DeviceNumber, Port] = {port.number: port for port in ports}
        self.monitors = Monitors(conversation.ask, self._monitor_started, self._monitor_failed, now)
        self.started_early: Callable[[Monitor], None] | None = None
        """Whoever takes the events that came before their monitor's answer."""
        self.phase = Phase.LOGGING_IN
        self.ended: str | None = None
        self.is_refused = False
        self._sink = sink
        self._conversation = conversation
        self._questions = questions
        self._device_list = device_list
        self._now = now
        self._wall_us = wall_us
        self._status: SystemStatusValue | None = None
        self._monitors_are_gone = False
        self._loss: str | None = None
        self._is_news = False
        self._mend_seconds = 0.0
        self._login_until = now() + LOGIN_SECONDS_MAX
        self._status_seconds = 0.0

    # -- what happens --------------------------------------------------------------------------------------------

    def logged_in(self) -> None:
        """The switch let us in."""
        self.phase = Phase.WAITING_FOR_STATUS
        if self._status is None:
            self.ask_status()
        elif self._status is not SystemStatusValue.NORMAL:
            self._say_status()

    def status_is(self, status: SystemStatusValue) -> None:
        """The switch says how it is. Only ``normal`` lets the link be up."""
        if status is SystemStatusValue.MESSAGES_LOST:
            self.messages_lost("the switch says that messages were lost")
            return
        before, self._status = self._status, status
        if status is SystemStatusValue.NORMAL:
            return
        self._monitors_are_gone |= status in _MONITORS_ARE_GONE
        if self.phase > Phase.WAITING_FOR_STATUS:
            self.phase = Phase.WAITING_FOR_STATUS
            self._status_seconds = self._now() + STATUS_SECONDS
            self._say_status()
        elif self.phase is Phase.WAITING_FOR_STATUS and status is not before:
            self._say_status()

    def messages_lost(self, what: str) -> None:
        """Something of what the switch said is missing: what we hold is to be compared again."""
        if self.phase >= Phase.ASKING_DEVICES:
            if self._loss is None:
                self._sink.alarm("switch_messages_lost", what)
            self._loss = what

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        self.served = {port.number: port for port in ports}
        if self.phase >= Phase.STARTING_MONITORS:
            self._want_monitors()
            self._is_news = True

    def refuse(self, reason: str) -> None:
        """The switch does not want us."""
        self.is_refused = self.is_refused or self.ended is None
        self.end(reason)

    def end(self, reason: str) -> None:
        """The session is over; the first reason counts."""
        if self.ended is None:
            self.ended = reason

    def ask_status(self) -> None:
        """Ask the switch how it is."""
        self._status_seconds = self._now() + STATUS_SECONDS
        self._conversation.ask_first(RequestSystemStatus(), self._status_answered)

    @property
    def is_normal(self) -> bool:
        """Whether the switch is at work, as far as it said."""
        return self._status in (None, SystemStatusValue.NORMAL)

    # -- time ----------------------------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """When ``tick`` is next due."""
        dues = [due for due in (self.monitors.deadline(),) if due is not None]
        if self._is_unheard:
            dues.append(self._login_until)
        if self.phase is Phase.WAITING_FOR_STATUS:
            dues.append(self._status_seconds)
        if self.phase is Phase.UP and self._loss is not None:
            dues.append(self._mend_seconds)
        return min(dues, default=None)

    def tick(self) -> None:
        """Time passed."""
        if self._is_unheard and self._now() >= self._login_until:
            self.end(f"the switch did not let us in, or say how it is, within {LOGIN_SECONDS_MAX:.0f} s")
        if self.phase is Phase.WAITING_FOR_STATUS and self._now() >= self._status_seconds:
            self.ask_status()
        self.monitors.retry()

    @property
    def _is_unheard(self) -> bool:
        return self.phase is Phase.LOGGING_IN or (self.phase is Phase.WAITING_FOR_STATUS and self._status is None)

    # -- steps ---------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Go on to the next phase when this one is done."""
        if self.ended is not None:
            return
        if self.phase is Phase.WAITING_FOR_STATUS and self._status is SystemStatusValue.NORMAL:
            self._start_monitors()
        if self.phase is Phase.STARTING_MONITORS and not self.monitors.unanswered:
            if self.served and not self.monitors.by_cross_ref:
                first = next(iter(self.monitors.by_device.values()))
                self.refuse(f"no monitor allowed: {first.refusal}")
                return
            count = len(self.monitors.by_cross_ref)
            self._ask_all_devices(LinkState.INITIALISING, f"asking {count} devices for their calls")
        if self.phase is Phase.ASKING_DEVICES and not self._questions.open_devices:
            self.phase = Phase.COMPARING_CALLS
            self._sink.compare_rest()
            self._questions.await_open_calls()
        if self.phase is Phase.COMPARING_CALLS and not self._questions.awaited_calls:
            self.phase = Phase.UP
            self._is_news = True
        if self.phase is Phase.UP and self._is_news and not self.monitors.unanswered:
            self._is_news = False
            self._say_up()
        if self.phase is Phase.UP and self._loss is not None and self._now() >= self._mend_seconds:
            self._mend(self._loss)

    def _start_monitors(self) -> None:
        self.phase = Phase.STARTING_MONITORS
        self._sink.link_state(LinkState.INITIALISING, f"starting {len(self.served)} monitors")
        if not self.monitors.by_device:
            self._device_list.request()
        if self._monitors_are_gone:
            self.monitors.start_all_again()
        self._monitors_are_gone = False
        self._loss = None
        self.monitors.retry(at_once=True)
        self._want_monitors()

    def _want_monitors(self) -> None:
        self.monitors.want((port.number, port.device) for port in self.served.values())

    def _mend(self, what: str) -> None:
        self._loss = None
        self._mend_seconds = self._now() + MEND_SECONDS_MIN
        self._ask_all_devices(LinkState.DEGRADED, f"{what}; comparing all calls")

    def _ask_all_devices(self, state: LinkState, reason: str) -> None:
        self.phase = Phase.ASKING_DEVICES
        self._sink.link_state(state, reason)
        for monitor in self.monitors.by_cross_ref.values():
            self._questions.device(monitor.device, monitor.switch_id)

    def _say_status(self) -> None:
        assert self._status is not None
        self._sink.link_state(LinkState.INITIALISING, f"the switch says {self._status.value}")

    def _say_up(self) -> None:
        refused = self.monitors.refused()
        if refused:
            named = ", ".join(monitor.device for monitor in refused[:REFUSED_NAMED_MAX])
            reason = f"{len(refused)} of {len(self.served)} monitors refused ({named}): {refused[0].refusal}"
            self._sink.link_state(LinkState.DEGRADED, reason)
        elif self._loss is not None:
            self._sink.link_state(LinkState.DEGRADED, self._loss)
        else:
            self._sink.link_state(LinkState.UP, f"{len(self.monitors.by_cross_ref)} devices monitored")

    def _monitor_started(self, monitor: Monitor) -> None:
        self._sink.report(DeviceReport(DeviceFlag.MONITORED, monitor.device, self._time()))
        if self.started_early is not None:
            self.started_early(monitor)
        if self.phase >= Phase.ASKING_DEVICES:
            self._questions.device(monitor.device, monitor.switch_id)
        self._is_news = True

    def _monitor_failed(self, monitor: Monitor) -> None:
        flag = DeviceFlag.NOT_MONITORED
        self._sink.report(DeviceReport(flag, monitor.device, self._time(), reason=monitor.refusal))
        self._is_news = True

    def _status_answered(self, answer: Answer) -> None:
        if isinstance(answer, RequestSystemStatusResponse):
            self.status_is(answer.system_status)
        elif not isinstance(answer, NoAnswer) and self._status is None:
            self.status_is(SystemStatusValue.NORMAL)  # a switch that has no such service, and answers, is at work

    def _time(self) -> Microseconds:
        return Microseconds(self._wall_us())
