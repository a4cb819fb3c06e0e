"""Codes that say why, and the exceptions a client raises.

    UlpError                 anything that ends a client's connection, with its code
    ├── Unreachable          name not found, connection refused, timed out
    ├── WrongProtocol        something listens there, and it is no ULP server
    ├── Refused              the server said REFUSED
    └── SessionEnded         BYE from either side, heartbeats missed, connection lost

Codes are API and stand in docs/protocol.md; the text beside a code is for people and may change.
"""

from dataclasses import dataclass
from enum import IntEnum

from model.commands import Refusal


class Code(IntEnum):
    """1–99 answer a request (the model's ``Refusal``), 100–149 end a session, 150–199 explain a GAP."""

    ACCEPTED = 0

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
    UNKNOWN_STREAM = 90
    NOT_IN_THIS_VERSION = 91
    FILTER_TOO_LARGE = 92
    UNKNOWN_CONSUMER = 93

    NORMAL = 100
    BAD_FRAME = 101
    BODY_TOO_LARGE = 102
    NOT_ULP = 103
    VERSION_NOT_SPOKEN = 104
    UNEXPECTED_FRAME = 105
    HELLO_TOO_LATE = 106
    TOO_MANY_SESSIONS = 107
    ROLE_REFUSED = 108
    LOG_IN_FAILED = 109
    LOG_IN_REQUIRED = 110
    HEARTBEAT_LOST = 111
    SLOW_CONSUMER = 112
    EPOCH_CHANGED = 113
    SHUTTING_DOWN = 114
    TERM_TOO_LOW = 115
    CONNECTION_LOST = 116
    CONSUMER_TAKEN_OVER = 117

    NOT_HELD = 150
    OTHER_EPOCH = 151
    AHEAD_OF_STREAM = 152
    JOURNAL_HOLE = 153
    CONSUMER_BEHIND = 154


TEXT: dict[Code, str] = {
    Code.ACCEPTED: "accepted",
    Code.NOT_SUPPORTED: "this server or switch does not do that",
    Code.NOT_PERMITTED: "the session's role may not do that",
    Code.NO_SEAT: "the device has no licence seat",
    Code.UNKNOWN_DEVICE: "no such device",
    Code.UNKNOWN_CALL: "no such call",
    Code.WRONG_STATE: "not possible in the present state",
    Code.AMBIGUOUS_CALL: "the device has more than one call this could mean",
    Code.BAD_DESTINATION: "not a number that can be reached",
    Code.LINK_DOWN: "no link to the switch",
    Code.REFUSED_BY_SWITCH: "the switch refused",
    Code.NO_ANSWER_FROM_SWITCH: "the switch did not answer in time",
    Code.TOO_MANY_REQUESTS: "too many requests without a reply",
    Code.MALFORMED: "the body is not as the specification says",
    Code.STILL_RUNNING: "the same request is still running",
    Code.UNKNOWN_STREAM: "WELCOME named no stream with that index",
    Code.NOT_IN_THIS_VERSION: "specified, and not in this version of the server",
    Code.FILTER_TOO_LARGE: "the filter index has no room for this filter",
    Code.UNKNOWN_CONSUMER: "the server's settings name no durable consumer so",
    Code.NORMAL: "the session is done",
    Code.BAD_FRAME: "the frame is not as the specification says",
    Code.BODY_TOO_LARGE: "the announced body is larger than allowed",
    Code.NOT_ULP: "the peer does not speak ULP",
    Code.VERSION_NOT_SPOKEN: "no common protocol version",
    Code.UNEXPECTED_FRAME: "a frame that may not come here",
    Code.HELLO_TOO_LATE: "no HELLO in time",
    Code.TOO_MANY_SESSIONS: "the server has as many sessions as it takes",
    Code.ROLE_REFUSED: "the role asked for is not granted",
    Code.LOG_IN_FAILED: "name or password wrong",
    Code.LOG_IN_REQUIRED: "the server asks for a log-in",
    Code.HEARTBEAT_LOST: "nothing was received for three heartbeats",
    Code.SLOW_CONSUMER: "the subscriber reads more slowly than events come",
    Code.EPOCH_CHANGED: "the stream began anew",
    Code.SHUTTING_DOWN: "the server is going down",
    Code.TERM_TOO_LOW: "another server has taken over since",
    Code.CONNECTION_LOST: "the connection was lost",
    Code.CONSUMER_TAKEN_OVER: "another session goes on as the same durable consumer",
    Code.NOT_HELD: "those events are no longer held",
    Code.OTHER_EPOCH: "the number belongs to another epoch of the stream",
    Code.AHEAD_OF_STREAM: "the number is ahead of the stream",
    Code.JOURNAL_HOLE: "those events were never written to the journal",
    Code.CONSUMER_BEHIND: "retention passed this consumer's place",
}


def code_of(number: int) -> Code | None:
    """The code of a wire number, None for one that this version does not know."""
    try:
        return Code(number)
    except ValueError:
        return None


def code_name(number: int) -> str:
    """A code's name as JSON and logs spell it; an unknown one as ``code_77``."""
    code = code_of(number)
    return code.name.lower() if code is not None else f"code_{number}"


def code_of_refusal(refusal: Refusal | None) -> Code:
    """The wire code of an outcome's refusal."""
    return Code.ACCEPTED if refusal is None else Code(refusal)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with bytes from a peer: a value, to be counted, logged and answered."""

    code: Code
    text: str


class UlpError(Exception):
    """Base: ``code`` for programs, ``str()`` for people."""

    def __init__(self, code: Code, text: str = "") -> None:
        self.code = code
        self.text = text or TEXT[code]
        super().__init__(self.text)


class Unreachable(UlpError):
    """Nobody answers at that address."""


class WrongProtocol(UlpError):
    """What answers there is no ULP server."""


class Refused(UlpError):
    """The server does not open a session, or not this subscription."""

    def __str__(self) -> str:
        return f"{self.text} ({self.code.name.lower()})"


class SessionEnded(UlpError):
    """The session is over; a client that wants more connects again."""

    def __str__(self) -> str:
        return f"{self.text} ({self.code.name.lower()})"
