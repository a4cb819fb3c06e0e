"""The switch's side of one client's conversation, without I/O: bytes and time in, frames out.

Sessions (ECMA-354), SystemStatus both ways, requests to services, data that comes in segments. What a service does is
the business of `services`; what becomes of frames on their way is that of `faults`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import ParseProblem, UnknownMessage, build, parse
from gateway.links.csta_xml.framing import EVENT_INVOKE_ID, Deframer, FrameProblem, InvokeIds, frame
from gateway.links.csta_xml.messages.elements import CstaMessage
from gateway.links.csta_xml.namespaces import NO_NAMESPACE
from simulator import snapshots
from simulator.habits import Habits
from simulator.services import perform
from simulator.switch import SECOND_US, Switch, wrong_operand

SNAPSHOT_FITS = 200
"""Connections that one response surely holds (about 250 bytes each); more are sent in segments."""
_PROTOCOL_VERSION_ERROR = "requestedProtocolVersionNotSupported"


class Role(Enum):
    """Why a frame is sent; faults choose by it."""

    EVENT = "event"
    RESPONSE = "response"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frame for the client, and what it holds."""

    role: Role
    name: str
    framed: bytes


class SwitchSession:
    """One connected client. `dispatch` spreads the events that a request has caused, to this client and others."""

    def __init__(self, client: int, switch: Switch, habits: Habits, dispatch: Callable[[], None]) -> None:
        self.client = client
        self.is_open = True
        self.ignored = 0
        """Frames that were no message this switch knows."""
        self._switch = switch
        self._habits = habits
        self._dispatch = dispatch
        self._deframer = Deframer()
        self._invoke_ids = InvokeIds()
        self._output: list[Outgoing] = []
        self._version = habits.default_version
        self._session_id: str | None = None
        self._session_until_us: int | None = None
        self._session_seconds = habits.session_seconds_max
        self._keep_alive_us: int | None = None
        self._sent = 0
        self._cross_refs = 0
        self._now_us = 0

    @property
    def deadline_us(self) -> int | None:
        """When `pass_time` has something to do."""
        return min((due for due in (self._session_until_us, self._keep_alive_us) if due is not None), default=None)

    @property
    def awaits_responses(self) -> int:
        """Requests of the switch that the client has not answered."""
        return len(self._invoke_ids.pending)

    def connected(self, now_us: int, status: m.SystemStatusValue) -> None:
        """The client is there."""
        self._now_us = now_us
        self._set_keep_alive()
        if self._habits.traits.switch_status_first:
            self.tell_status(status)

    def receive(self, received: bytes, now_us: int, status: m.SystemStatusValue) -> None:
        """Take bytes of the client; answers and events lie in the output."""
        self._now_us = now_us
        for item in self._deframer.receive(received):
            if isinstance(item, FrameProblem):
                self.is_open = False
                return
            self._receive_body(item.invoke_id, item.body, status)
            self._dispatch()

    def report(self, event: CstaMessage) -> None:
        """Send an event of one of this client's monitors."""
        self._send(Role.EVENT, EVENT_INVOKE_ID, event)

    def tell_status(self, status: m.SystemStatusValue) -> None:
        self._request(m.SystemStatus(system_status=status))

    def stop_monitor(self, cross_ref_id: str) -> None:
        """The switch takes a monitor back (ECMA-269 15.1.3)."""
        if self._switch.monitors.stop(self.client, cross_ref_id):
            self._request(m.MonitorStop(cross_ref_id))

    def end_session(self, reason: str = "resourceLimitation") -> None:
        """Terminate the application session; the monitors go with it."""
        if self._session_id is not None:
            self._send(Role.EVENT, EVENT_INVOKE_ID, m.ApplicationSessionTerminated(self._session_id, reason))
            self._session_id = None
            self._session_until_us = None
        self._switch.monitors.stop_all(self.client)

    def closed(self) -> None:
        """The connection is gone, and with it the monitors."""
        self.is_open = False
        self._switch.monitors.stop_all(self.client)

    def pass_time(self, now_us: int, status: m.SystemStatusValue) -> None:
        self._now_us = now_us
        if self._session_until_us is not None and now_us >= self._session_until_us:
            self.end_session("sessionTimerExpired")
        if self._keep_alive_us is not None and now_us >= self._keep_alive_us:
            self._set_keep_alive()
            self.tell_status(status)

    def take_output(self) -> list[Outgoing]:
        taken, self._output = self._output, []
        return taken

    def _receive_body(self, invoke_id: int, body: bytes, status: m.SystemStatusValue) -> None:
        message = parse(body)
        if isinstance(message, ParseProblem | UnknownMessage):
            self.ignored += 1
            if invoke_id != EVENT_INVOKE_ID:
                known = isinstance(message, ParseProblem)
                self._respond(invoke_id, wrong_operand("invalidParameterValue" if known else "serviceNotSupported"))
        elif isinstance(message, m.SystemStatusResponse | m.MonitorStopResponse | m.CSTAErrorCode):
            self._invoke_ids.answered(invoke_id)
        elif isinstance(message, m.SessionMessage):
            self._receive_session_message(invoke_id, message)
        elif invoke_id != EVENT_INVOKE_ID:
            self._receive_request(invoke_id, message, status)

    def _receive_request(self, invoke_id: int, message: m.Message, status: m.SystemStatusValue) -> None:
        match message:
            case m.SystemStatus():
                self._respond(invoke_id, m.SystemStatusResponse())
            case m.RequestSystemStatus():
                self._respond(invoke_id, m.RequestSystemStatusResponse(status))
            case m.SystemRegister():
                self._respond(invoke_id, m.SystemRegisterResponse(f"R{self.client}"))
            case m.GetSwitchingFunctionDevices():
                self._list_devices(invoke_id, message)
            case _:
                answer = perform(self._switch, self.client, message)
                if self._habits.events_before_responses:
                    self._dispatch()
                self._answer(invoke_id, answer or wrong_operand("serviceNotSupported"))

    def _receive_session_message(self, invoke_id: int, message: m.SessionMessage) -> None:
        match message:
            case m.StartApplicationSession():
                self._respond(invoke_id, self._start_session(message))
            case m.ResetApplicationSessionTimer():
                self._respond(invoke_id, self._reset_session(message))
            case m.StopApplicationSession():
                if message.session_id != self._session_id:
                    error = m.StopApplicationSessionNegResponse(defined_error="invalidSessionID")
                    self._respond(invoke_id, error)
                    return
                self._session_id = None
                self._session_until_us = None
                self._switch.monitors.stop_all(self.client)
                self._respond(invoke_id, m.StopApplicationSessionPosResponse())
            case _:
                self.ignored += 1

    def _start_session(self, message: m.StartApplicationSession) -> m.SessionMessage:
        wanted = message.requested_protocol_versions
        version = next((version for version in wanted if version in self._habits.versions), None)
        if wanted and version is None:
            return m.StartApplicationSessionNegResponse(defined_error=_PROTOCOL_VERSION_ERROR)
        if not message.application_id:
            return m.StartApplicationSessionNegResponse(defined_error="invalidApplicationInfo")
        self._version = version or self._habits.default_version
        self._session_id = f"S{self.client}"
        seconds = self._prolong_session(message.requested_session_duration)
        return m.StartApplicationSessionPosResponse(self._session_id, self._version, seconds)

    def _reset_session(self, message: m.ResetApplicationSessionTimer) -> m.SessionMessage:
        if message.session_id != self._session_id:
            return m.ResetApplicationSessionTimerNegResponse(defined_error="invalidSessionID")
        return m.ResetApplicationSessionTimerPosResponse(self._prolong_session(message.requested_session_duration))

    def _prolong_session(self, requested_seconds: int | None) -> int:
        allowed = self._habits.session_seconds_max
        seconds = allowed if requested_seconds is None else max(1, min(requested_seconds, allowed))
        self._session_until_us = self._now_us + seconds * SECOND_US
        return seconds

    def _list_devices(self, invoke_id: int, request: m.GetSwitchingFunctionDevices) -> None:
        cross_ref = self._new_cross_ref()
        self._respond(invoke_id, m.GetSwitchingFunctionDevicesResponse(cross_ref))
        devices = snapshots.device_list(self._switch, request.requested_device_category)
        for number, is_last, piece in _segments(devices, self._habits.device_list_segment):
            self._send_unanswered(m.SwitchingFunctionDevices(cross_ref, number, is_last, piece))

    def _answer(self, invoke_id: int, answer: m.Message) -> None:
        """Respond, a snapshot in segments if it is large or that is the switch's habit."""
        size = self._habits.snapshot_segment
        if not isinstance(answer, m.SnapshotDeviceResponse | m.SnapshotCallResponse) or answer.snapshot is None:
            self._respond(invoke_id, answer)
            return
        if size is None and len(answer.snapshot) <= SNAPSHOT_FITS:
            self._respond(invoke_id, answer)
            return
        cross_ref = self._new_cross_ref()
        self._respond(invoke_id, replace(answer, service_cross_ref_id=cross_ref, snapshot=None))
        segment = m.SnapshotDeviceData if isinstance(answer, m.SnapshotDeviceResponse) else m.SnapshotCallData
        for number, is_last, piece in _segments(answer.snapshot, size or SNAPSHOT_FITS):
            self._send_unanswered(segment(cross_ref, number, is_last, piece))

    def _respond(self, invoke_id: int, answer: m.Message) -> None:
        self._send(Role.RESPONSE, invoke_id, answer)

    def _request(self, message: m.Message) -> None:
        invoke_id = self._invoke_ids.allocate(self._now_us / SECOND_US)
        # A client that answers nothing uses up all numbers; then nothing more is asked of it.
        if invoke_id is not None:
            self._send(Role.REQUEST, invoke_id, message)

    def _send_unanswered(self, message: m.Message) -> None:
        """A request to which the standard knows no response: its number is free at once."""
        invoke_id = self._invoke_ids.allocate(self._now_us / SECOND_US)
        if invoke_id is not None:
            self._invoke_ids.answered(invoke_id)
            self._send(Role.REQUEST, invoke_id, message)

    def _send(self, role: Role, invoke_id: int, message: m.Message) -> None:
        if self._habits.sequence_numbers and isinstance(message, CstaMessage):
            self._sent += 1
            message = replace(message, security=m.Security(self._sent, self._time_stamp()))
        bare = role is Role.RESPONSE and not self._habits.traits.responses_carry_namespace
        body = build(message, NO_NAMESPACE if bare else self._version)
        self._output.append(Outgoing(role, _name_of(message), frame(invoke_id, body)))

    def _new_cross_ref(self) -> str:
        self._cross_refs += 1
        return f"X{self._cross_refs}"

    def _set_keep_alive(self) -> None:
        if self._habits.keep_alive_seconds is not None:
            self._keep_alive_us = self._now_us + int(self._habits.keep_alive_seconds * SECOND_US)

    def _time_stamp(self) -> str:
        moment = (self._habits.epoch_us + self._now_us) / SECOND_US
        return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(timespec="milliseconds")


def _segments(whole: tuple[Any, ...], size: int) -> Iterator[tuple[int, bool, tuple[Any, ...]]]:
    """Pieces of `whole`, numbered from 1, and whether each is the last; an empty whole is one empty piece."""
    starts = range(0, max(len(whole), 1), size)
    for number, start in enumerate(starts, start=1):
        yield number, number == len(starts), whole[start : start + size]


def _name_of(message: m.Message) -> str:
    kind = getattr(message, "kind", None)
    return kind.value if isinstance(kind, Enum) else type(message).__name__
