"""What every frame's body looks like: the declaration, in construct (``protocol.body`` says what a body is).

Names here are the attribute names of the values they carry and the keys of the JSON form. Nothing here knows a socket,
a stream or a role.
"""

from typing import Final

from construct import Bytes, ExprValidator, Int8ub, Int16ub, Int32ub, Int64sb, Int64ub, PrefixedArray, Struct

from protocol.body import EVENT_ID, Body, Field, WholeText, element, list_of
from protocol.centre_bodies import CENTRE_BODIES
from protocol.kinds import ADMIN_REQUESTS, CALL_EVENTS, CALL_REQUESTS, QUERIES, Kind
from protocol.limits import FILTER_DEVICES_MAX
from protocol.shapes import Text

MAGIC: Final = b"ULP1"
JOINED = Struct("winner" / EVENT_ID, "loser" / EVENT_ID)
REQUEST_REF = Struct("session" / Int64ub, "number" / Int64ub)
DEVICE_CHANGE = element("before" / Int8ub, "after" / Int8ub, "device" / Text)
CONNECTION = element(
    "state" / Int8ub, "flags" / Int8ub, "since_us" / Int64sb, "key" / Text, "device" / Text, "trunk" / Text
)
CALL = element(
    "call_id" / EVENT_ID,
    "conversation_id" / EVENT_ID,
    "began_us" / Int64sb,
    "flags" / Int8ub,
    "switch_call_id" / Text,
    "calling" / Text,
    "called" / Text,
    "last_redirection" / Text,
    "connections" / list_of(CONNECTION),
)
DEVICE = element(
    "kind" / Int8ub,
    "flags" / Int16ub,
    "number" / Text,
    "name" / Text,
    "group" / Text,
    "forward_to" / Text,
    "reason" / Text,
)
LINK = element("state" / Int8ub, "since_us" / Int64sb, "interface" / Text, "reason" / Text)
LICENCE = element("seats" / Int32ub, "seats_needed" / Int32ub, "kind" / Text, "customer" / Text, "reason" / Text)
CONDITION = element("since_us" / Int64sb, "code" / Text, "subject" / Text, "text" / Text)
ALARM = element("count" / Int64ub, "last_us" / Int64sb, "code" / Text, "text" / Text)
CONSUMER_ROW = element("confirmed" / Int64ub, "behind_events" / Int64ub, "session" / Int64ub, "name" / Text)
STREAM_PLACE = element("index" / Int8ub, "epoch" / Int64ub, "first" / Int64ub, "last" / Int64ub, "name" / Text)
SESSION_ROW = element(
    "session" / Int64ub,
    "role" / Int8ub,
    "connected_us" / Int64sb,
    "behind_events" / Int64ub,
    "waiting_bytes" / Int64ub,
    "filter_devices" / Int16ub,
    "peer" / Text,
    "name" / Text,
    "events" / Int64ub,
    "user" / Text,
    "consumer" / Text,
)
FILTER_NAMES = PrefixedArray(ExprValidator(Int16ub, lambda count, _: count <= FILTER_DEVICES_MAX), Text)

CONNECTION_MONITORED: Final = 0x01
CALL_ENDED: Final = 0x01
DEVICE_LICENSED: Final = 0x01
DEVICE_MONITORED: Final = 0x02
DEVICE_IN_SERVICE: Final = 0x04
DEVICE_DO_NOT_DISTURB: Final = 0x08
EVENT_REMOVED: Final = 0x01
EVENT_OVER: Final = 0x01
REQUEST_VALUE: Final = 0x01
DEVICES_TAG: Final = 1
"""Tag of the device list, the first field of every event that has one: filters read no further."""


_CODED = Body(Struct("code" / Int16ub), (Field(1, "text", WholeText),))
_EMPTY = Body(Struct())
_REQUEST = Body(
    Struct("flags" / Int8ub),
    (
        Field(1, "device", WholeText),
        Field(2, "call_id", EVENT_ID),
        Field(3, "destination", WholeText),
        Field(4, "idempotency_key", WholeText),
        Field(5, "level", WholeText),
    ),
)
CALL_EVENT = Body(
    Struct("received_us" / Int64sb, "cause" / Int16ub),
    (
        Field(DEVICES_TAG, "devices", list_of(DEVICE_CHANGE)),
        Field(2, "subject", WholeText),
        Field(3, "calls", list_of(CALL)),
        Field(4, "happened_us", Int64sb),
        Field(5, "other", WholeText),
        Field(6, "number_queued", Int32ub),
        Field(7, "calls_in_front", Int32ub),
        Field(8, "digits", WholeText),
        Field(9, "joined", list_of(JOINED)),
        Field(10, "request", REQUEST_REF),
        Field(11, "last_proof_us", Int64sb),
    ),
)

