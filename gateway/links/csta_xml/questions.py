"""Snapshot questions to the switch and their answers, whole or in segments. Pure.

Each question is asked once while it waits; the answer says when the question left, since the model must not let it
undo what was reported later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gateway.links.csta_xml.messages import (
    ConnectionID,
    CSTAErrorCode,
    ErrorCategory,
    Message,
    SnapshotCall,
    SnapshotCallInfo,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceInfo,
    SnapshotDeviceResponse,
)
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer
from gateway.links.csta_xml.segments import Row, SegmentedAnswers
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId
from model.reports import CallSnapshot, DeviceSnapshot

TRIES_MAX = 3
"""A question without answer is asked again: a call not compared after the link came back may be a ghost."""

_NO_SUCH_CALL = (
    CSTAErrorCode(ErrorCategory.OPERATION, "invalidCallID"),
    CSTAErrorCode(ErrorCategory.OPERATION, "invalidConnectionID"),
    CSTAErrorCode(ErrorCategory.STATE_INCOMPATIBILITY, "noActiveCall"),
)
"""Answers by which a switch says that it has no such call; of a connection it may only mean the device's part."""


class Ask(Protocol):
    """Requests something of the switch; ``on_sent`` is called when the request leaves."""

    def __call__(self, message: Message, on_answer: OnAnswer, on_sent: Callable[[], None]) -> None: ...


@dataclass(slots=True)
class _CallQuestion:
    call: SwitchCallId
    key: ConnectionKey
    asked_us: Microseconds
    tries: int = 0


@dataclass(slots=True)
class _DeviceQuestion:
    device: DeviceNumber
    switch_id: str
    asked_us: Microseconds
    tries: int = 0


class Questions:
    """What we want to know of calls and devices. ``report`` gets each answer that can be used."""

    def __init__(
        self,
        ask: Ask,
        report: Callable[[CallSnapshot | DeviceSnapshot], None],
        normaliser: Normaliser,
        segments: SegmentedAnswers,
        wall_us: Callable[[], int],
    ) -> None:
        self._ask = ask
        self._report = report
        self._normaliser = normaliser
        self._segments = segments
        self._wall_us = wall_us
        self._calls: set[SwitchCallId] = set()
        self._devices: set[DeviceNumber] = set()
        self._awaited: set[SwitchCallId] = set()
        self.unanswered = 0
        """Questions that the switch could or would not answer."""

    @property
    def open_devices(self) -> int:
        """Devices whose calls are not known yet."""
        return len(self._devices)

    def await_open_calls(self) -> None:
        """Begin to count down: the calls asked for now, each until it is not asked for again."""
        self._awaited = set(self._calls)

    @property
    def awaited_calls(self) -> int:
        """How many of them are still open; those asked for later are not among them, or there were no end."""
        return len(self._awaited)

    def call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask for a call; the key is one of its connections, since a ConnectionID names the call."""
        if call not in self._calls:
            self._calls.add(call)
            self._ask_call(_CallQuestion(call, key, self._time()))

    def device(self, device: DeviceNumber, switch_id: str) -> None:
        """Ask for a device's calls."""
        if device not in self._devices:
            self._devices.add(device)
            self._ask_device(_DeviceQuestion(device, switch_id, self._time()))

    # -- calls ---------------------------------------------------------------------------------------------------

    def _ask_call(self, question: _CallQuestion) -> None:
        question.tries += 1
        request = SnapshotCall(ConnectionID(question.call, question.key or None))
        self._ask(request, partial(self._call_answered, question), partial(self._sent, question))

    def _call_answered(self, question: _CallQuestion, answer: Answer) -> None:
        if isinstance(answer, SnapshotCallResponse):
            if answer.service_cross_ref_id is None:
                self._call_known(question, answer.snapshot or (), answer)
            else:
                self._segments.announced(answer.service_cross_ref_id, partial(self._call_gathered, question, answer))
        elif answer in _NO_SUCH_CALL:
            if question.key and answer != _NO_SUCH_CALL[0]:
                question.key = ConnectionKey("")  # perhaps only that party is gone
                self._ask_call(question)
            else:
                self._call_known(question, (), None)
        elif must_ask_again(answer, question.tries):
            self._ask_call(question)
        else:
            self._call_closed(question)

    def _call_gathered(
        self, question: _CallQuestion, response: SnapshotCallResponse, rows: tuple[Row, ...] | None
    ) -> None:
        if rows is not None:
            self._call_known(question, tuple(row for row in rows if isinstance(row, SnapshotCallInfo)), response)
        elif question.tries < TRIES_MAX:
            self._ask_call(question)
        else:
            self._call_closed(question)

    def _call_known(
        self, question: _CallQuestion, rows: tuple[SnapshotCallInfo, ...], response: SnapshotCallResponse | None
    ) -> None:
        self._calls.discard(question.call)
        parties = self._normaliser.parties(rows)
        calling = None if response is None else self._normaliser.called(response.calling_device)
        called = None if response is None else self._normaliser.called(response.called_device)
        self._report(CallSnapshot(question.call, question.asked_us, self._time(), parties, calling, called))
        if question.call not in self._calls:
            self._awaited.discard(question.call)

    def _call_closed(self, question: _CallQuestion) -> None:
        self.unanswered += 1
        self._calls.discard(question.call)
        self._awaited.discard(question.call)

    # -- devices -------------------------------------------------------------------------------------------------

    def _ask_device(self, question: _DeviceQuestion) -> None:
        question.tries += 1
        request = SnapshotDevice(question.switch_id)
        self._ask(request, partial(self._device_answered, question), partial(self._sent, question))

    def _device_answered(self, question: _DeviceQuestion, answer: Answer) -> None:
        if isinstance(answer, SnapshotDeviceResponse):
            if answer.service_cross_ref_id is None:
                self._device_known(question, answer.snapshot or ())
            else:
                self._segments.announced(answer.service_cross_ref_id, partial(self._device_gathered, question))
        elif must_ask_again(answer, question.tries):
            self._ask_device(question)
        else:
            self._device_closed(question)

    def _device_gathered(self, question: _DeviceQuestion, rows: tuple[Row, ...] | None) -> None:
        if rows is not None:
            self._device_known(question, tuple(row for row in rows if isinstance(row, SnapshotDeviceInfo)))
        elif question.tries < TRIES_MAX:
            self._ask_device(question)
        else:
            self._device_closed(question)

    def _device_known(self, question: _DeviceQuestion, rows: tuple[SnapshotDeviceInfo, ...]) -> None:
        self._devices.discard(question.device)
        found = self._normaliser.calls_of_device(rows)
        self._report(DeviceSnapshot(question.device, question.asked_us, self._time(), found))

    def _device_closed(self, question: _DeviceQuestion) -> None:
        self.unanswered += 1
        self._devices.discard(question.device)

    def _sent(self, question: _CallQuestion | _DeviceQuestion) -> None:
        question.asked_us = self._time()

    def _time(self) -> Microseconds:
        return Microseconds(self._wall_us())


def must_ask_again(answer: Answer, tries: int) -> bool:
    """Whether an answer that is none may come after all; the switch's refusal is its last word."""
    return isinstance(answer, NoAnswer) and not answer.is_final and tries < TRIES_MAX
