"""What a consumer may ask of the switch: call control and the answers to it.

A command names a device and what to do; the call is optional where the device's state leaves only one choice. The
reply says only that the switch accepted; what happened comes as events.
"""

from enum import IntEnum

from model.ids import CallId, DeviceNumber
from model.value import value


class CommandKind(IntEnum):
    """Request kinds; the numbers are ULP kinds (docs/protocol.md). Services of ECMA-269 17.1 unless said otherwise."""

    MAKE_CALL = 0x0101
    ANSWER_CALL = 0x0102
    CLEAR_CONNECTION = 0x0103
    HOLD_CALL = 0x0104
    RETRIEVE_CALL = 0x0105
    ALTERNATE_CALL = 0x0106
    RECONNECT_CALL = 0x0107
    CONSULTATION_CALL = 0x0108
    TRANSFER_CALL = 0x0109
    SINGLE_STEP_TRANSFER = 0x010A
    CONFERENCE_CALL = 0x010B
    SINGLE_STEP_CONFERENCE = 0x010C
    DEFLECT_CALL = 0x010D
    PICKUP_CALL = 0x010E
    SEND_DIGITS = 0x010F
    SET_DO_NOT_DISTURB = 0x0110
    SET_FORWARDING = 0x0111
    ATTACH_DATA = 0x0112
    CLEAR_CALL = 0x0113


@value
class Command:
    """A request for the switch.

    ``destination``: number to dial, transfer or deflect to (MAKE_CALL, CONSULTATION_CALL, SINGLE_STEP_*,
    DEFLECT_CALL, PICKUP_CALL, SET_FORWARDING), or the digits of SEND_DIGITS; ``value`` the on/off of a SET_*.
    """

    kind: CommandKind
    device: DeviceNumber
    call_id: CallId | None = None
    destination: str = ""
    value: bool = False


class Refusal(IntEnum):
    """Why a request was not done; the numbers and names are API (docs/protocol.md), the text beside them is not."""

    NOT_SUPPORTED = 1
    NOT_PERMITTED = 2
    NO_SEAT = 3
    UNKNOWN_DEVICE = 4
    UNKNOWN_CALL = 5
    WRONG_STATE = 6
    AMBIGUOUS_CALL = 7
    BAD_DESTINATION = 8
    LINK_DOWN = 9
    REFUSED_BY_SWITCH = 10
    NO_ANSWER_FROM_SWITCH = 11
    TOO_MANY_REQUESTS = 12
    MALFORMED = 13
    STILL_RUNNING = 14


@value
class Outcome:
    """Answer to a command: accepted (``refusal`` None) or refused, with the switch's own error beside our code."""

    refusal: Refusal | None = None
    text: str = ""
    switch_error: str = ""
    call_id: CallId | None = None
    """MAKE_CALL and CONSULTATION_CALL: the new call, where the model knows it already."""
