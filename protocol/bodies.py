"""What every frame's body looks like: the declaration, in construct.

A body is a fixed part, then fields of (tag u16, length u16, bytes), each tag at most once, unknown tags skipped. An
element of a list begins with its own length, so that it may grow at its end. Names here are the attribute names of
the values they carry and the keys of the JSON form. Nothing here knows a socket, a stream or a role.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from struct import Struct as Packed
from struct import error as PackedError
from typing import Any, Final

from construct import (
    Bytes,
    Construct,
    ConstructError,
    ExprValidator,
    GreedyString,
    Int8ub,
    Int16ub,
    Int32ub,
    Int64sb,
    Int64ub,
    PrefixedArray,
    StreamError,
    Struct,
)

from protocol.errors import Code, Problem
from protocol.kinds import ADMIN_REQUESTS, CALL_EVENTS, CALL_REQUESTS, QUERIES, Kind
from protocol.limits import FIELD_BYTES_MAX, FILTER_DEVICES_MAX
from protocol.shapes import Element, Text

MAGIC: Final = b"ULP1"
FIELD_HEADER: Final = Packed(">HH")
_field_header = FIELD_HEADER.pack

WholeText = GreedyString("utf8")
"""A field that is one text: its length is the field's."""


def _element(*members: Any) -> Construct:
    return Element(Struct(*members))


def _list(element: Construct) -> Construct:
    return PrefixedArray(Int16ub, element)


