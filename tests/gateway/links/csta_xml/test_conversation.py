"""What we say becomes frames: numbered, in the negotiated namespace; what cannot be written is answered at once."""

from gateway.links.csta_xml.codec import parse
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.framing import BODY_BYTES_MAX, Deframer, Frame
from gateway.links.csta_xml.messages import (
    CSTAErrorCode,
    ErrorCategory,
    MakeCall,
    MonitorStop,
    MonitorStopResponse,
    SystemStatusResponse,
)
from gateway.links.csta_xml.namespaces import CSTA_ED3, CSTA_ED6
from gateway.links.csta_xml.outstanding import Answer

UNFIT = CSTAErrorCode(ErrorCategory.OPERATION, "invalidParameterValue")


def frames(sent: bytes) -> list[Frame]:
    return [one for one in Deframer().receive(sent) if isinstance(one, Frame)]


def test_requests_and_responses() -> None:
    talk = Conversation(4, 10.0, lambda: 0.0)
    answers: list[Answer] = []
    left: list[str] = []
    talk.respond(17, SystemStatusResponse())
    talk.ask(MonitorStop("1"), answers.append, lambda: left.append("1"))
    talk.ask_first(MonitorStop("2"), answers.append)
    assert left == []
    sent = frames(talk.bytes_to_send(urgent_only=False))
    assert [(one.invoke_id, parse(one.body)) for one in sent] == [
        (17, SystemStatusResponse()),
        (0, MonitorStop("2")),
        (1, MonitorStop("1")),
    ]
    assert left == ["1"]
    assert all(CSTA_ED3.encode() in one.body for one in sent)
    assert talk.answered(0, MonitorStopResponse())
    assert answers == [MonitorStopResponse()]
    assert talk.bytes_to_send(urgent_only=False) == b""


def test_the_namespace_can_change() -> None:
    talk = Conversation(4, 10.0, lambda: 0.0)
    talk.namespace = CSTA_ED6
    talk.ask(MonitorStop("1"), lambda _: None)
    assert CSTA_ED6.encode() in talk.bytes_to_send(urgent_only=False)


def test_what_no_frame_can_hold_is_answered_and_harms_nobody() -> None:
    talk = Conversation(4, 10.0, lambda: 0.0)
    answers: list[Answer] = []
    talk.ask(MakeCall("8001", "\x00"), answers.append)
    talk.ask(MakeCall("8001", "8" * BODY_BYTES_MAX), answers.append)
    talk.ask(MonitorStop("1"), answers.append)
    (sent,) = frames(talk.bytes_to_send(urgent_only=False))
    assert parse(sent.body) == MonitorStop("1")
    assert answers == [UNFIT, UNFIT]


def test_an_unfit_response_does_not_answer_our_request_of_that_number() -> None:
    talk = Conversation(4, 10.0, lambda: 0.0)
    answers: list[Answer] = []
    talk.ask(MonitorStop("1"), answers.append)
    talk.bytes_to_send(urgent_only=False)
    talk.respond(0, MakeCall("8001", "\x00"))
    assert talk.bytes_to_send(urgent_only=False) == b""
    assert answers == []
