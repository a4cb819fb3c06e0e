"""A session with a CSTA XML switch, from the first byte to the last, without a socket (ECMA-323 J.2, ECMA-354).

Four verbs: ``receive`` bytes, ``bytes_to_send``, ``deadline`` and ``tick``. What it learns goes to the sink at once;
``ended`` says why the connection is to be closed. The order of life is the profile's: application session or system
registration, status normal, a monitor for each device served, snapshots of all of them, up.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from gateway.links.base import CommandTarget, LinkSink
from gateway.links.csta_xml import namespaces
from gateway.links.csta_xml.codec import ParseProblem, UnknownElements, UnknownMessage, build, parse
from gateway.links.csta_xml.framing import BODY_BYTES_MAX, EVENT_INVOKE_ID, Deframer, Frame, FrameProblem, frame
from gateway.links.csta_xml.messages import (
    ApplicationSessionTerminated,
    CallEvent,
    CSTAErrorCode,
    CstaMessage,
    DoNotDisturbEvent,
    ErrorCategory,
    ForwardingEvent,
    Message,
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    RequestTypes,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerPosResponse,
    ServiceStateEvent,
    SnapshotCallData,
    SnapshotDeviceData,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    SwitchingFunctionDevices,
    SystemRegister,
    SystemRegisterResponse,
    SystemStatus,
    SystemStatusResponse,
    SystemStatusValue,
)
from gateway.links.csta_xml.monitoring import Monitor, Monitors
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer, OutstandingRequests
from gateway.links.csta_xml.profiles import ProfileTraits
from gateway.links.csta_xml.questions import Questions
from gateway.links.csta_xml.services import outcome_of, request_for
from gateway.portcfg import Port
from model.commands import Command, Outcome, Refusal
from model.ids import DeviceNumber, Microseconds
from model.reports import CallSnapshot, DeviceFlag, DeviceReport, DeviceSnapshot
from model.states import LinkState

log = structlog.get_logger("gateway.csta_xml")

SESSION_SECONDS_ASKED = 180
"""What we ask for; the switch's actual duration counts, and is reset at half of it (ECMA-354 6.3)."""
LOGIN_SECONDS_MAX = 30.0
"""For the switch to accept us and say that it is normal: one that boots says so by its status meanwhile."""
APPLICATION_ID = "ultralnk"


