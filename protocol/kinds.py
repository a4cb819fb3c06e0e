"""Kinds of frames and roles of sessions: the numbers of docs/protocol.md, never used twice.

Which side may send a kind, and who gets an event, is data here, so that session, stream and the specification's
test read one table.
"""

from enum import Enum, IntEnum

from model.centre_events import AgentEventKind, IvrEventKind, VisitEventKind
from model.commands import CommandKind
from model.events import CallEventKind


class Kind(IntEnum):
    """Number of a frame kind. Its lower-case name is its name in JSON and logs."""

    HELLO = 0x0001
    CHALLENGE = 0x0002
    PROOF = 0x0003
    WELCOME = 0x0004
    REFUSED = 0x0005
    SUBSCRIBE = 0x0006
    SUBSCRIBED = 0x0007
    GAP = 0x0008
    POSITION = 0x0009
    HEARTBEAT = 0x000A
    BYE = 0x000B
    REPLY = 0x000C
    CONSUMED = 0x000D

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

    QUERY_CALL = 0x0121
    QUERY_DEVICE = 0x0122
    QUERY_AGENT = 0x0123
    QUERY_QUEUE = 0x0124
    QUERY_LINK = 0x0125
    QUERY_SESSIONS = 0x0126

    LINK_START = 0x0141
    LINK_STOP = 0x0142
    RELOAD = 0x0143
    SET_LOG_LEVEL = 0x0144

    SERVICE_INITIATED = 0x0201
    DIGITS_DIALED = 0x0202
    ORIGINATED = 0x0203
    NETWORK_REACHED = 0x0204
    OFFERED = 0x0205
    DELIVERED = 0x0206
    QUEUED = 0x0207
    ESTABLISHED = 0x0208
    HELD = 0x0209
    RETRIEVED = 0x020A
    BRIDGED = 0x020B
    DIVERTED = 0x020C
    FAILED = 0x020D
    CONNECTION_CLEARED = 0x020E
    CALL_CLEARED = 0x020F
    CALL_INFORMATION = 0x0210
    TRANSFERRED = 0x0211
    CONFERENCED = 0x0212
    RECONCILED = 0x0213

    DEVICE_CHANGED = 0x0221
    LINK_CHANGED = 0x0222
    LICENCE_CHANGED = 0x0223
    MODEL_MISMATCH = 0x0224
    CONDITION_CHANGED = 0x0225

    AGENT_LOGGED_IN = 0x0401
    AGENT_STATE_CHANGED = 0x0402
    AGENT_LOGGED_OUT = 0x0403
    QUEUE_ENTERED = 0x0411
    QUEUE_OFFERED = 0x0412
    QUEUE_OFFER_ENDED = 0x0413
    QUEUE_LEFT = 0x0414
    SEEN = 0x0431

    IVR_SESSION_BEGAN = 0x0501
    IVR_NODE_ENTERED = 0x0502
    IVR_DIGITS_COLLECTED = 0x0503
    IVR_SESSION_ENDED = 0x0504

    SNAPSHOT_LINK = 0x0301
    SNAPSHOT_LICENCE = 0x0302
    SNAPSHOT_DEVICE = 0x0303
    SNAPSHOT_CALL = 0x0304
    SNAPSHOT_END = 0x0305
    SNAPSHOT_CONDITION = 0x0306
    SNAPSHOT_AGENT = 0x0307
    SNAPSHOT_QUEUE_VISIT = 0x0308
    SNAPSHOT_IVR_SESSION = 0x0309
    SNAPSHOT_SEEN = 0x030A


class Role(IntEnum):
    """What a session may see and ask (docs/protocol.md, Roles)."""

    CONSUMER = 1
    AGENT = 2
    SUPERVISOR = 3
    ADMIN = 4


class Group(Enum):
    """What a kind is, hence who may send it."""

    SESSION = "session"
    CALL_REQUEST = "call request"
    QUERY = "query"
    ADMIN_REQUEST = "admin request"
    EVENT = "event"
    SNAPSHOT = "snapshot"


