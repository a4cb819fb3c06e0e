"""Each call control request in each state of a device: done, or refused by the name of what is wrong."""

from collections.abc import Callable

import pytest

from gateway.links.csta_xml import messages as m
from simulator.answering import answer
from simulator.calls import State
from simulator.holding import consult, hold
from simulator.services import perform
from tests.simulator.stage import Stage

STATES = ("none", "calling", "ringing", "talking", "holding", "consulting", "failed")
"""Of device 1000; its (first) connection is in call 1, the consultation is call 2."""


def brought_to(state: str) -> Stage:
    stage = Stage("1000 1001 1002")
    if state == "ringing":
        stage.call("1001", "1000")
    elif state == "failed":
        stage.call("1000", "77")
    elif state != "none":
        leg = stage.call("1000", "1001")
        if state != "calling":
            answer(stage.switch, stage.leg("1001"))
        if state == "holding":
            hold(stage.switch, leg)
        if state == "consulting":
            consult(stage.switch, leg, "1002")
            answer(stage.switch, stage.leg("1002"))
    stage.told()
    return stage


FIRST, SECOND = m.ConnectionID("1", "1000"), m.ConnectionID("2", "1000")
REQUESTS: dict[str, Callable[[], m.Message]] = {
    "make": lambda: m.MakeCall("1000", "1003"),
    "answer": lambda: m.AnswerCall(FIRST),
    "clear": lambda: m.ClearConnection(FIRST),
    "clear call": lambda: m.ClearCall(FIRST),
    "hold": lambda: m.HoldCall(FIRST),
    "retrieve": lambda: m.RetrieveCall(FIRST),
    "consult": lambda: m.ConsultationCall(FIRST, "1003"),
    "alternate": lambda: m.AlternateCall(FIRST, SECOND),
    "reconnect": lambda: m.ReconnectCall(SECOND, FIRST),
    "transfer": lambda: m.TransferCall(FIRST, SECOND),
    "conference": lambda: m.ConferenceCall(FIRST, SECOND),
    "single step transfer": lambda: m.SingleStepTransferCall(FIRST, "1003"),
    "single step conference": lambda: m.SingleStepConferenceCall(FIRST, "1003", m.ParticipationType.ACTIVE),
    "deflect": lambda: m.DeflectCall(FIRST, "1003"),
    "pick up": lambda: m.DirectedPickupCall(FIRST, "1003"),
    "digits": lambda: m.GenerateDigits(FIRST, m.DigitMode.DTMF, "12#"),
}
WANTED = """
request                | none              | calling                    | ringing                    | talking                    | holding                    | consulting                  | failed
make                   | done              | invalidCallingDeviceState  | invalidCallingDeviceState  | invalidCallingDeviceState  | done                       | invalidCallingDeviceState   | invalidCallingDeviceState
answer                 | invalidCallID     | noCallToAnswer             | done                       | noCallToAnswer             | noCallToAnswer             | noCallToAnswer              | noCallToAnswer
clear                  | invalidCallID     | done                       | done                       | done                       | done                       | done                        | done
clear call             | invalidCallID     | done                       | done                       | done                       | done                       | done                        | done
hold                   | invalidCallID     | noActiveCall               | noActiveCall               | done                       | noActiveCall               | noActiveCall                | noActiveCall
retrieve               | invalidCallID     | noHeldCall                 | noHeldCall                 | noHeldCall                 | done                       | connectedCallExists         | noHeldCall
consult                | invalidCallID     | noActiveCall               | noActiveCall               | done                       | done                       | connectedCallExists         | noActiveCall
alternate              | invalidHeldCallID | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | done                        | invalidActiveCallID
reconnect              | invalidHeldCallID | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | done                        | invalidActiveCallID
transfer               | invalidHeldCallID | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | done                        | invalidActiveCallID
conference             | invalidHeldCallID | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | invalidActiveCallID        | done                        | invalidActiveCallID
single step transfer   | invalidCallID     | noActiveCall               | noActiveCall               | done                       | noActiveCall               | noActiveCall                | noActiveCall
single step conference | invalidCallID     | noActiveCall               | noActiveCall               | done                       | noActiveCall               | noActiveCall                | noActiveCall
deflect                | invalidCallID     | invalidConnectionState     | done                       | invalidConnectionState     | invalidConnectionState     | invalidConnectionState      | invalidConnectionState
pick up                | invalidCallID     | invalidConnectionState     | done                       | invalidConnectionState     | invalidConnectionState     | invalidConnectionState      | invalidConnectionState
digits                 | invalidCallID     | done                       | invalidConnectionState     | done                       | invalidConnectionState     | invalidConnectionState      | invalidConnectionState
"""  # noqa: E501 - a table is read as a table


def table() -> dict[tuple[str, str], str]:
    heading, *rows = [[cell.strip() for cell in line.split("|")] for line in WANTED.strip().splitlines()]
    return {(row[0], state): cell for row in rows for state, cell in zip(heading[1:], row[1:], strict=True)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("request_name", REQUESTS)
def test_each_request_in_each_state(request_name: str, state: str) -> None:
    stage = brought_to(state)
    states_before = {call_id: call.states for call_id, call in stage.switch.calls.items()}
    reply = perform(stage.switch, 1, REQUESTS[request_name]())
    refusal = reply.value if isinstance(reply, m.CSTAErrorCode) else "done"
    assert refusal == table()[request_name, state]
    if refusal != "done":
        assert stage.told() == []
        assert {call_id: call.states for call_id, call in stage.switch.calls.items()} == states_before
    elif request_name != "digits":
        assert stage.told() != []


def test_responses_name_the_connections_that_came_of_it() -> None:
    stage = brought_to("talking")
    consulted = perform(stage.switch, 1, m.ConsultationCall(FIRST, "1002"))
    assert consulted == m.ConsultationCallResponse(SECOND)
    answer(stage.switch, stage.leg("1002"))
    transferred = perform(stage.switch, 1, m.TransferCall(FIRST, SECOND))
    assert isinstance(transferred, m.TransferCallResponse)
    assert transferred.transferred_call == m.ConnectionID("3", "1002")
    assert transferred.connections is not None
    assert len(transferred.connections) == 2
    made = perform(stage.switch, 1, m.MakeCall("1000", "1003"))
    assert made == m.MakeCallResponse(m.ConnectionID("4", "1000"))
    picked = perform(stage.switch, 1, m.DirectedPickupCall(m.ConnectionID("4", "1003"), "1004"))
    assert picked == m.DirectedPickupCallResponse(m.ConnectionID("4", "1004"))
    joined = perform(
        stage.switch,
        1,
        m.SingleStepConferenceCall(m.ConnectionID("4", "1004"), "1003", m.ParticipationType.ACTIVE),
    )
    assert joined == m.SingleStepConferenceCallResponse(m.ConnectionID("4", "1003"))


def test_digits_need_characters() -> None:
    stage = brought_to("talking")
    reply = perform(stage.switch, 1, m.GenerateDigits(FIRST))
    assert reply == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "charactersToSendNotSupported")


def test_conference_answers_with_the_own_connection() -> None:
    stage = brought_to("consulting")
    reply = perform(stage.switch, 1, m.ConferenceCall(FIRST, SECOND))
    assert isinstance(reply, m.ConferenceCallResponse)
    assert reply.conference_call == m.ConnectionID("3", "1000")
    assert stage.leg("1000").state is State.CONNECTED
