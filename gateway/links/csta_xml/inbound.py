"""What the switch says, taken apart: answers to ours, its own requests, events. Pure.

A number alone says little: the switch numbers its requests by itself, so one may carry a number under which we await an
answer (ECMA-323 J.2). Only what is named a response answers us.
"""

from collections import Counter
from collections.abc import Callable

import structlog

from gateway.links.base import LinkSink
from gateway.links.csta_xml.codec import ParseFault, ParseProblem, UnknownElements, UnknownMessage, parse
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.device_list import DeviceList
from gateway.links.csta_xml.framing import EVENT_INVOKE_ID, Frame
from gateway.links.csta_xml.life import Life
from gateway.links.csta_xml.login import LogIn
from gateway.links.csta_xml.messages import (
    AgentEvent,
    ApplicationSessionTerminated,
    CallEvent,
    CSTAErrorCode,
    CstaMessage,
    DoNotDisturbEvent,
    ErrorCategory,
    ForwardingEvent,
    Message,
    MessageWaitingEvent,
    MonitorStartResponse,
    MonitorStop,
    MonitorStopResponse,
    RequestSystemStatus,
    RequestSystemStatusResponse,
    ServiceStateEvent,
    SnapshotCallData,
    SnapshotDeviceData,
    SwitchingFunctionDevices,
    SystemStatus,
    SystemStatusResponse,
    SystemStatusValue,
)
from gateway.links.csta_xml.monitoring import Monitor
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.segments import SegmentedAnswers
from gateway.links.csta_xml.sequence import MessageNumbers, Order
from model.ids import Microseconds

log = structlog.get_logger("gateway.csta_xml")

GARBAGE_MAX = 100
"""Bodies in a row that are no XML at all, after which the peer is no CSTA switch, whatever it is."""
KINDS_LOGGED_MAX = 256
"""Kinds of what was not understood that get their own line in the log; names come from the peer."""

_GARBAGE = (ParseFault.EMPTY, ParseFault.NOT_WELL_FORMED, ParseFault.DOCTYPE, ParseFault.ENCODING)
_NOT_SUPPORTED = CSTAErrorCode(ErrorCategory.OPERATION, "generic")
_UNREADABLE = CSTAErrorCode(ErrorCategory.OPERATION, "invalidParameterValue")
_NOT_USED = (AgentEvent, MessageWaitingEvent)
"""Events that belong to other daemons, or to nobody."""


