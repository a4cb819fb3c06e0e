"""Parts and calls for the tests of the ledger's modules, made by hand."""

from cdr.ledger.draft import Conversation, Part
from cdr.records import PartState, Role
from model.causes import Cause
from model.events import CallEvent, CallEventKind
from model.ids import (
    CallId,
    ConnectionKey,
    ConversationId,
    DeviceNumber,
    EventId,
    Microseconds,
    SwitchCallId,
)
from model.states import ConnectionState, PortKind
from model.view import Call, Connection

SECOND = 1_000_000
CONNECTED, ALERTING, HOLD = ConnectionState.CONNECTED, ConnectionState.ALERTING, ConnectionState.HOLD
QUEUED, FAIL = ConnectionState.QUEUED, ConnectionState.FAIL


def part(
    device: str,
    connection: ConnectionState = CONNECTED,
    *,
    kind: PortKind | None = PortKind.EXT,
    role: Role = Role.CALLED,
    call: int = 1,
    trunk: str = "",
    key: str | None = None,
    began: int = 1,
    state: PartState = PartState.DIALLING,
) -> Part:
    """A part that began with event ``began``, at that second."""
    call_id = EventId(1, call)
    return Part(
        EventId(1, began),
        0,
        device,
        trunk,
        device if key is None else key,
        kind,
        call_id,
        call_id,
        role,
        "",
        connection,
        began * SECOND,
        began * SECOND,
        state,
    )


def outside(number: str = "13800", trunk: str = "T001", *, role: Role = Role.CALLER, began: int = 1) -> Part:
    """An outside party on a trunk."""
    return part(number, kind=None, role=role, trunk=trunk, key=trunk, began=began)


def story(*parts: Part) -> Conversation:
    """A conversation of these parts, in call 1."""
    held = Conversation(EventId(1, 1), parts[0].device if parts else "", "", SECOND, SECOND)
    held.parts += parts
    held.calls.append(EventId(1, 1))
    return held


def seen(device: str, state: ConnectionState = CONNECTED, *, trunk: str = "", key: str | None = None) -> Connection:
    """A connection as an event tells it."""
    of = ConnectionKey(device if key is None else key)
    return Connection(of, DeviceNumber(device), state, Microseconds(SECOND), DeviceNumber(trunk))


def call(number: int, *connections: Connection, conversation: int | None = None, ended: bool = False) -> Call:
    """A call as an event tells it; the caller is its first party."""
    return Call(
        CallId(EventId(1, number)),
        ConversationId(EventId(1, conversation or number)),
        SwitchCallId(str(number)),
        Microseconds(SECOND),
        connections[0].device if connections else DeviceNumber(""),
        connections[-1].device if connections else DeviceNumber(""),
        DeviceNumber(""),
        connections,
        ended,
    )


def event(
    kind: CallEventKind,
    subject: str,
    *calls: Call,
    at: int = 5,
    cause: Cause = Cause.NONE,
    other: str | None = None,
    proof: int | None = None,
) -> CallEvent:
    """An event at second ``at``, which is its number too."""
    return CallEvent(
        kind,
        at,
        Microseconds(at * SECOND),
        cause,
        DeviceNumber(subject),
        calls,
        (),
        other=None if other is None else DeviceNumber(other),
        last_proof_us=None if proof is None else Microseconds(proof * SECOND),
    )
