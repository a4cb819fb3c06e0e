"""Every command becomes the service that the standard has for it, with its operands in the standard's order."""

import pytest

from gateway.control import NEEDS
from gateway.links.base import CommandTarget
from gateway.links.csta_xml.codec import ParseFault, ParseProblem, UnknownMessage
from gateway.links.csta_xml.messages import (
    AlternateCall,
    AnswerCall,
    AutoOriginate,
    ClearCall,
    ClearConnection,
    ConferenceCall,
    ConnectionID,
    ConsultationCall,
    CSTAErrorCode,
    DeflectCall,
    ErrorCategory,
    HoldCall,
    HoldCallResponse,
    MakeCall,
    Message,
    ReconnectCall,
    RetrieveCall,
    SingleStepTransferCall,
    TransferCall,
)
from gateway.links.csta_xml.outstanding import NoAnswer, Unanswered
from gateway.links.csta_xml.services import SERVICES, outcome_of, request_for
from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId, SwitchConnection
from model.states import ConnectionState

K = CommandKind
ONE, OTHER = ConnectionID("1", "D1"), ConnectionID("2", "D2")
TARGET = CommandTarget(
    SwitchConnection(SwitchCallId("1"), ConnectionKey("D1")),
    ConnectionState.CONNECTED,
    SwitchConnection(SwitchCallId("2"), ConnectionKey("D2")),
)

REQUESTS: dict[CommandKind, Message] = {
    K.MAKE_CALL: MakeCall("D", "8002", AutoOriginate.DO_NOT_PROMPT),
    K.ANSWER_CALL: AnswerCall(ONE),
    K.CLEAR_CONNECTION: ClearConnection(ONE),
    K.CLEAR_CALL: ClearCall(ONE),
    K.HOLD_CALL: HoldCall(ONE),
    K.RETRIEVE_CALL: RetrieveCall(ONE),
    K.ALTERNATE_CALL: AlternateCall(held_call=OTHER, active_call=ONE),
    K.RECONNECT_CALL: ReconnectCall(active_call=ONE, held_call=OTHER),
    K.CONSULTATION_CALL: ConsultationCall(ONE, "8002"),
    K.TRANSFER_CALL: TransferCall(held_call=OTHER, active_call=ONE),
    K.CONFERENCE_CALL: ConferenceCall(held_call=OTHER, active_call=ONE),
    K.SINGLE_STEP_TRANSFER: SingleStepTransferCall(ONE, "8002"),
    K.DEFLECT_CALL: DeflectCall(ONE, "8002"),
}


@pytest.mark.parametrize("kind", list(CommandKind))
def test_requests(kind: CommandKind) -> None:
    command = Command(kind, DeviceNumber("8001"), destination="8002")
    assert request_for(command, TARGET, "D") == REQUESTS.get(kind)


def test_what_control_lets_through_there_is_a_service_for() -> None:
    assert SERVICES.keys() == NEEDS.keys() == REQUESTS.keys()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (HoldCallResponse(), Outcome()),
        (
            CSTAErrorCode(ErrorCategory.STATE_INCOMPATIBILITY, "noActiveCall"),
            Outcome(Refusal.REFUSED_BY_SWITCH, "the switch refused", "stateIncompatibility noActiveCall"),
        ),
        (
            CSTAErrorCode(ErrorCategory.UNSPECIFIED),
            Outcome(Refusal.REFUSED_BY_SWITCH, "the switch refused", "unspecified"),
        ),
        (NoAnswer(Unanswered.TIMED_OUT), Outcome(Refusal.NO_ANSWER_FROM_SWITCH, Unanswered.TIMED_OUT.value)),
        (NoAnswer(Unanswered.LINK_LOST), Outcome(Refusal.NO_ANSWER_FROM_SWITCH, Unanswered.LINK_LOST.value)),
        (NoAnswer(Unanswered.NOT_SENT), Outcome(Refusal.LINK_DOWN, Unanswered.NOT_SENT.value)),
        (
            NoAnswer(Unanswered.NOT_SENT_IN_TIME),
            Outcome(Refusal.TOO_MANY_REQUESTS, Unanswered.NOT_SENT_IN_TIME.value),
        ),
        (NoAnswer(Unanswered.TOO_MANY), Outcome(Refusal.TOO_MANY_REQUESTS, Unanswered.TOO_MANY.value)),
    ],
)
def test_outcomes(answer: Message | NoAnswer, outcome: Outcome) -> None:
    assert outcome_of(answer) == outcome


@pytest.mark.parametrize(
    "answer", [UnknownMessage("Strange", ""), ParseProblem(ParseFault.INCOMPLETE, "x", "HoldCallResponse", "")]
)
def test_an_answer_that_is_none(answer: UnknownMessage | ParseProblem) -> None:
    outcome = outcome_of(answer)
    assert outcome.refusal is Refusal.REFUSED_BY_SWITCH
    assert outcome.switch_error == str(answer)