EVENT_ID = Struct("epoch" / Int64ub, "number" / Int64ub)
JOINED = Struct("winner" / EVENT_ID, "loser" / EVENT_ID)
REQUEST_REF = Struct("session" / Int64ub, "number" / Int64ub)
DEVICE_CHANGE = _element("before" / Int8ub, "after" / Int8ub, "device" / Text)
CONNECTION = _element(
    "state" / Int8ub, "flags" / Int8ub, "since_us" / Int64sb, "key" / Text, "device" / Text, "trunk" / Text
)
CALL = _element(
    "call_id" / EVENT_ID,
    "conversation_id" / EVENT_ID,
    "began_us" / Int64sb,
    "flags" / Int8ub,
    "switch_call_id" / Text,
    "calling" / Text,
    "called" / Text,
    "last_redirection" / Text,
    "connections" / _list(CONNECTION),
)
DEVICE = _element(
    "kind" / Int8ub,
    "flags" / Int16ub,
    "number" / Text,
    "name" / Text,
    "group" / Text,
    "forward_to" / Text,
    "reason" / Text,
)
LINK = _element("state" / Int8ub, "since_us" / Int64sb, "interface" / Text, "reason" / Text)
LICENCE = _element("seats" / Int32ub, "seats_needed" / Int32ub, "kind" / Text, "customer" / Text, "reason" / Text)
CONDITION = _element("since_us" / Int64sb, "code" / Text, "subject" / Text, "text" / Text)
ALARM = _element("count" / Int64ub, "last_us" / Int64sb, "code" / Text, "text" / Text)
CONSUMER_ROW = _element("confirmed" / Int64ub, "behind_events" / Int64ub, "session" / Int64ub, "name" / Text)
STREAM_PLACE = _element("index" / Int8ub, "epoch" / Int64ub, "first" / Int64ub, "last" / Int64ub, "name" / Text)
SESSION_ROW = _element(
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
FILTER_DEVICES = PrefixedArray(ExprValidator(Int16ub, lambda count, _: count <= FILTER_DEVICES_MAX), Text)

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


@dataclass(frozen=True)
class Field:
    """A field of a body: its tag never changes its meaning."""

    tag: int
    name: str
    shape: Construct

    @cached_property
    def _compiled(self) -> Construct:
        return self.shape.compile()

    def parse(self, piece: bytes) -> Any:
        """The value of the field's bytes, which must be the shape and nothing after it."""
        if self.shape is WholeText:
            return piece.decode()
        stream = BytesIO(piece)
        value = self._compiled.parse_stream(stream)
        left = len(piece) - stream.tell()
        if left:
            raise StreamError(f"{left} bytes after its value")
        return value


@dataclass(frozen=True)
class Body:
    """A body's declaration. ``build`` is for what we make, ``parse`` checks what a peer sent."""

    fixed: Construct
    fields: tuple[Field, ...] = ()
    _by_tag: dict[int, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_tag", {one.tag: one for one in self.fields})

    @cached_property
    def _compiled(self) -> Construct:
        return self.fixed.compile()

    @cached_property
    def _fixed_bytes(self) -> int:
        return int(self.fixed.sizeof())

    def build(self, values: Mapping[str, Any]) -> bytes:
        """The bytes of ``values``; a field that is absent or None is left out. A value that does not fit raises."""
        parts = [self._compiled.build(values)]
        for one in self.fields:
            value = values.get(one.name)
            if value is None:
                continue
            packed = one.shape.build(value)
            if len(packed) > FIELD_BYTES_MAX:
                raise ValueError(f"field {one.name} of {len(packed)} bytes, at most {FIELD_BYTES_MAX} fit")
            parts += (_field_header(one.tag, len(packed)), packed)
        return b"".join(parts)

    def parse(self, body: bytes) -> dict[str, Any] | Problem:
        """Values by name, absent fields missing; a ``Problem`` for bytes that are not such a body."""
        if len(body) < self._fixed_bytes:
            return Problem(Code.MALFORMED, f"body of {len(body)} bytes, its fixed part has {self._fixed_bytes}")
        pieces = split_fields(body, self._fixed_bytes)
        if isinstance(pieces, Problem):
            return pieces
        place = "fixed part"
        try:
            values: dict[str, Any] = dict(self._compiled.parse(body[: self._fixed_bytes]))
            for tag, piece in pieces.items():
                known = self._by_tag.get(tag)
                if known is not None:
                    place = known.name
                    values[known.name] = known.parse(piece)
        except (ConstructError, PackedError, UnicodeDecodeError) as error:
            return Problem(Code.MALFORMED, f"{place}: {str(error).splitlines()[0]}")
        return values


def split_fields(body: bytes, at: int) -> dict[int, bytes] | Problem:
    """The fields after a fixed part of ``at`` bytes, by tag; a tag that comes twice or a cut field is a problem."""
    pieces: dict[int, bytes] = {}
    end = len(body)
    while at < end:
        if end - at < FIELD_HEADER.size:
            return Problem(Code.MALFORMED, f"{end - at} bytes after the last field")
        tag, length = FIELD_HEADER.unpack_from(body, at)
        at += FIELD_HEADER.size
        if length > end - at:
            return Problem(Code.MALFORMED, f"field {tag} announces {length} bytes, {end - at} are left")
        if tag in pieces:
            return Problem(Code.MALFORMED, f"field {tag} comes twice")
        pieces[tag] = body[at : at + length]
        at += length
    return pieces


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
        Field(DEVICES_TAG, "devices", _list(DEVICE_CHANGE)),
        Field(2, "subject", WholeText),
        Field(3, "calls", _list(CALL)),
        Field(4, "happened_us", Int64sb),
        Field(5, "other", WholeText),
        Field(6, "number_queued", Int32ub),
        Field(7, "calls_in_front", Int32ub),
        Field(8, "digits", WholeText),
        Field(9, "joined", _list(JOINED)),
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
            Field(2, "streams", _list(STREAM_PLACE)),
            Field(3, "server_final", WholeText),
        ),
    ),
    Kind.REFUSED: _CODED,
    Kind.SUBSCRIBE: Body(
        Struct("start" / Int8ub, "epoch" / Int64ub, "after" / Int64ub),
        (Field(1, "devices", FILTER_DEVICES), Field(4, "consumer", WholeText)),
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
            Field(8, "sessions", _list(SESSION_ROW)),
            Field(9, "sessions_total", Int32ub),
            Field(10, "lines", _list(Text)),
            Field(11, "consumers", _list(CONSUMER_ROW)),
            Field(12, "conditions", _list(CONDITION)),
            Field(13, "alarms", _list(ALARM)),
        ),
    ),
    Kind.CONSUMED: _EMPTY,
    **dict.fromkeys((*CALL_REQUESTS, *QUERIES, *ADMIN_REQUESTS), _REQUEST),
    **dict.fromkeys(CALL_EVENTS, CALL_EVENT),
    Kind.DEVICE_CHANGED: Body(
        Struct("received_us" / Int64sb, "cause" / Int16ub, "flags" / Int8ub),
        (Field(DEVICES_TAG, "devices", _list(DEVICE_CHANGE)), Field(2, "device", DEVICE)),
    ),
    Kind.LINK_CHANGED: Body(Struct("received_us" / Int64sb), (Field(2, "link", LINK),)),
    Kind.LICENCE_CHANGED: Body(Struct("received_us" / Int64sb), (Field(2, "licence", LICENCE),)),
    Kind.MODEL_MISMATCH: Body(
        Struct("received_us" / Int64sb),
        (
            Field(DEVICES_TAG, "devices", _list(DEVICE_CHANGE)),
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
}
