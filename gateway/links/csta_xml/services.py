"""Commands as CSTA services, and the switch's answers as outcomes. Tables, nothing decided.

Whether a device may do it in its state was checked before (``gateway.control``); a switch that thinks otherwise
answers with its own error, which stands beside ours.
"""

from collections.abc import Callable

from gateway.links.base import CommandTarget
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
    HoldCall,
    MakeCall,
    Message,
    ReconnectCall,
    RetrieveCall,
    SingleStepTransferCall,
    TransferCall,
)
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, Unanswered
from gateway.links.csta_xml.problems import ParseProblem, UnknownMessage
from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import SwitchConnection

Service = Callable[[Command, str, ConnectionID, ConnectionID], Message]
"""Makes the request from the command, the device's switch id, its connection and its other (held) connection."""

SERVICES: dict[CommandKind, Service] = {
    CommandKind.MAKE_CALL: lambda c, device, one, other: MakeCall(device, c.destination, AutoOriginate.DO_NOT_PROMPT),
    CommandKind.ANSWER_CALL: lambda c, device, one, other: AnswerCall(one),
    CommandKind.CLEAR_CONNECTION: lambda c, device, one, other: ClearConnection(one),
    CommandKind.CLEAR_CALL: lambda c, device, one, other: ClearCall(one),
    CommandKind.HOLD_CALL: lambda c, device, one, other: HoldCall(one),
    CommandKind.RETRIEVE_CALL: lambda c, device, one, other: RetrieveCall(one),
    CommandKind.ALTERNATE_CALL: lambda c, device, one, other: AlternateCall(other, one),
    CommandKind.RECONNECT_CALL: lambda c, device, one, other: ReconnectCall(one, other),
    CommandKind.CONSULTATION_CALL: lambda c, device, one, other: ConsultationCall(one, c.destination),
    CommandKind.TRANSFER_CALL: lambda c, device, one, other: TransferCall(other, one),
    CommandKind.CONFERENCE_CALL: lambda c, device, one, other: ConferenceCall(other, one),
    CommandKind.SINGLE_STEP_TRANSFER: lambda c, device, one, other: SingleStepTransferCall(one, c.destination),
    CommandKind.DEFLECT_CALL: lambda c, device, one, other: DeflectCall(one, c.destination),
}

_NO_CONNECTION = ConnectionID("")
_NO_ANSWER = {
    Unanswered.TIMED_OUT: Refusal.NO_ANSWER_FROM_SWITCH,
    Unanswered.LINK_LOST: Refusal.NO_ANSWER_FROM_SWITCH,
    Unanswered.NOT_SENT: Refusal.LINK_DOWN,
    Unanswered.NOT_SENT_IN_TIME: Refusal.TOO_MANY_REQUESTS,
    Unanswered.TOO_MANY: Refusal.TOO_MANY_REQUESTS,
}
"""What was sent may have been done; what was not sent was not."""


def request_for(command: Command, target: CommandTarget, device: str) -> Message | None:
    """The CSTA request of a command; None for a kind that this link does not support."""
    service = SERVICES.get(command.kind)
    if service is None:
        return None
    return service(command, device, _written(target.connection), _written(target.other))


def outcome_of(answer: Answer) -> Outcome:
    """What the switch's answer means to the requester."""
    if isinstance(answer, NoAnswer):
        return Outcome(_NO_ANSWER[answer.why], answer.why.value)
    if isinstance(answer, CSTAErrorCode):
        error = f"{answer.category.value} {answer.value}".strip()
        return Outcome(Refusal.REFUSED_BY_SWITCH, "the switch refused", switch_error=error)
    if isinstance(answer, ParseProblem | UnknownMessage):
        return Outcome(Refusal.REFUSED_BY_SWITCH, "the switch answered what is no answer", switch_error=str(answer))
    return Outcome()


def _written(connection: SwitchConnection | None) -> ConnectionID:
    return _NO_CONNECTION if connection is None else ConnectionID(connection.call, connection.key or None)
