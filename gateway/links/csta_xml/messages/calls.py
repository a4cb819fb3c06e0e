"""Call control services and their answers (ECMA-269 clause 17.1); field order is the order of elements on the wire.

ReconnectCall names the active call first, Alternate, Transfer and Conference the held one: that is the schema's.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gateway.links.csta_xml.messages.causes import EventCause
from gateway.links.csta_xml.messages.elements import CstaMessage
from gateway.links.csta_xml.messages.identifiers import ConnectionID, ConnectionListItem


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


@dataclass(frozen=True, slots=True)
class MakeCall(CstaMessage):
    calling_device: str
    called_directory_number: str
    auto_originate: AutoOriginate | None = None


@dataclass(frozen=True, slots=True)
class MakeCallResponse(CstaMessage):
    calling_device: ConnectionID


@dataclass(frozen=True, slots=True)
class AnswerCall(CstaMessage):
    call_to_be_answered: ConnectionID


@dataclass(frozen=True, slots=True)
class AnswerCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class ClearCall(CstaMessage):
    call_to_be_cleared: ConnectionID


@dataclass(frozen=True, slots=True)
class ClearCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class ClearConnection(CstaMessage):
    connection_to_be_cleared: ConnectionID
    reason: EventCause | str | None = None


@dataclass(frozen=True, slots=True)
class ClearConnectionResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class HoldCall(CstaMessage):
    call_to_be_held: ConnectionID
    connection_reservation: bool | None = None


@dataclass(frozen=True, slots=True)
class HoldCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class RetrieveCall(CstaMessage):
    call_to_be_retrieved: ConnectionID


@dataclass(frozen=True, slots=True)
class RetrieveCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class ConsultationCall(CstaMessage):
    existing_call: ConnectionID
    consulted_device: str
    consult_options: ConsultOptions | None = None


@dataclass(frozen=True, slots=True)
class ConsultationCallResponse(CstaMessage):
    initiated_call: ConnectionID


@dataclass(frozen=True, slots=True)
class AlternateCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@dataclass(frozen=True, slots=True)
class AlternateCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class ReconnectCall(CstaMessage):
    active_call: ConnectionID
    held_call: ConnectionID


@dataclass(frozen=True, slots=True)
class ReconnectCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class TransferCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@dataclass(frozen=True, slots=True)
class TransferCallResponse(CstaMessage):
    transferred_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@dataclass(frozen=True, slots=True)
class ConferenceCall(CstaMessage):
    held_call: ConnectionID
    active_call: ConnectionID


@dataclass(frozen=True, slots=True)
class ConferenceCallResponse(CstaMessage):
    conference_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@dataclass(frozen=True, slots=True)
class SingleStepTransferCall(CstaMessage):
    active_call: ConnectionID
    transferred_to: str


@dataclass(frozen=True, slots=True)
class SingleStepTransferCallResponse(CstaMessage):
    transferred_call: ConnectionID
    connections: tuple[ConnectionListItem, ...] | None = None


@dataclass(frozen=True, slots=True)
class SingleStepConferenceCall(CstaMessage):
    active_call: ConnectionID
    device_to_join: str
    participation_type: ParticipationType


@dataclass(frozen=True, slots=True)
class SingleStepConferenceCallResponse(CstaMessage):
    conferenced_call: ConnectionID


@dataclass(frozen=True, slots=True)
class DeflectCall(CstaMessage):
    """`new_destination` is text in editions 3 to 5 and `newDestination/device` in edition 6; both are understood."""

    call_to_be_diverted: ConnectionID
    new_destination: str


@dataclass(frozen=True, slots=True)
class DeflectCallResponse(CstaMessage):
    pass


@dataclass(frozen=True, slots=True)
class DirectedPickupCall(CstaMessage):
    call_to_be_picked_up: ConnectionID
    requesting_device: str


@dataclass(frozen=True, slots=True)
class DirectedPickupCallResponse(CstaMessage):
    picked_call: ConnectionID


@dataclass(frozen=True, slots=True)
class GenerateDigits(CstaMessage):
    """`tone_duration` and `pause_duration` are milliseconds."""

    connection_to_send_digits: ConnectionID
    digit_mode: DigitMode | None = None
    characters_to_send: str | None = None
    tone_duration: int | None = None
    pause_duration: int | None = None


@dataclass(frozen=True, slots=True)
class GenerateDigitsResponse(CstaMessage):
    pass
