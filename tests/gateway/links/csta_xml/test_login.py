"""The way in: accepted, refused, prolonged, left."""

import pytest

from gateway.links.csta_xml.codec import ParseFault, ParseProblem, UnknownMessage, parse
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.framing import Deframer, Frame
from gateway.links.csta_xml.login import SESSION_SECONDS_ASKED, LogIn, said
from gateway.links.csta_xml.messages import (
    Message,
    MonitorStopResponse,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerNegResponse,
    ResetApplicationSessionTimerPosResponse,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    SystemRegister,
    SystemRegisterResponse,
)
from gateway.links.csta_xml.namespaces import CSTA_ED3, CSTA_ED4
from gateway.links.csta_xml.outstanding import NoAnswer, Unanswered
from gateway.links.csta_xml.profiles import OPENSCAPE, STANDARD, ProfileTraits
from tests.gateway.links.csta_xml.far_end import GENERIC


class Door:
    """A log-in and what it led to, with a clock by hand."""

    def __init__(self, traits: ProfileTraits = STANDARD) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.talk = Conversation(4, 10.0, lambda: self.now)
        self._deframer = Deframer()
        self.log_in = LogIn(
            traits,
            self.talk,
            lambda: self.now,
            lambda: self.told.append("opened"),
            lambda reason: self.told.append(f"refused: {reason}"),
            lambda reason: self.told.append(f"lost: {reason}"),
        )
        self.log_in.start()

    def asked(self) -> list[tuple[int, Message]]:
        taken = []
        for one in self._deframer.receive(self.talk.bytes_to_send(urgent_only=True)):
            assert isinstance(one, Frame)
            message = parse(one.body)
            assert not isinstance(message, ParseProblem | UnknownMessage)
            taken.append((one.invoke_id, message))
        return taken

    def answer(self, answer: Message | NoAnswer) -> Message:
        ((number, request),) = self.asked()
        if isinstance(answer, NoAnswer):
            self.now += 10.0
            self.talk.expire()
        else:
            self.talk.answered(number, answer)
        return request


def test_accepted_prolonged_left() -> None:
    door = Door()
    request = door.answer(StartApplicationSessionPosResponse("S7", CSTA_ED4, 60))
    assert isinstance(request, StartApplicationSession)
    assert (request.application_id, request.requested_session_duration) == ("ultralnk", SESSION_SECONDS_ASKED)
    assert request.requested_protocol_versions[0] == CSTA_ED3
    assert door.told == ["opened"]
    assert door.talk.namespace == CSTA_ED4
    assert door.log_in.deadline() == 30.0
    door.now = 29.0
    door.log_in.tick()
    assert door.asked() == []
    door.now = 30.0
    door.log_in.tick()
    assert door.answer(ResetApplicationSessionTimerPosResponse(40)) == ResetApplicationSessionTimer("S7", 180)
    assert door.log_in.deadline() == 50.0
    door.log_in.say_goodbye()
    assert [message for _, message in door.asked()] == [StopApplicationSession("S7", None, "normal")]


def test_a_duration_left_out_is_the_one_asked_for() -> None:
    door = Door()
    door.answer(StartApplicationSessionPosResponse("S7"))
    assert door.log_in.deadline() == SESSION_SECONDS_ASKED / 2
    assert door.talk.namespace == CSTA_ED3


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (StartApplicationSessionNegResponse(appl_error="go away"), "refused: the switch refused the log-in: go away"),
        (StartApplicationSessionNegResponse(), "refused: the switch refused the log-in: no reason"),
        (GENERIC, "refused: the switch did not accept the application session: operation generic"),
        (MonitorStopResponse(), "refused: the switch did not accept the application session: MonitorStopResponse"),
        (NoAnswer(Unanswered.TIMED_OUT), "lost: the log-in: the switch did not answer in time"),
    ],
)
def test_not_let_in(answer: Message | NoAnswer, told: str) -> None:
    door = Door()
    door.answer(answer)
    assert door.told == [told]
    door.log_in.say_goodbye()
    assert door.asked() == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ResetApplicationSessionTimerNegResponse(defined_error="invalidSessionID"), "ResetApplicationSessionTimerNegR"),
        (NoAnswer(Unanswered.TIMED_OUT), "the switch did not answer in time"),
    ],
)
def test_not_prolonged(answer: Message | NoAnswer, told: str) -> None:
    door = Door()
    door.answer(StartApplicationSessionPosResponse("S7", None, 60))
    door.now = 30.0
    door.log_in.tick()
    door.answer(answer)
    assert door.told[1].startswith(f"lost: the switch did not prolong the session: {told}")


def test_openscape_registers_when_the_switch_has_spoken() -> None:
    door = Door(OPENSCAPE)
    assert door.asked() == []
    door.log_in.status_heard()
    assert isinstance(door.answer(SystemRegisterResponse("R")), SystemRegister)
    assert door.told == ["opened"]
    door.log_in.status_heard()
    assert door.asked() == []


def test_unexpected_answers_in_words() -> None:
    assert said(ParseProblem(ParseFault.INCOMPLETE, "x", "Y", "")).startswith("Y: ")
    assert said(StartApplicationSessionNegResponse(defined_error="serverResourcesBusy")) == "serverResourcesBusy"