class Phase(enum.Enum):
    """How far the session is."""

    LOGGING_IN = enum.auto()
    WAITING_FOR_STATUS = enum.auto()
    STARTING_MONITORS = enum.auto()
    ASKING_DEVICES = enum.auto()
    COMPARING_CALLS = enum.auto()
    UP = enum.auto()
    ENDED = enum.auto()


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Settings of ``[switch]``: window of requests, seconds for an answer, seconds of silence before a test."""

    window: int
    answer_seconds: float
    silence_seconds: float


class SwitchSession:
    """One connection's session. ``now`` is monotonic seconds, ``wall_us`` microseconds of the day."""

    def __init__(
        self,
        traits: ProfileTraits,
        limits: SessionLimits,
        ports: Iterable[Port],
        sink: LinkSink,
        now: Callable[[], float],
        wall_us: Callable[[], int],
    ) -> None:
        self._traits = traits
        self._limits = limits
        self._sink = sink
        self._now = now
        self._wall_us = wall_us
        self._served: dict[DeviceNumber, Port] = {port.number: port for port in ports}
        self._normaliser = Normaliser(self._served.values())
        self._deframer = Deframer()
        self._requests = OutstandingRequests(limits.window, limits.answer_seconds)
        self._questions = Questions(self._ask, self._report_snapshot, self._normaliser, now, wall_us)
        self._monitors = Monitors(self._ask, self._monitor_started, self._monitor_failed, now)
        self._unknown = UnknownElements()
        self._out: list[bytes] = []
        self._namespace = namespaces.CSTA_ED3
        self._session_id: str | None = None
        self._reset_seconds: float | None = None
        self._status: SystemStatusValue | None = None
        self._sequence: int | None = None
        self._heard_seconds = now()
        self._tested = False
        self._login_until = now() + LOGIN_SECONDS_MAX
        self.phase = Phase.LOGGING_IN
        self.ended: str | None = None
        self.is_refused = False
        self.counts: dict[str, int] = {}

    # -- verbs ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The connection is open."""
        self._sink.link_state(LinkState.LOGGING_IN, "connected, logging in")
        if self._traits.application_session:
            versions = namespaces.SUPPORTED_VERSIONS
            self._ask(StartApplicationSession(APPLICATION_ID, versions, SESSION_SECONDS_ASKED), self._session_started)
        elif not self._traits.switch_status_first:
            self._register()

    def receive(self, received: bytes) -> None:
        """Bytes came."""
        self._heard_seconds = self._now()
        self._tested = False
        for one in self._deframer.receive(received):
            if isinstance(one, FrameProblem):
                self._end(f"what came is not CSTA XML over TCP ({one}): is [switch] interface and port right?")
                return
            self._frame(one)
            if self.ended is not None:
                return

    def bytes_to_send(self) -> bytes:
        """What is to be written now; empty when there is nothing."""
        for invoke_id, message in self._requests.due(self._now()):
            self._write(invoke_id, message)
        if not self._out:
            return b""
        joined = b"".join(self._out)
        self._out.clear()
        return joined

    def deadline(self) -> float:
        """When ``tick`` is next due, in monotonic seconds."""
        silence = self._limits.silence_seconds * (2 if self._tested else 1)
        due = [self._heard_seconds + silence]
        due += [t for t in (self._reset_seconds, self._requests.deadline(), self._monitors.deadline()) if t is not None]
        if self.phase in (Phase.LOGGING_IN, Phase.WAITING_FOR_STATUS):
            due.append(self._login_until)
        return min(due)

    def tick(self) -> None:
        """Time passed: time-outs, keep-alive, session timer, refused monitors."""
        now = self._now()
        if self._requests.expire(now):
            self._count("requests_unanswered")
        self._questions.expire()
        self._monitors.retry()
        silent = now - self._heard_seconds
        if silent >= 2 * self._limits.silence_seconds:
            self._end(f"nothing heard from the switch for {silent:.0f} s")
        elif silent >= self._limits.silence_seconds and not self._tested:
            self._tested = True
            self._ask(RequestSystemStatus(), self._status_answered, urgent=True)
        if self._reset_seconds is not None and self._reset_seconds <= now and self._session_id is not None:
            self._reset_seconds = None
            request = ResetApplicationSessionTimer(self._session_id, SESSION_SECONDS_ASKED)
            self._ask(request, self._session_reset, urgent=True)
        if self.phase in (Phase.LOGGING_IN, Phase.WAITING_FOR_STATUS) and now >= self._login_until:
            said = f"it says {self._status.value}" if self._status is not None else "it says nothing"
            self._end(f"the switch did not become ready within {LOGIN_SECONDS_MAX:.0f} s: {said}")
        self._advance()

    def connection_lost(self) -> None:
        """The connection is gone: nobody will answer any more."""
        self.phase = Phase.ENDED
        self._requests.give_up()

    def stop(self) -> None:
        """Say goodbye; ``bytes_to_send`` then holds the last words."""
        if self._session_id is not None and self.phase is not Phase.ENDED:
            self._ask(
                StopApplicationSession(self._session_id, defined_end_reason="normal"), lambda _: None, urgent=True
            )

    # -- what the gateway wants ----------------------------------------------------------------------------------

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        self._served = {port.number: port for port in ports}
        self._normaliser.learn(self._served.values())
        if self.phase.value >= Phase.STARTING_MONITORS.value and self.phase is not Phase.ENDED:
            self._monitors.want((port.number, port.device) for port in self._served.values())

    @property
    def questions(self) -> Questions:
        """To ask for calls."""
        return self._questions

    def ask_device(self, device: DeviceNumber) -> None:
        """Ask for the calls of a served device."""
        if (port := self._served.get(device)) is not None:
            self._questions.device(device, port.device)

    def execute(self, command: Command, target: CommandTarget, done: Callable[[Outcome], None]) -> None:
        """Send a command; ``done`` is called once with the switch's answer."""
        port = self._served.get(command.device)
        request = None if port is None else request_for(command, target, port.device)
        if request is None:
            kind = command.kind.name.lower()
            done(Outcome(Refusal.NOT_SUPPORTED, f"{kind} is not supported by the csta-xml link"))
        else:
            self._ask(request, lambda answer: done(outcome_of(answer)), urgent=True)

    # -- frames --------------------------------------------------------------------------------------------------

    def _frame(self, received: Frame) -> None:
        message = parse(received.body, self._unknown)
        if isinstance(message, ParseProblem | UnknownMessage):
            self._count("messages_not_understood")
            log.warning("message_not_understood", problem=str(message), invoke_id=received.invoke_id)
            if not received.is_event:
                self._requests.answered(received.invoke_id, message)
            return
        if isinstance(message, CstaMessage) and message.security is not None:
            self._check_sequence(message)
        if received.is_event or isinstance(message, _SWITCH_REQUESTS):
            self._from_switch(received.invoke_id, message)
        elif not self._requests.answered(received.invoke_id, message):
            self._count("answers_late")

    def _from_switch(self, invoke_id: int, message: Message) -> None:
        """Events and the switch's own requests, which are numbered by itself."""
        if isinstance(message, CallEvent):
            self._call_event(message)
        elif isinstance(message, SystemStatus):
            self._write(invoke_id, SystemStatusResponse())
            self._status_is(message.system_status)
        elif isinstance(message, ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent):
            monitor = self._monitors.device_of(message.monitor_cross_ref_id)
            if monitor is not None:
                self._sink.report(self._normaliser.device_report(message, monitor, self._time()))
        elif isinstance(message, SnapshotDeviceData | SnapshotCallData):
            self._questions.segment(message)
            self._advance()
        elif isinstance(message, MonitorStop):
            self._write(invoke_id, MonitorStopResponse())
            self._monitors.ended_by_switch(message.monitor_cross_ref_id)
        elif isinstance(message, ApplicationSessionTerminated):
            reason = message.defined_reason or message.server_reason or "no reason given"
            self._end(f"the switch ended the session: {reason}")
        elif isinstance(message, RequestSystemStatus):
            self._write(invoke_id, RequestSystemStatusResponse(SystemStatusValue.NORMAL))
        else:
            self._count("events_not_used")
            if invoke_id != EVENT_INVOKE_ID and not isinstance(message, SwitchingFunctionDevices):
                self._write(invoke_id, CSTAErrorCode(ErrorCategory.OPERATION, "generic"))

    def _call_event(self, event: CallEvent) -> None:
        monitor = self._monitors.device_of(event.monitor_cross_ref_id)
        if monitor is None:
            if not self._monitors.keep_early(event.monitor_cross_ref_id, event):
                self._count("events_of_unknown_monitors")
            return
        report = self._normaliser.report(event, monitor, self._time())
        if report is None:
            self._count("events_without_connection")
            return
        self._sink.report(report)

    def _check_sequence(self, message: CstaMessage) -> None:
        number = message.security.message_sequence_number if message.security is not None else None
        if number is None:
            return
        expected = None if self._sequence is None else self._sequence + 1
        self._sequence = number
        if expected is not None and number != expected and self.phase is Phase.UP:
            self._sink.alarm("switch_messages_lost", f"message {expected} expected from the switch, {number} came")
            self._ask_all_devices(f"messages {expected} to {number - 1} of the switch were lost")

    # -- life ----------------------------------------------------------------------------------------------------

    def _session_started(self, answer: Answer) -> None:
        if isinstance(answer, StartApplicationSessionPosResponse):
            self._session_id = answer.session_id
            if answer.actual_protocol_version in namespaces.SUPPORTED_VERSIONS:
                self._namespace = answer.actual_protocol_version
            self._reset_at_half(answer.actual_session_duration)
            self._ask(RequestSystemStatus(), self._status_answered)
            self.phase = Phase.WAITING_FOR_STATUS
        elif isinstance(answer, StartApplicationSessionNegResponse):
            self._refuse(f"the switch refused the log-in: {answer.defined_error or answer.appl_error or 'no reason'}")
        else:
            self._refuse(f"the switch did not accept the application session: {said(answer)}")

    def _reset_at_half(self, duration: int | None) -> None:
        seconds = duration if duration is not None else SESSION_SECONDS_ASKED
        self._reset_seconds = self._now() + seconds / 2 if seconds > 0 else None

    def _session_reset(self, answer: Answer) -> None:
        if isinstance(answer, ResetApplicationSessionTimerPosResponse):
            self._reset_at_half(answer.actual_session_duration)
        elif self.phase is not Phase.ENDED:
            self._end(f"the switch did not prolong the session: {said(answer)}")

    def _register(self) -> None:
        request = SystemRegister(RequestTypes(system_status=True, request_system_status=True))
        self._ask(request, self._registered)

    def _registered(self, answer: Answer) -> None:
        if isinstance(answer, SystemRegisterResponse):
            self.phase = Phase.WAITING_FOR_STATUS
            self._advance()
        else:
            self._refuse(f"the switch refused SystemRegister: {said(answer)}")

    def _status_answered(self, answer: Answer) -> None:
        if isinstance(answer, RequestSystemStatusResponse):
            self._status_is(answer.system_status)
        elif not isinstance(answer, NoAnswer) and self._status is None:
            self._status_is(SystemStatusValue.NORMAL)  # a switch that has no such service, and answers, is at work

    def _status_is(self, status: SystemStatusValue) -> None:
        before, self._status = self._status, status
        if self.phase is Phase.LOGGING_IN and self._traits.system_register:
            self._register()
        elif status is SystemStatusValue.MESSAGES_LOST and self.phase is Phase.UP:
            self._sink.alarm("switch_messages_lost", "the switch says that messages were lost")
            self._ask_all_devices("the switch says that messages were lost")
        elif status is not SystemStatusValue.NORMAL and self.phase.value >= Phase.STARTING_MONITORS.value:
            self.phase = Phase.WAITING_FOR_STATUS
            self._login_until = float("inf")
        if status is not SystemStatusValue.NORMAL and status is not before:
            self._sink.link_state(LinkState.INITIALISING, f"the switch says {status.value}")
        self._advance()

    def _advance(self) -> None:
        """Go on to the next phase when this one is done."""
        if self.phase is Phase.WAITING_FOR_STATUS and self._status is SystemStatusValue.NORMAL:
            self.phase = Phase.STARTING_MONITORS
            self._sink.link_state(LinkState.INITIALISING, f"starting {len(self._served)} monitors")
            self._monitors.want((port.number, port.device) for port in self._served.values())
        if self.phase is Phase.STARTING_MONITORS and not self._monitors.unanswered:
            if self._served and not self._monitors.by_cross_ref:
                first = next(iter(self._monitors.by_device.values()))
                self._refuse(f"no monitor allowed: {first.refusal}")
                return
            self._ask_all_devices(f"asking {len(self._monitors.by_cross_ref)} devices for their calls")
        if self.phase is Phase.ASKING_DEVICES and not self._questions.open:
            self.phase = Phase.COMPARING_CALLS
            self._sink.compare_rest()
        if self.phase is Phase.COMPARING_CALLS and not self._questions.open:
            self.phase = Phase.UP
            self._say_up()

    def _ask_all_devices(self, reason: str) -> None:
        self.phase = Phase.ASKING_DEVICES
        self._sink.link_state(LinkState.INITIALISING, reason)
        for monitor in self._monitors.by_cross_ref.values():
            self._questions.device(monitor.device, monitor.switch_id)

    def _say_up(self) -> None:
        refused = self._monitors.refused()
        if refused:
            named = ", ".join(monitor.device for monitor in refused[:5])
            reason = f"{len(refused)} of {len(self._served)} monitors refused ({named}): {refused[0].refusal}"
            self._sink.link_state(LinkState.DEGRADED, reason)
        else:
            self._sink.link_state(LinkState.UP, f"{len(self._served)} devices monitored")

    def _monitor_started(self, monitor: Monitor) -> None:
        self._sink.report(DeviceReport(DeviceFlag.MONITORED, monitor.device, self._time()))
        for event in self._monitors.early_events.pop(monitor.cross_ref_id or "", ()):
            if isinstance(event, CallEvent):
                self._call_event(event)
        if self.phase.value >= Phase.ASKING_DEVICES.value:
            self._questions.device(monitor.device, monitor.switch_id)
        if self.phase is Phase.UP:
            self._say_up()

    def _monitor_failed(self, monitor: Monitor) -> None:
        flag = DeviceFlag.NOT_MONITORED
        self._sink.report(DeviceReport(flag, monitor.device, self._time(), reason=monitor.refusal))
        if self.phase is Phase.UP:
            self._say_up()

    # -- small things --------------------------------------------------------------------------------------------

    def _ask(self, message: Message, on_answer: OnAnswer, *, urgent: bool = False) -> None:
        def answered(answer: Answer) -> None:
            on_answer(answer)
            if self.phase is not Phase.ENDED:
                self._advance()

        self._requests.add(message, answered, urgent=urgent)

    def _write(self, invoke_id: int, message: Message) -> None:
        try:
            body = build(message, self._namespace)
        except ValueError as error:  # a number that XML cannot carry, from a consumer's command
            log.warning("message_not_built", message=type(message).__name__, reason=str(error))
            self._requests.answered(invoke_id, CSTAErrorCode(ErrorCategory.OPERATION, "invalidParameterValue"))
            return
        if len(body) > BODY_BYTES_MAX:
            log.warning("message_too_large", message=type(message).__name__, body_bytes=len(body))
            self._requests.answered(invoke_id, CSTAErrorCode(ErrorCategory.OPERATION, "invalidParameterValue"))
            return
        self._out.append(frame(invoke_id, body))

    def _report_snapshot(self, snapshot: CallSnapshot | DeviceSnapshot) -> None:
        self._sink.report(snapshot)

    def _refuse(self, reason: str) -> None:
        if self.phase is not Phase.ENDED:
            self.is_refused = True
            self._end(reason)

    def _end(self, reason: str) -> None:
        if self.ended is None:
            self.ended = reason

    def _time(self) -> Microseconds:
        return Microseconds(self._wall_us())

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


_SWITCH_REQUESTS = (
    SystemStatus,
    MonitorStop,
    SnapshotDeviceData,
    SnapshotCallData,
    SwitchingFunctionDevices,
    ApplicationSessionTerminated,
    RequestSystemStatus,
)
"""Messages that only ever are requests when they come from the switch, whatever number they carry."""


def said(answer: Answer) -> str:
    """An unexpected answer in words."""
    if isinstance(answer, NoAnswer):
        return "no answer"
    if isinstance(answer, CSTAErrorCode):
        return f"{answer.category.value} {answer.value}".strip()
    return str(answer) if isinstance(answer, ParseProblem | UnknownMessage) else type(answer).__name__
