"""Call control services and their answers (ECMA-269 clause 17.1); field order is the order of elements on the wire.

ReconnectCall names the active call first, Alternate, Transfer and Conference the held one: that is the schema's.
"""

from __future__ import annotations

import enum

from gateway.links.csta_xml.messages.causes import EventCause
from gateway.links.csta_xml.messages.elements import CstaMessage
from gateway.links.csta_xml.messages.identifiers import ConnectionID, ConnectionListItem
from gateway.links.csta_xml.messages.value import value


class AutoOriginate(enum.StrEnum):
    PROMPT = "prompt"
    DO_NOT_PROMPT = "doNotPrompt"


class ConsultOptions(enum.StrEnum):
    UNRESTRICTED = "unrestricted"
    CONSULT_ONLY = "consultOnly"
    TRANSFER_ONLY = "transferOnly"
    CONFERENCE_ONLY = "conferenceOnly"


class ParticipationType(enum.StrEnum):
    SILENT = "silent"
    ACTIVE = "active"
    NONE = "none"


class DigitMode(enum.StrEnum):
    ROTARY_PULSE = "rotaryPulse"
    DTMF = "dTMF"


@value
class MakeCall(CstaMessage):
    calling_device: str
    called_directory_number: str
    auto_originate: AutoOriginate | None = None


@value
class MakeCallResponse(CstaMessage):
    calling_device: ConnectionID


@value
class AnswerCall(CstaMessage):
    call_to_be_answered: ConnectionID


@value
class AnswerCallResponse(CstaMessage):
    pass


@value
class ClearCall(CstaMessage):
    call_to_be_cleared: ConnectionID


@value
class ClearCallResponse(CstaMessage):
    pass


@value
class ClearConnection(CstaMessage):
    connection_to_be_cleared: ConnectionID
    reason: EventCause | str | None = None


@value
class ClearConnectionResponse(CstaMessage):
    pass


@value
class HoldCall(CstaMessage):
    call_to_be_held: ConnectionID
    connection_reservation: bool | None = None


@value
class HoldCallResponse(CstaMessage):
    pass


@value
class RetrieveCall(CstaMessage):
    call_to_be_retrieved: ConnectionID


@value
class RetrieveCallResponse(CstaMessage):
    pass


@value
class ConsultationCall(CstaMessage):
    existing_call: ConnectionID
    consulted_device: str
    consult_options: ConsultOptions | None = None


@value
class ConsultationCallResponse(CstaMessage):
    initiated_call: ConnectionID


@value
class AlternateCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@value
class AlternateCallResponse(CstaMessage):
    pass


@value
class ReconnectCall(CstaMessage):
    active_call: ConnectionID
    held_call: ConnectionID


@value
class ReconnectCallResponse(CstaMessage):
    pass


@value
class TransferCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@value
class TransferCallResponse(CstaMessage):
    transferred_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@value
class ConferenceCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@value
class ConferenceCallResponse(CstaMessage):
    conference_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@value
class SingleStepTransferCall(CstaMessage):
    active_call: ConnectionID
    transferred_to: str


@value
class SingleStepTransferCallResponse(CstaMessage):
    transferred_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@value
class SingleStepConferenceCall(CstaMessage):
    active_call: ConnectionID
    device_to_join: str
    participation_type: ParticipationType


@value
class SingleStepConferenceCallResponse(CstaMessage):
    conferenced_call: ConnectionID


@value
class DeflectCall(CstaMessage):
    """`new_destination` is text in editions 3 to 5 and `newDestination/device` in edition 6; both are understood."""

    call_to_be_diverted: ConnectionID
    new_destination: str


@value
class DeflectCallResponse(CstaMessage):
    pass


@value
class DirectedPickupCall(CstaMessage):
    call_to_be_picked_up: ConnectionID
    requesting_device: str


@value
class DirectedPickupCallResponse(CstaMessage):
    picked_call: ConnectionID


@value
class GenerateDigits(CstaMessage):
    """`tone_duration` and `pause_duration` are milliseconds."""

    connection_to_send_digits: ConnectionID
    digit_mode: DigitMode | None = None
    characters_to_send: str | None = None
    tone_duration: int | None = None
    pause_duration: int | None = None


@value
class GenerateDigitsResponse(CstaMessage):
    pass
