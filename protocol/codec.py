"""Bytes of event and snapshot frames to the model's values, and back.

What a peer sent goes through the declaration in ``protocol.bodies``, which checks; what cannot be is a ``Problem``,
never an exception. What we build goes through ``protocol.packing``.
"""

from collections.abc import Callable
from typing import Any, Final

from model.causes import CAUSE_BY_WIRE, Cause
from model.events import (
    CallEvent,
    CallEventKind,
    ConditionEvent,
    DeviceChange,
    DeviceEvent,
    Event,
    LicenceEvent,
    LinkEvent,
    MismatchEvent,
)
from model.ids import (
    CallId,
    ConnectionKey,
    ConversationId,
    DeviceNumber,
    EventId,
    Microseconds,
    RequestRef,
    SwitchCallId,
)
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Call, Condition, Connection, Device, Licence, Link
from protocol.bodies import (
    BODIES,
    CALL_ENDED,
    CONNECTION_MONITORED,
    DEVICE_DO_NOT_DISTURB,
    DEVICE_IN_SERVICE,
    DEVICE_LICENSED,
    DEVICE_MONITORED,
    EVENT_OVER,
    EVENT_REMOVED,
)
from protocol.errors import Code, Problem
from protocol.frame import pack_frame
from protocol.kinds import CALL_EVENTS, GATEWAY_EVENTS, Kind
from protocol.packing import pack_event
from protocol.times import time_of

SnapshotPart = Link | Licence | Device | Call | Condition
Values = dict[str, Any]


def encode(event: Event, stream: int = 1) -> bytes:
    """The frame of an event: the same bytes for every receiver."""
    kind, body = pack_event(event)
    return pack_frame(kind, stream, event.number, body)


def decode(kind: int, number: int, body: bytes) -> Event | Problem:
    """The event in a frame. A kind that is no event of this version, or a body that cannot be, is a ``Problem``."""
    if kind not in GATEWAY_EVENTS:
        return Problem(Code.NOT_SUPPORTED, f"kind {kind:#06x} is no event of a gateway in this version")
    known = Kind(kind)
    values = BODIES[known].parse(body)
    if isinstance(values, Problem):
        return values
    try:
        if known in CALL_EVENTS:
            return _call_event(CallEventKind(kind), number, values)
        return _OTHER_EVENTS[known](number, values)
    except KeyError as missing:
        return Problem(Code.MALFORMED, f"field {missing.args[0]} is missing")
    except ValueError as error:
        return Problem(Code.MALFORMED, str(error))


def decode_snapshot(kind: int, body: bytes) -> SnapshotPart | Problem:
    """The value in a snapshot frame other than SNAPSHOT_END."""
    if kind not in _SNAPSHOT_PARTS:
        return Problem(Code.NOT_SUPPORTED, f"kind {kind:#06x} carries no part of a snapshot")
    known = Kind(kind)
    values = BODIES[known].parse(body)
    if isinstance(values, Problem):
        return values
    name, read = _SNAPSHOT_PARTS[known]
    try:
        return read(values[name])
    except KeyError:
        return Problem(Code.MALFORMED, f"field {name} is missing")
    except ValueError as error:
        return Problem(Code.MALFORMED, str(error))


def call_id_of(value: Any) -> CallId:
    return CallId(EventId(value["epoch"], value["number"]))


def call_of(value: Any) -> Call:
    """A call from its parsed element."""
    return Call(
        call_id=call_id_of(value["call_id"]),
        conversation_id=ConversationId(call_id_of(value["conversation_id"])),
        switch_call_id=SwitchCallId(value["switch_call_id"]),
        began_us=time_of(value["began_us"]),
        calling=DeviceNumber(value["calling"]),
        called=DeviceNumber(value["called"]),
        last_redirection=DeviceNumber(value["last_redirection"]),
        connections=tuple(map(_connection, value["connections"])),
        ended=bool(value["flags"] & CALL_ENDED),
    )


def device_of(value: Any) -> Device:
    """A device from its parsed element."""
    return Device(
        number=DeviceNumber(value["number"]),
        kind=PortKind(value["kind"]),
        name=value["name"],
        group=value["group"],
        licensed=bool(value["flags"] & DEVICE_LICENSED),
        monitored=bool(value["flags"] & DEVICE_MONITORED),
        in_service=bool(value["flags"] & DEVICE_IN_SERVICE),
        do_not_disturb=bool(value["flags"] & DEVICE_DO_NOT_DISTURB),
        forward_to=DeviceNumber(value["forward_to"]),
        reason=value["reason"],
    )


