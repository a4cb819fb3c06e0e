"""Snapshot questions to the switch and their answers, whole or in segments. Pure.

Each question is asked once while it waits; the answer says when the question left, since the model must not let it
undo what was reported later.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.links.csta_xml.messages import (
    ConnectionID,
    CSTAErrorCode,
    ErrorCategory,
    Message,
    SnapshotCall,
    SnapshotCallData,
    SnapshotCallInfo,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceData,
    SnapshotDeviceInfo,
    SnapshotDeviceResponse,
)
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer, OnAnswer
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId
from model.reports import CallSnapshot, DeviceSnapshot

SEGMENTS_SECONDS = 30.0
"""A segmented answer not complete by then is given up; the model asks again."""

_NO_SUCH_CALL = (
    CSTAErrorCode(ErrorCategory.OPERATION, "invalidCallID"),
    CSTAErrorCode(ErrorCategory.OPERATION, "invalidConnectionID"),
    CSTAErrorCode(ErrorCategory.STATE_INCOMPATIBILITY, "noActiveCall"),
)
"""Answers by which a switch says that it has no such call; of a connection it may only mean the device's part."""


@dataclass(slots=True)
class _Segments:
    """A snapshot that comes in pieces, as requests of the switch."""

    question: "_CallQuestion | _DeviceQuestion"
    rows: list[SnapshotCallInfo | SnapshotDeviceInfo]
    until_seconds: float
    response: SnapshotCallResponse | None = None


@dataclass(frozen=True, slots=True)
class _CallQuestion:
    call: SwitchCallId
    asked_us: Microseconds


@dataclass(frozen=True, slots=True)
class _DeviceQuestion:
    device: DeviceNumber
    asked_us: Microseconds


class Questions:
    """What we want to know of calls and devices. ``report`` gets each answer that can be used."""

    def __init__(
        self,
        ask: Callable[[Message, OnAnswer], None],
        report: Callable[[CallSnapshot | DeviceSnapshot], None],
        normaliser: Normaliser,
        now: Callable[[], float],
        wall_us: Callable[[], int],
    ) -> None:
        self._ask = ask
        self._report = report
        self._normaliser = normaliser
        self._now = now
        self._wall_us = wall_us
        self._calls: set[SwitchCallId] = set()
        self._devices: set[DeviceNumber] = set()
        self._segments: dict[str, _Segments] = {}
        self.unanswered = 0

    @property
    def open(self) -> int:
        """Questions not answered yet."""
        return len(self._calls) + len(self._devices)

    def call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask for a call; the key is one of its connections, since a ConnectionID names the call."""
        if call in self._calls:
            return
        self._calls.add(call)
        question = _CallQuestion(call, self._time())
        request = SnapshotCall(ConnectionID(call, key or None))
        self._ask(request, lambda answer: self._call_answered(question, answer, has_key=bool(key)))

    def device(self, device: DeviceNumber, switch_id: str) -> None:
        """Ask for a device's calls."""
        if device in self._devices:
            return
        self._devices.add(device)
        question = _DeviceQuestion(device, self._time())
        self._ask(SnapshotDevice(switch_id), lambda answer: self._device_answered(question, answer))

    def segment(self, piece: SnapshotDeviceData | SnapshotCallData) -> None:
        """A piece of an answer that comes in several."""
        gathered = self._segments.get(piece.service_cross_ref_id)
        if gathered is None:
            return
        gathered.rows.extend(piece.snapshot or ())
        if piece.last_segment:
            del self._segments[piece.service_cross_ref_id]
            self._complete(gathered)

    def expire(self) -> None:
        """Give up on segmented answers that do not go on."""
        now = self._now()
        for cross_ref_id in [key for key, one in self._segments.items() if one.until_seconds <= now]:
            self._close(self._segments.pop(cross_ref_id).question)
            self.unanswered += 1

    def _call_answered(self, question: _CallQuestion, answer: Answer, *, has_key: bool) -> None:
        if isinstance(answer, SnapshotCallResponse):
            if answer.service_cross_ref_id is not None:
                self._gather(answer.service_cross_ref_id, question, answer)
                return
            self._report_call(question, answer.snapshot or (), answer)
        elif answer in _NO_SUCH_CALL:
            if has_key and answer != _NO_SUCH_CALL[0]:
                self._close(question)
                self.call(question.call, ConnectionKey(""))  # perhaps only that party is gone
                return
            self._report_call(question, (), None)
        else:
            self.unanswered += 1
        self._close(question)

    def _device_answered(self, question: _DeviceQuestion, answer: Answer) -> None:
        if isinstance(answer, SnapshotDeviceResponse):
            if answer.service_cross_ref_id is not None:
                self._gather(answer.service_cross_ref_id, question, None)
                return
            self._report_device(question, answer.snapshot or ())
        else:
            self.unanswered += 1
        self._close(question)

    def _gather(
        self, cross_ref_id: str, question: _CallQuestion | _DeviceQuestion, response: SnapshotCallResponse | None
    ) -> None:
        self._segments[cross_ref_id] = _Segments(question, [], self._now() + SEGMENTS_SECONDS, response)

    def _complete(self, gathered: _Segments) -> None:
        question = gathered.question
        if isinstance(question, _CallQuestion):
            calls = tuple(row for row in gathered.rows if isinstance(row, SnapshotCallInfo))
            self._report_call(question, calls, gathered.response)
        else:
            self._report_device(question, tuple(row for row in gathered.rows if isinstance(row, SnapshotDeviceInfo)))
        self._close(question)

    def _report_call(
        self, question: _CallQuestion, rows: tuple[SnapshotCallInfo, ...], response: SnapshotCallResponse | None
    ) -> None:
        self._calls.discard(question.call)
        parties = tuple(map(self._normaliser.party, rows))
        calling = None if response is None else self._normaliser.called(response.calling_device)
        called = None if response is None else self._normaliser.called(response.called_device)
        self._report(CallSnapshot(question.call, question.asked_us, self._time(), parties, calling, called))

    def _report_device(self, question: _DeviceQuestion, rows: tuple[SnapshotDeviceInfo, ...]) -> None:
        self._devices.discard(question.device)
        found = self._normaliser.calls_of_device(rows)
        self._report(DeviceSnapshot(question.device, question.asked_us, self._time(), found))

    def _close(self, question: _CallQuestion | _DeviceQuestion) -> None:
        if isinstance(question, _CallQuestion):
            self._calls.discard(question.call)
        else:
            self._devices.discard(question.device)

    def _time(self) -> Microseconds:
        return Microseconds(self._wall_us())