class Inbound:
    """The switch's half of the conversation. Call ``take`` for each frame, in order."""

    def __init__(
        self,
        sink: LinkSink,
        conversation: Conversation,
        log_in: LogIn,
        life: Life,
        segments: SegmentedAnswers,
        device_list: DeviceList,
        normaliser: Normaliser,
        wall_us: Callable[[], int],
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._sink = sink
        self._conversation = conversation
        self._log_in = log_in
        self._life = life
        self._segments = segments
        self._device_list = device_list
        self._normaliser = normaliser
        self._wall_us = wall_us
        self._unknown = UnknownElements()
        self._numbers = MessageNumbers()
        self._garbage = 0
        self._logged: set[str] = set()
        life.started_early = self._take_early

    def take(self, received: Frame) -> bool:
        """One message of the switch; True for an event of a call, by which the session itself gets no further."""
        message = parse(received.body, self._unknown)
        if type(message) is CallEvent and message.security is None:  # nearly all of them: no other question to ask
            self._garbage = 0
            self._call_event(message)
            return True
        if isinstance(message, ParseProblem | UnknownMessage):
            self._not_understood(received, message)
            return False
        self._garbage = 0
        if isinstance(message, CstaMessage) and message.security is not None and self._is_double(message, received):
            return False
        if isinstance(message, CSTAErrorCode) or type(message).__name__.endswith("Response"):
            self._answer(received.invoke_id, message)
        else:
            self._from_switch(received.invoke_id, message)
        return False

    # -- answers -------------------------------------------------------------------------------------------------

    def _answer(self, invoke_id: int, message: Message | ParseProblem | UnknownMessage) -> None:
        if invoke_id != EVENT_INVOKE_ID and self._conversation.answered(invoke_id, message):
            return
        self.counts["answers_late"] += 1
        if isinstance(message, MonitorStartResponse):
            self._life.monitors.came_too_late(message)

    def _not_understood(self, received: Frame, message: ParseProblem | UnknownMessage) -> None:
        """Counted, logged once with its bytes, answered as the standard asks; never more than that."""
        self.counts["messages_not_understood"] += 1
        name = message.name if isinstance(message, UnknownMessage) else message.message_name
        kind = name if isinstance(message, UnknownMessage) else f"{name} {message.fault.name}"
        if kind not in self._logged and len(self._logged) < KINDS_LOGGED_MAX:
            self._logged.add(kind)
            log.warning(
                "message_not_understood",
                problem=str(message),
                invoke_id=received.invoke_id,
                excerpt=message.excerpt,
            )
        self._garbage = self._garbage + 1 if isinstance(message, ParseProblem) and message.fault in _GARBAGE else 0
        if self._garbage >= GARBAGE_MAX:
            self._life.end(f"{self._garbage} messages in a row were no CSTA: is [switch] interface and port right?")
        elif name.endswith("Response"):
            self._answer(received.invoke_id, message)
        elif received.invoke_id != EVENT_INVOKE_ID and name and not name.endswith("Event"):
            readable = isinstance(message, UnknownMessage)
            self._conversation.respond(received.invoke_id, _NOT_SUPPORTED if readable else _UNREADABLE)

    # -- the switch's own ----------------------------------------------------------------------------------------

    def _from_switch(self, invoke_id: int, message: Message) -> None:
        """Events, and requests; those under the events' number want no response."""
        if isinstance(message, CallEvent):
            self._call_event(message)
        elif isinstance(message, ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent):
            self._device_event(message)
        elif isinstance(message, SnapshotDeviceData | SnapshotCallData):
            self._segments.piece(message)
        elif isinstance(message, SwitchingFunctionDevices):
            self._device_list.piece(message)
        elif isinstance(message, ApplicationSessionTerminated):
            reason = message.defined_reason or message.server_reason or "no reason given"
            self._life.end(f"the switch ended the session: {reason}")
        elif isinstance(message, _NOT_USED):
            self.counts["events_not_used"] += 1
        else:
            response = self._request(message)
            if invoke_id != EVENT_INVOKE_ID:
                self._conversation.respond(invoke_id, response)

    def _request(self, message: Message) -> Message:
        """Do what the switch asks, and the response."""
        if isinstance(message, SystemStatus):
            self._life.status_is(message.system_status)
            self._log_in.status_heard()
            return SystemStatusResponse()
        if isinstance(message, RequestSystemStatus):
            return RequestSystemStatusResponse(SystemStatusValue.NORMAL)
        if isinstance(message, MonitorStop):
            self._life.monitors.ended_by_switch(message.monitor_cross_ref_id)
            return MonitorStopResponse()
        self.counts["requests_not_supported"] += 1
        return _NOT_SUPPORTED

    # -- events --------------------------------------------------------------------------------------------------

    def _take_early(self, monitor: Monitor) -> None:
        for event in self._life.monitors.take_early(monitor):
            if isinstance(event, CallEvent):
                self._call_event(event)
            elif isinstance(event, ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent):
                self._device_event(event)

    def _call_event(self, event: CallEvent) -> None:
        monitors = self._life.monitors
        monitor = monitors.device_of(event.monitor_cross_ref_id)
        if monitor is None:
            if not monitors.keep_early(event.monitor_cross_ref_id, event):
                self.counts["events_of_unknown_monitors"] += 1
            return
        report = self._normaliser.report(event, monitor, self._time())
        if report is None:
            self.counts["events_without_connection"] += 1
        else:
            self._sink.report(report)

    def _device_event(self, event: ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent) -> None:
        monitors = self._life.monitors
        monitor = monitors.device_of(event.monitor_cross_ref_id)
        if monitor is not None:
            self._sink.report(self._normaliser.device_report(event, monitor, self._time()))
        elif not monitors.keep_early(event.monitor_cross_ref_id, event):
            self.counts["events_of_unknown_monitors"] += 1

    # -- numbers -------------------------------------------------------------------------------------------------

    def _is_double(self, message: CstaMessage, received: Frame) -> bool:
        number = None if message.security is None else message.security.message_sequence_number
        if number is None:
            return False
        before = self._numbers.last
        order = self._numbers.take(number, received.body)
        if order is Order.DOUBLE:
            self.counts["messages_doubled"] += 1
        elif order is Order.GAP:
            assert before is not None
            self._life.messages_lost(f"messages {before + 1} to {number - 1} of the switch were lost")
        elif order is Order.RESTARTED:
            self._life.messages_lost(f"the switch counts its messages anew, from {number} after {before}")
        return order is Order.DOUBLE

    def _time(self) -> Microseconds:
        return Microseconds(self._wall_us())