def link_of(value: Any) -> Link:
    """The link from its parsed element."""
    return Link(LinkState(value["state"]), value["interface"], value["reason"], time_of(value["since_us"]))


def licence_of(value: Any) -> Licence:
    """The licence from its parsed element."""
    return Licence(value["kind"], value["customer"], value["seats"], value["seats_needed"], value["reason"])


def condition_of(value: Any) -> Condition:
    """A condition from its parsed element."""
    return Condition(value["code"], value["subject"], value["text"], time_of(value["since_us"]))


def _connection(value: Any) -> Connection:
    return Connection(
        key=ConnectionKey(value["key"]),
        device=DeviceNumber(value["device"]),
        state=ConnectionState(value["state"]),
        since_us=time_of(value["since_us"]),
        trunk=DeviceNumber(value["trunk"]),
        monitored=bool(value["flags"] & CONNECTION_MONITORED),
    )


def _change(value: Any) -> DeviceChange:
    return DeviceChange(DeviceNumber(value["device"]), DeviceState(value["before"]), DeviceState(value["after"]))


def _cause(wire: int) -> Cause:
    """A cause of a newer server is OTHER, as one of a newer switch is."""
    return CAUSE_BY_WIRE.get(wire, Cause.OTHER)


def _optional_time(values: Values, name: str) -> Microseconds | None:
    return time_of(values[name]) if name in values else None


def _call_event(kind: CallEventKind, number: int, values: Values) -> CallEvent:
    other = values.get("other")
    request = values.get("request")
    return CallEvent(
        kind=kind,
        number=number,
        received_us=time_of(values["received_us"]),
        cause=_cause(values["cause"]),
        subject=DeviceNumber(values["subject"]),
        calls=tuple(map(call_of, values["calls"])),
        devices=tuple(map(_change, values["devices"])),
        happened_us=_optional_time(values, "happened_us"),
        other=None if other is None else DeviceNumber(other),
        number_queued=values.get("number_queued"),
        calls_in_front=values.get("calls_in_front"),
        digits=values.get("digits"),
        joined=tuple(
            (ConversationId(call_id_of(row["winner"])), ConversationId(call_id_of(row["loser"])))
            for row in values.get("joined", ())
        ),
        request=None if request is None else RequestRef(request["session"], request["number"]),
        last_proof_us=_optional_time(values, "last_proof_us"),
    )


def _only_change(values: Values) -> DeviceChange:
    changes = values["devices"]
    if len(changes) != 1:
        raise ValueError(f"this kind concerns one device, not {len(changes)}")
    return _change(changes[0])


def _device_event(number: int, values: Values) -> DeviceEvent:
    return DeviceEvent(
        number=number,
        received_us=time_of(values["received_us"]),
        device=device_of(values["device"]),
        change=_only_change(values),
        removed=bool(values["flags"] & EVENT_REMOVED),
        cause=_cause(values["cause"]),
    )


def _link_event(number: int, values: Values) -> LinkEvent:
    return LinkEvent(number, time_of(values["received_us"]), link_of(values["link"]))


def _condition_event(number: int, values: Values) -> ConditionEvent:
    is_over = bool(values["flags"] & EVENT_OVER)
    return ConditionEvent(number, time_of(values["received_us"]), condition_of(values["condition"]), is_over)


def _licence_event(number: int, values: Values) -> LicenceEvent:
    return LicenceEvent(number, time_of(values["received_us"]), licence_of(values["licence"]))


def _mismatch(number: int, values: Values) -> MismatchEvent:
    return MismatchEvent(
        number=number,
        received_us=time_of(values["received_us"]),
        device=_only_change(values).device,
        switch_call_id=values["switch_call_id"],
        text=values["text"],
    )


_OTHER_EVENTS: Final[dict[Kind, Callable[[int, Values], Event]]] = {
    Kind.DEVICE_CHANGED: _device_event,
    Kind.LINK_CHANGED: _link_event,
    Kind.LICENCE_CHANGED: _licence_event,
    Kind.MODEL_MISMATCH: _mismatch,
    Kind.CONDITION_CHANGED: _condition_event,
}
_SNAPSHOT_PARTS: Final[dict[Kind, tuple[str, Callable[[Any], SnapshotPart]]]] = {
    Kind.SNAPSHOT_LINK: ("link", link_of),
    Kind.SNAPSHOT_LICENCE: ("licence", licence_of),
    Kind.SNAPSHOT_DEVICE: ("device", device_of),
    Kind.SNAPSHOT_CALL: ("call", call_of),
    Kind.SNAPSHOT_CONDITION: ("condition", condition_of),
}