BODIES: dict[Kind, Body] = {
    Kind.HELLO: Body(
        Struct("magic" / Bytes(4), "version_lowest" / Int8ub, "version_highest" / Int8ub, "role" / Int8ub),
        (Field(1, "name", WholeText), Field(2, "device", WholeText), Field(3, "client_first", WholeText)),
    ),
    Kind.CHALLENGE: Body(Struct(), (Field(1, "server_first", WholeText),)),
    Kind.PROOF: Body(Struct(), (Field(1, "client_final", WholeText),)),
    Kind.WELCOME: Body(
        Struct(
            "version" / Int8ub,
            "role" / Int8ub,
            "heartbeat_ms" / Int32ub,
            "term" / Int32ub,
            "session" / Int64ub,
            "clients_expected" / Int32ub,
        ),
        (
            Field(1, "name", WholeText),
            Field(2, "streams", list_of(STREAM_PLACE)),
            Field(3, "server_final", WholeText),
        ),
    ),
    Kind.REFUSED: _CODED,
    Kind.SUBSCRIBE: Body(
        Struct("start" / Int8ub, "epoch" / Int64ub, "after" / Int64ub),
        (
            Field(1, "devices", FILTER_NAMES),
            Field(2, "agents", FILTER_NAMES),
            Field(3, "queues", FILTER_NAMES),
            Field(4, "consumer", WholeText),
        ),
    ),
    Kind.SUBSCRIBED: Body(
        Struct("snapshot" / Int8ub, "epoch" / Int64ub, "first" / Int64ub, "last" / Int64ub),
        (Field(1, "after", Int64ub),),
    ),
    Kind.GAP: Body(Struct("code" / Int16ub, "epoch" / Int64ub, "first" / Int64ub, "last" / Int64ub)),
    Kind.POSITION: _EMPTY,
    Kind.HEARTBEAT: _EMPTY,
    Kind.BYE: _CODED,
    Kind.REPLY: Body(
        Struct("code" / Int16ub),
        (
            Field(1, "text", WholeText),
            Field(2, "switch_error", WholeText),
            Field(3, "call_id", EVENT_ID),
            Field(4, "call", CALL),
            Field(5, "device", DEVICE),
            Field(6, "link", LINK),
            Field(7, "licence", LICENCE),
            Field(8, "sessions", list_of(SESSION_ROW)),
            Field(9, "sessions_total", Int32ub),
            Field(10, "lines", list_of(Text)),
            Field(11, "consumers", list_of(CONSUMER_ROW)),
            Field(12, "conditions", list_of(CONDITION)),
            Field(13, "alarms", list_of(ALARM)),
        ),
    ),
    Kind.CONSUMED: _EMPTY,
    **dict.fromkeys((*CALL_REQUESTS, *QUERIES, *ADMIN_REQUESTS), _REQUEST),
    **dict.fromkeys(CALL_EVENTS, CALL_EVENT),
    Kind.DEVICE_CHANGED: Body(
        Struct("received_us" / Int64sb, "cause" / Int16ub, "flags" / Int8ub),
        (Field(DEVICES_TAG, "devices", list_of(DEVICE_CHANGE)), Field(2, "device", DEVICE)),
    ),
    Kind.LINK_CHANGED: Body(Struct("received_us" / Int64sb), (Field(2, "link", LINK),)),
    Kind.LICENCE_CHANGED: Body(Struct("received_us" / Int64sb), (Field(2, "licence", LICENCE),)),
    Kind.MODEL_MISMATCH: Body(
        Struct("received_us" / Int64sb),
        (
            Field(DEVICES_TAG, "devices", list_of(DEVICE_CHANGE)),
            Field(2, "switch_call_id", WholeText),
            Field(3, "text", WholeText),
        ),
    ),
    Kind.CONDITION_CHANGED: Body(
        Struct("received_us" / Int64sb, "flags" / Int8ub), (Field(2, "condition", CONDITION),)
    ),
    Kind.SNAPSHOT_LINK: Body(Struct(), (Field(1, "link", LINK),)),
    Kind.SNAPSHOT_LICENCE: Body(Struct(), (Field(1, "licence", LICENCE),)),
    Kind.SNAPSHOT_DEVICE: Body(Struct(), (Field(1, "device", DEVICE),)),
    Kind.SNAPSHOT_CALL: Body(Struct(), (Field(1, "call", CALL),)),
    Kind.SNAPSHOT_END: _EMPTY,
    Kind.SNAPSHOT_CONDITION: Body(Struct(), (Field(1, "condition", CONDITION),)),
    **CENTRE_BODIES,
}
