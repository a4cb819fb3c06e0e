"""Call control services (ECMA-269 17.1): each takes a request and returns its response or a CSTAErrorCode."""

from __future__ import annotations

from collections.abc import Callable

from gateway.links.csta_xml import messages as m
from simulator import answering, clearing, holding, originating, transferring
from simulator.calls import Leg
from simulator.operands import find_call, find_leg, find_two_legs
from simulator.switch import Switch, wrong_operand, wrong_state

Answer = m.Message


def make_call(switch: Switch, client: int, request: m.MakeCall) -> Answer:
    leg = originating.make_call(switch, request.calling_device, request.called_directory_number)
    return leg if isinstance(leg, m.CSTAErrorCode) else m.MakeCallResponse(leg.connection)


def answer_call(switch: Switch, client: int, request: m.AnswerCall) -> Answer:
    return _on_leg(
        switch, request.call_to_be_answered, lambda leg: answering.answer(switch, leg), m.AnswerCallResponse()
    )


def clear_connection(switch: Switch, client: int, request: m.ClearConnection) -> Answer:
    leg = find_leg(switch, request.connection_to_be_cleared)
    if isinstance(leg, m.CSTAErrorCode):
        return leg
    clearing.clear_leg(switch, leg)
    return m.ClearConnectionResponse()


def clear_call(switch: Switch, client: int, request: m.ClearCall) -> Answer:
    call = find_call(switch, request.call_to_be_cleared)
    if isinstance(call, m.CSTAErrorCode):
        return call
    clearing.clear_call(switch, call)
    return m.ClearCallResponse()


def hold_call(switch: Switch, client: int, request: m.HoldCall) -> Answer:
    return _on_leg(switch, request.call_to_be_held, lambda leg: holding.hold(switch, leg), m.HoldCallResponse())


def retrieve_call(switch: Switch, client: int, request: m.RetrieveCall) -> Answer:
    return _on_leg(
        switch, request.call_to_be_retrieved, lambda leg: holding.retrieve(switch, leg), m.RetrieveCallResponse()
    )


def consultation_call(switch: Switch, client: int, request: m.ConsultationCall) -> Answer:
    leg = find_leg(switch, request.existing_call)
    if isinstance(leg, m.CSTAErrorCode):
        return leg
    new_leg = holding.consult(switch, leg, request.consulted_device)
    return new_leg if isinstance(new_leg, m.CSTAErrorCode) else m.ConsultationCallResponse(new_leg.connection)


def alternate_call(switch: Switch, client: int, request: m.AlternateCall) -> Answer:
    legs = find_two_legs(switch, request.held_call, request.active_call)
    if isinstance(legs, m.CSTAErrorCode):
        return legs
    return holding.alternate(switch, *legs) or m.AlternateCallResponse()


def reconnect_call(switch: Switch, client: int, request: m.ReconnectCall) -> Answer:
    legs = find_two_legs(switch, request.held_call, request.active_call)
    if isinstance(legs, m.CSTAErrorCode):
        return legs
    held, active = legs
    return holding.reconnect(switch, active, held) or m.ReconnectCallResponse()


def transfer_call(switch: Switch, client: int, request: m.TransferCall) -> Answer:
    legs = find_two_legs(switch, request.held_call, request.active_call)
    if isinstance(legs, m.CSTAErrorCode):
        return legs
    done = transferring.transfer(switch, *legs)
    return done if isinstance(done, m.CSTAErrorCode) else m.TransferCallResponse(done[0].connection, done[1])


def conference_call(switch: Switch, client: int, request: m.ConferenceCall) -> Answer:
    legs = find_two_legs(switch, request.held_call, request.active_call)
    if isinstance(legs, m.CSTAErrorCode):
        return legs
    done = transferring.conference(switch, *legs)
    return done if isinstance(done, m.CSTAErrorCode) else m.ConferenceCallResponse(done[0].connection, done[1])


def single_step_transfer(switch: Switch, client: int, request: m.SingleStepTransferCall) -> Answer:
    leg = find_leg(switch, request.active_call)
    if isinstance(leg, m.CSTAErrorCode):
        return leg
    done = transferring.single_step_transfer(switch, leg, request.transferred_to)
    return done if isinstance(done, m.CSTAErrorCode) else m.SingleStepTransferCallResponse(*done)


def single_step_conference(switch: Switch, client: int, request: m.SingleStepConferenceCall) -> Answer:
    leg = find_leg(switch, request.active_call)
    if isinstance(leg, m.CSTAErrorCode):
        return leg
    joined = transferring.single_step_conference(switch, leg, request.device_to_join, request.participation_type)
    return joined if isinstance(joined, m.CSTAErrorCode) else m.SingleStepConferenceCallResponse(joined.connection)


def deflect_call(switch: Switch, client: int, request: m.DeflectCall) -> Answer:
    return _on_leg(
        switch,
        request.call_to_be_diverted,
        lambda leg: answering.deflect(switch, leg, request.new_destination),
        m.DeflectCallResponse(),
    )


def directed_pickup(switch: Switch, client: int, request: m.DirectedPickupCall) -> Answer:
    leg = find_leg(switch, request.call_to_be_picked_up)
    if isinstance(leg, m.CSTAErrorCode):
        return leg
    picked = answering.pick_up(switch, leg, request.requesting_device)
    return picked if isinstance(picked, m.CSTAErrorCode) else m.DirectedPickupCallResponse(picked.connection)


def generate_digits(switch: Switch, client: int, request: m.GenerateDigits) -> Answer:
    def act(leg: Leg) -> m.CSTAErrorCode | None:
        if leg.state is not m.LocalConnectionState.CONNECTED:
            return wrong_state("invalidConnectionState")
        return None if request.characters_to_send else wrong_operand("charactersToSendNotSupported")

    return _on_leg(switch, request.connection_to_send_digits, act, m.GenerateDigitsResponse())


def _on_leg(
    switch: Switch, connection: m.ConnectionID, act: Callable[[Leg], m.CSTAErrorCode | None], done: m.Message
) -> Answer:
    leg = find_leg(switch, connection)
    return leg if isinstance(leg, m.CSTAErrorCode) else act(leg) or done
