"""The switch's end of the line, scripted: answers politely unless told otherwise, and says what a test wants said.

`FarEnd` is bytes in, bytes out. `Stage` puts it before a session without a socket and shows the talk as lines.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.links.csta_xml.codec import ParseProblem, UnknownMessage, build, parse
from gateway.links.csta_xml.event_layouts import CALL_EVENT_ROWS
from gateway.links.csta_xml.framing import EVENT_INVOKE_ID, Deframer, Frame, frame
from gateway.links.csta_xml.messages import (
    CallEvent,
    CallEventKind,
    ConnectionID,
    CSTAErrorCode,
    DeviceRef,
    ErrorCategory,
    GetSwitchingFunctionDevices,
    LocalConnectionState,
    Message,
    MonitorStart,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerPosResponse,
    SnapshotCall,
    SnapshotCallInfo,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceInfo,
    SnapshotDeviceResponse,
    StartApplicationSession,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    StopApplicationSessionPosResponse,
    SystemRegister,
    SystemRegisterResponse,
    SystemStatusValue,
)
from gateway.links.csta_xml.namespaces import CSTA_ED3
from gateway.links.csta_xml.profiles import STANDARD, ProfileTraits
from gateway.links.csta_xml.session import SessionLimits, SwitchSession
from gateway.portcfg import Port
from gateway.portcfg import parse as parse_port_cfg
from model.ids import Microseconds
from model.reports import CallReport, CallSnapshot, DeviceReport, DeviceSnapshot, Report, TransferReport
from model.states import LinkState
from runtime.clock import HandClock

GENERIC = CSTAErrorCode(ErrorCategory.OPERATION, "generic")
NO_CALL = CSTAErrorCode(ErrorCategory.OPERATION, "invalidCallID")
NO_MONITOR = CSTAErrorCode(ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "overallMonitorLimitExceeded")
NO_REPLY = object()
"""As an answer: the far end keeps silent."""

Reply = Callable[[Any], Any]
STATES = {state.value: state for state in LocalConnectionState}


def ports(text: str) -> tuple[Port, ...]:
    """The ports of a port.cfg, lines parted by `;;`."""
    return parse_port_cfg((text.replace(";;", "\n") + "\n").encode()).ports


def event(
    kind: str, monitor: str, connection: str, *, subject: str = "", calling: str = "", called: str = "", **more: Any
) -> CallEvent:
    """A call event of the monitor `M<monitor>`; `connection` is CALL:DEVICE, the subject is its device unless named.
    Parties that events of this kind do not name are left out."""
    call, _, device = connection.partition(":")
    named = {"subject": subject or device, "calling": calling, "called": called}
    has = {field for _, field in CALL_EVENT_ROWS[CallEventKind[kind]]}
    parties: dict[str, Any] = {
        field: DeviceRef.of(number) for field, number in named.items() if number and field in has
    }
    return CallEvent(
        CallEventKind[kind], f"M{monitor}", connection=ConnectionID(call, device or None), **parties, **more
    )


@dataclass
class FarEnd:
    """A scripted switch. `replies` by request class: a function of the request that returns a message, several, or
    NO_REPLY. `calls` is what its snapshots show: call id → device part of each connection → state."""

    session_seconds: int = 180
    status: SystemStatusValue = SystemStatusValue.NORMAL
    namespace: str = CSTA_ED3
    calls: dict[str, dict[str, str]] = field(default_factory=dict)
    replies: dict[type[Message], Reply] = field(default_factory=dict)
    heard: list[tuple[int, Message]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    is_polite: bool = True
    _deframer: Deframer = field(default_factory=Deframer)

    def connected(self) -> None:
        """A new connection: nothing of the old one is left."""
        self._deframer = Deframer()

    def receive(self, received: bytes) -> bytes:
        """Note what came, and the answers to it."""
        out = b""
        for one in self._deframer.receive(received):
            assert isinstance(one, Frame), one
            message = parse(one.body)
            assert not isinstance(message, ParseProblem | UnknownMessage), message
            self.heard.append((one.invoke_id, message))
            if self.is_polite:
                out += self.answer(one.invoke_id, message)
        return out

    def answer(self, invoke_id: int, request: Message) -> bytes:
        """The answer to one request."""
        own = self.replies.get(type(request))
        reply = own(request) if own is not None else self.polite(request)
        if reply is NO_REPLY or reply is None:
            return b""
        if isinstance(reply, bytes):
            return reply
        many = reply if isinstance(reply, list) else [reply]
        return b"".join(self.says(one, invoke_id) if not isinstance(one, bytes) else one for one in many)

    def says(self, message: Message, invoke_id: int = EVENT_INVOKE_ID) -> bytes:
        """A message as the switch sends it."""
        return frame(invoke_id, build(message, self.namespace))

    def asked(self, kind: type[Message]) -> list[Any]:
        """What was heard of one kind."""
        return [message for _, message in self.heard if isinstance(message, kind)]

    def polite(self, request: Message) -> Message | None:
        """The usual answer."""
        match request:
            case StartApplicationSession():
                return StartApplicationSessionPosResponse("S1", self.namespace, self.session_seconds)
            case ResetApplicationSessionTimer():
                return ResetApplicationSessionTimerPosResponse(self.session_seconds)
            case StopApplicationSession():
                return StopApplicationSessionPosResponse()
            case SystemRegister():
                return SystemRegisterResponse("R1")
            case RequestSystemStatus():
                return RequestSystemStatusResponse(self.status)
            case GetSwitchingFunctionDevices():
                return GENERIC
            case MonitorStart():
                return NO_MONITOR if request.device in self.refuses else MonitorStartResponse(f"M{request.device}")
            case MonitorStop():
                return MonitorStopResponse()
            case SnapshotDevice():
                return SnapshotDeviceResponse(snapshot=self.device_rows(request.snapshot_object))
            case SnapshotCall():
                rows = self.call_rows(request.snapshot_object.call_id)
                return SnapshotCallResponse(snapshot=rows) if rows else NO_CALL
        return None

    def device_rows(self, device: str) -> tuple[SnapshotDeviceInfo, ...]:
        return tuple(
            SnapshotDeviceInfo(ConnectionID(call, device), compound_state=(STATES[parties[device]],))
            for call, parties in self.calls.items()
            if device in parties
        )

    def call_rows(self, call: str) -> tuple[SnapshotCallInfo, ...]:
        return tuple(
            SnapshotCallInfo(DeviceRef.of(device), ConnectionID(call, device), STATES[state])
            for device, state in self.calls.get(call, {}).items()
        )


@dataclass
class Heard:
    """A sink that shows what a link told, as lines."""

    lines: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    state: LinkState = LinkState.DOWN
    reason: str = ""
    on_report: Callable[[Report], None] = lambda report: None

    def link_state(self, state: LinkState, reason: str) -> None:
        self.state, self.reason = state, reason
        self.lines.append(f"link {state.name.lower()}: {reason}")

    def report(self, report: Report) -> None:
        self.reports.append(report)
        self.lines.append(line(report))
        self.on_report(report)

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        self.lines.append("whole switch")

    def compare_rest(self) -> None:
        self.lines.append("compare the rest")

    def alarm(self, code: str, text: str) -> None:
        self.lines.append(f"alarm {code}: {text}")

    def take(self) -> list[str]:
        taken, self.lines = self.lines, []
        return taken


def line(report: Report) -> str:
    """A report in a line."""
    match report:
        case CallReport():
            who = report.subject or report.connection.key
            return f"{report.monitor}: {report.happening.name.lower()} {report.connection.call} {who}"
        case TransferReport():
            return f"{report.monitor}: {'conference' if report.is_conference else 'transfer'} {report.primary_old.call}"
        case DeviceReport():
            return f"{report.device} {report.flag.name.lower()}{': ' * bool(report.reason)}{report.reason}"
        case CallSnapshot():
            parties = [f"{one.device}={one.state.name.lower()}" for one in report.parties]
            return f"call {report.call}: {' '.join(parties) or 'none'}"
        case DeviceSnapshot():
            calls = [f"{one.call}={state.name.lower()}" for one, state in report.connections]
            return f"device {report.device}: {' '.join(calls) or 'none'}"


class Stage:
    """A session and a far end, without a socket. What is said arrives at once."""

    def __init__(
        self,
        far_end: FarEnd | None = None,
        *,
        port_cfg: str = "EXT 8001-8003",
        traits: ProfileTraits = STANDARD,
        window: int = 16,
        answer_seconds: float = 10.0,
        silence_seconds: float = 30.0,
    ) -> None:
        self.far_end = far_end or FarEnd()
        self.clock = HandClock(wall=1_000_000_000)
        self.heard = Heard()
        self.session = SwitchSession(
            traits,
            SessionLimits(window, answer_seconds, silence_seconds),
            ports(port_cfg),
            self.heard,
            lambda: self.clock.monotonic_us() / 1_000_000,
            self.clock.wall_us,
        )

    def start(self) -> "Stage":
        """Connect, and let both talk until nobody has anything to say."""
        self.session.start()
        self.settle()
        return self

    def up(self) -> "Stage":
        """`start`, which must lead to a link that is up; what was said on the way is forgotten."""
        self.start()
        assert self.heard.state.is_up, self.heard.lines
        self.forget()
        return self

    def forget(self) -> None:
        self.heard.take()
        self.far_end.heard.clear()

    def settle(self) -> None:
        while sent := self.session.bytes_to_send():
            if back := self.far_end.receive(sent):
                self.session.receive(back)

    def say(self, *messages: Message, invoke_id: int = EVENT_INVOKE_ID) -> list[str]:
        """The switch says something; what the link then told."""
        return self.say_raw(b"".join(self.far_end.says(message, invoke_id) for message in messages))

    def say_raw(self, received: bytes) -> list[str]:
        self.session.receive(received)
        self.settle()
        return self.heard.take()

    def pass_seconds(self, seconds: float) -> list[str]:
        """Time passes, with the timer of the session going off when it is due; what the link then told."""
        until = self.clock.monotonic_us() + round(seconds * 1_000_000)
        for _ in range(10_000):
            due_us = round(self.session.deadline() * 1_000_000)
            if due_us == self.clock.monotonic_us():
                due_us += 1  # a timer that went off a rounding error too early goes off again
            due = min(max(due_us, self.clock.monotonic_us()), until)
            self.clock.pass_us(due - self.clock.monotonic_us())
            self.session.tick()
            self.settle()
            if due >= until or self.session.ended is not None:
                return self.heard.take()
        raise AssertionError("the session's deadline does not move on")

    def names(self) -> list[str]:
        """What the far end heard, by name, with numbers; forgotten then."""
        taken = [f"{invoke_id:04d} {type(message).__name__}" for invoke_id, message in self.far_end.heard]
        self.far_end.heard.clear()
        return taken


def of_kind(lines: Iterable[str], word: str) -> list[str]:
    """The lines that begin with a word."""
    return [line for line in lines if line.startswith(word)]