KNOWN: frozenset[int] = frozenset(Kind)
CALL_REQUESTS = frozenset(Kind(kind) for kind in CommandKind)
QUERIES = frozenset(kind for kind in Kind if 0x0120 <= kind < 0x0140)
ADMIN_REQUESTS = frozenset({Kind.LINK_START, Kind.LINK_STOP, Kind.RELOAD, Kind.SET_LOG_LEVEL})
CALL_EVENTS = frozenset(Kind(kind) for kind in CallEventKind)
AGENT_EVENTS = frozenset(Kind(kind) for kind in AgentEventKind)
VISIT_EVENTS = frozenset(Kind(kind) for kind in VisitEventKind)
IVR_EVENTS = frozenset(Kind(kind) for kind in IvrEventKind)
CENTRE_EVENTS = AGENT_EVENTS | VISIT_EVENTS | IVR_EVENTS | {Kind.SEEN}
"""Events of the CTI server and of the IVR."""
CENTRE_SNAPSHOTS = frozenset(
    {Kind.SNAPSHOT_AGENT, Kind.SNAPSHOT_QUEUE_VISIT, Kind.SNAPSHOT_IVR_SESSION, Kind.SNAPSHOT_SEEN}
)
EVENTS_TO_ALL = frozenset({Kind.LINK_CHANGED, Kind.LICENCE_CHANGED, Kind.CONDITION_CHANGED, Kind.SEEN})
"""Events that pass every filter: what they tell changes the meaning of everything else."""
GATEWAY_EVENTS = CALL_EVENTS | (EVENTS_TO_ALL - {Kind.SEEN}) | {Kind.DEVICE_CHANGED, Kind.MODEL_MISMATCH}
EVENTS = GATEWAY_EVENTS | CENTRE_EVENTS
SNAPSHOTS = frozenset(kind for kind in Kind if 0x0300 <= kind < 0x0400)

CLIENT_SESSION_KINDS = frozenset({Kind.HELLO, Kind.PROOF, Kind.SUBSCRIBE, Kind.HEARTBEAT, Kind.BYE, Kind.CONSUMED})
NOT_IN_THIS_VERSION = frozenset({Kind.QUERY_AGENT, Kind.QUERY_QUEUE})
"""Kinds with a number and a body in the specification, and a coded refusal as their only answer today."""


def group_of(kind: Kind) -> Group:
    """The group a kind belongs to."""
    for members, group in (
        (CALL_REQUESTS, Group.CALL_REQUEST),
        (QUERIES, Group.QUERY),
        (ADMIN_REQUESTS, Group.ADMIN_REQUEST),
        (EVENTS, Group.EVENT),
        (SNAPSHOTS, Group.SNAPSHOT),
    ):
        if kind in members:
            return group
    return Group.SESSION


def is_request_number(number: int) -> bool:
    """Whether a kind number, known or not, lies in the range of requests: those are answered by REPLY."""
    return 0x0100 <= number < 0x0200


_MAY_ASK: dict[Role, frozenset[Kind]] = {
    Role.CONSUMER: frozenset(),
    Role.AGENT: CALL_REQUESTS | {Kind.QUERY_CALL, Kind.QUERY_DEVICE, Kind.QUERY_LINK},
    Role.SUPERVISOR: CALL_REQUESTS | QUERIES - {Kind.QUERY_SESSIONS},
    Role.ADMIN: CALL_REQUESTS | QUERIES | ADMIN_REQUESTS,
}


def may_ask(role: Role, kind: Kind) -> bool:
    """The table of what a role may ask; AGENT only for its own device, which the session checks."""
    return kind in _MAY_ASK[role]


def includes(role: Role, other: Role) -> bool:
    """Whether ``other`` sees and asks nothing that ``role`` does not: an account's role may be narrowed to it. A
    consumer sees everything, so an agent is no more than it and no less."""
    sees_no_more = other is Role.AGENT or role is not Role.AGENT
    return sees_no_more and _MAY_ASK[other] <= _MAY_ASK[role]


def name_of(kind: int) -> str:
    """The kind's name as JSON and logs spell it; a number this version does not know as ``kind_0x1234``."""
    try:
        return Kind(kind).name.lower()
    except ValueError:
        return f"kind_{kind:#06x}"
