"""Questions are asked once, again when no answer came, and their answers say when they left."""

from collections.abc import Callable

from gateway.links.csta_xml.messages import (
    ConnectionID,
    CSTAErrorCode,
    DeviceRef,
    ErrorCategory,
    LocalConnectionState,
    Message,
    SnapshotCall,
    SnapshotCallData,
    SnapshotCallInfo,
    SnapshotCallResponse,
    SnapshotDevice,
    SnapshotDeviceInfo,
    SnapshotDeviceResponse,
)
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer, Unanswered
from gateway.links.csta_xml.questions import TRIES_MAX, Questions
from gateway.links.csta_xml.segments import SegmentedAnswers
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId
from model.reports import CallSnapshot, DeviceSnapshot
from tests.gateway.links.csta_xml.far_end import GENERIC, NO_CALL, line, ports

SEVEN, KEY = SwitchCallId("7"), ConnectionKey("8001")
NO_CONNECTION = CSTAErrorCode(ErrorCategory.OPERATION, "invalidConnectionID")
TIMED_OUT = NoAnswer(Unanswered.TIMED_OUT)
CALL = SnapshotCallResponse(
    snapshot=(SnapshotCallInfo(DeviceRef.of("8001"), ConnectionID("7", "8001"), LocalConnectionState.CONNECTED),)
)


class Desk:
    """Questions with a switch by hand."""

    def __init__(self) -> None:
        self.wall_us = 0
        self.asked: list[tuple[Message, OnAnswer, Callable[[], None]]] = []
        self.reports: list[CallSnapshot | DeviceSnapshot] = []
        self.on_report: Callable[[], None] = lambda: None
        self.segments = SegmentedAnswers(lambda: 0.0)
        self.questions = Questions(
            lambda message, on_answer, on_sent: self.asked.append((message, on_answer, on_sent)),
            self._report,
            Normaliser(ports("EXT 8001-8002")),
            self.segments,
            lambda: self.wall_us,
        )

    def _report(self, report: CallSnapshot | DeviceSnapshot) -> None:
        self.reports.append(report)
        self.on_report()

    def answer(self, answer: Answer, *, sent_us: int = 10, came_us: int = 20) -> Message:
        request, on_answer, on_sent = self.asked.pop(0)
        self.wall_us = sent_us
        on_sent()
        self.wall_us = came_us
        on_answer(answer)
        return request

    @property
    def lines(self) -> list[str]:
        return list(map(line, self.reports))


def test_a_call_is_asked_for_once() -> None:
    desk = Desk()
    desk.questions.call(SEVEN, KEY)
    desk.questions.call(SEVEN, ConnectionKey("8002"))
    assert desk.answer(CALL) == SnapshotCall(ConnectionID("7", "8001"))
    assert desk.asked == []
    assert desk.lines == ["call 7: 8001=connected"]
    assert (desk.reports[0].asked_us, desk.reports[0].received_us) == (10, 20)
    desk.questions.call(SEVEN, KEY)
    assert len(desk.asked) == 1


def test_no_such_call_and_no_such_connection() -> None:
    desk = Desk()
    desk.questions.call(SEVEN, KEY)
    desk.answer(NO_CALL)
    assert desk.lines == ["call 7: none"]
    desk.questions.call(SEVEN, KEY)
    desk.answer(NO_CONNECTION)
    assert len(desk.reports) == 1  # perhaps only that party is gone
    assert desk.answer(CALL) == SnapshotCall(ConnectionID("7"))
    assert desk.lines[1:] == ["call 7: 8001=connected"]


def test_without_answer_it_is_asked_again_and_refused_it_is_not() -> None:
    desk = Desk()
    desk.questions.call(SEVEN, KEY)
    for _ in range(TRIES_MAX):
        desk.answer(TIMED_OUT)
    assert desk.asked == []
    assert desk.questions.unanswered == 1
    desk.questions.device(DeviceNumber("8001"), "8001")
    desk.answer(GENERIC)
    assert desk.asked == []
    assert desk.questions.unanswered == 2
    desk.questions.device(DeviceNumber("8001"), "8001")
    desk.answer(NoAnswer(Unanswered.LINK_LOST))
    assert desk.asked == []
    assert desk.reports == []
    assert desk.questions.open_devices == 0


def test_a_device() -> None:
    desk = Desk()
    desk.questions.device(DeviceNumber("8002"), "N<8002>")
    row = SnapshotDeviceInfo(ConnectionID("7", "x"), compound_state=(LocalConnectionState.HOLD,))
    assert desk.questions.open_devices == 1
    assert desk.answer(SnapshotDeviceResponse(snapshot=(row,))) == SnapshotDevice("N<8002>")
    assert desk.lines == ["device 8002: 7=hold"]
    assert desk.questions.open_devices == 0


def test_segments_with_a_hole_are_asked_for_again() -> None:
    desk = Desk()
    desk.questions.call(SEVEN, KEY)
    desk.answer(SnapshotCallResponse("X"))
    assert desk.reports == []
    desk.segments.piece(SnapshotCallData("X", 1, False, CALL.snapshot))
    desk.segments.piece(SnapshotCallData("X", 3, True, CALL.snapshot))
    desk.answer(SnapshotCallResponse("Y"))
    desk.segments.piece(SnapshotCallData("Y", 1, True, CALL.snapshot))
    assert desk.lines == ["call 7: 8001=connected"]


def test_what_is_awaited_is_what_was_open_then_until_it_is_settled() -> None:
    desk = Desk()
    desk.questions.call(SEVEN, KEY)
    desk.questions.await_open_calls()
    desk.questions.call(SwitchCallId("8"), KEY)
    assert desk.questions.awaited_calls == 1
    # The model is not content with the first answer: it asks again, and that is awaited too.
    desk.on_report = lambda: desk.questions.call(SEVEN, KEY)
    desk.answer(CALL)
    assert desk.questions.awaited_calls == 1
    desk.on_report = lambda: None
    desk.answer(CALL)  # of call 8
    assert desk.questions.awaited_calls == 1
    desk.answer(CALL)
    assert desk.questions.awaited_calls == 0
