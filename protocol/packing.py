"""Bodies of events and snapshots packed by hand: what a gateway builds for every event of its switch.

The declaration is ``protocol.bodies``; a property test holds this module equal to it. It exists because construct,
even compiled, needs about eight times as long for the nested lists of a call (docs/decisions/0003). Only what we
build passes here, so nothing is checked: a value that does not fit raises ``struct.error``.
"""

from struct import Struct
from typing import Final

from model.centre_events import CentreEvent
from model.events import (
    CallEvent,
    ConditionEvent,
    DeviceChange,
    DeviceEvent,
    Event,
    LicenceEvent,
    LinkEvent,
    MismatchEvent,
)
from model.states import DeviceState
from model.view import Call, Condition, Connection, Device, Licence, Link
from protocol.bodies import (
    DEVICE_DO_NOT_DISTURB,
    DEVICE_IN_SERVICE,
    DEVICE_LICENSED,
    DEVICE_MONITORED,
    DEVICES_TAG,
)
from protocol.centre_codec import CentrePart, centre_snapshot_body, pack_centre_event
from protocol.kinds import Kind

TEXTS_MAX: Final = 16_384
"""Packed texts remembered: the numbers of a large switch and the ids of its live calls; emptied beyond. Until then the
ids of ended calls stay, three megabytes of them."""
TEXT_CHARACTERS_MAX: Final = 64
"""A longer text is not remembered."""

_u16 = Struct(">H").pack
_field = Struct(">HH").pack
_field_and_count = Struct(">HHH").pack
_u32_field = Struct(">HHI").pack
_time_field = Struct(">HHq").pack
_id_field = Struct(">HHQQ").pack
_joined = Struct(">QQQQ").pack
_change_head = Struct(">HBB").pack
_subject_tag = Struct(">H").pack(2)
_other_tag = Struct(">H").pack(5)
_connection_head = Struct(">HBBq").pack
_call_head = Struct(">HQQQQqB").pack
_device_head = Struct(">HBH").pack
_link_head = Struct(">HBq").pack
_licence_head = Struct(">HII").pack
_condition_head = Struct(">Hq").pack
_condition_event_fixed = Struct(">qB").pack
_call_event_fixed = Struct(">qH").pack
_device_event_fixed = Struct(">qHB").pack
_i64 = Struct(">q").pack

_CONNECTION_FIXED: Final = 10
_CALL_FIXED: Final = 41
_DEVICE_FIXED: Final = 3
_LINK_FIXED: Final = 9
_LICENCE_FIXED: Final = 8
_CONDITION_FIXED: Final = 8


def pack_event(event: Event | CentreEvent) -> tuple[int, bytes]:
    """The kind and the body of an event."""
    if isinstance(event, CallEvent):
        return event.kind, _call_event(event)
    if isinstance(event, DeviceEvent):
        return Kind.DEVICE_CHANGED, _device_event(event)
    if isinstance(event, LinkEvent):
        return Kind.LINK_CHANGED, _i64(event.received_us) + _one(2, pack_link(event.link))
    if isinstance(event, LicenceEvent):
        return Kind.LICENCE_CHANGED, _i64(event.received_us) + _one(2, pack_licence(event.licence))
    if isinstance(event, ConditionEvent):
        fixed = _condition_event_fixed(event.received_us, event.over)
        return Kind.CONDITION_CHANGED, fixed + _one(2, pack_condition(event.condition))
    if isinstance(event, MismatchEvent):
        return Kind.MODEL_MISMATCH, _mismatch(event)
    return pack_centre_event(event)


def snapshot_body(value: Call | Device | Link | Licence | Condition | CentrePart) -> tuple[int, bytes]:
    """The kind and the body of the snapshot frame that carries one value."""
    if isinstance(value, Call):
        return Kind.SNAPSHOT_CALL, _one(1, pack_call(value))
    if isinstance(value, Device):
        return Kind.SNAPSHOT_DEVICE, _one(1, pack_device(value))
    if isinstance(value, Link):
        return Kind.SNAPSHOT_LINK, _one(1, pack_link(value))
    if isinstance(value, Licence):
        return Kind.SNAPSHOT_LICENCE, _one(1, pack_licence(value))
    if isinstance(value, Condition):
        return Kind.SNAPSHOT_CONDITION, _one(1, pack_condition(value))
    return centre_snapshot_body(value)


def pack_call(call: Call) -> bytes:
    """A call as an element: its length, its fixed part, its texts, its connections."""
    call_id, conversation_id = call.call_id, call.conversation_id
    rest = b"".join(
        (
            _text(call.switch_call_id),
            _text(call.calling),
            _text(call.called),
            _text(call.last_redirection),
            _u16(len(call.connections)),
            *map(_connection, call.connections),
        )
    )
    return (
        _call_head(
            _CALL_FIXED + len(rest),
            call_id.epoch,
            call_id.number,
            conversation_id.epoch,
            conversation_id.number,
            call.began_us,
            call.ended,
        )
        + rest
    )


def pack_device(device: Device) -> bytes:
    """A device as an element."""
    flags = (
        (DEVICE_LICENSED if device.licensed else 0)
        | (DEVICE_MONITORED if device.monitored else 0)
        | (DEVICE_IN_SERVICE if device.in_service else 0)
        | (DEVICE_DO_NOT_DISTURB if device.do_not_disturb else 0)
    )
    texts = b"".join(map(_text, (device.number, device.name, device.group, device.forward_to, device.reason)))
    return _device_head(_DEVICE_FIXED + len(texts), device.kind, flags) + texts


def pack_link(link: Link) -> bytes:
    """The link as an element."""
    texts = _text(link.interface) + _text(link.reason)
    return _link_head(_LINK_FIXED + len(texts), link.state, link.since_us) + texts


def pack_licence(licence: Licence) -> bytes:
    """The licence as an element."""
    texts = _text(licence.kind) + _text(licence.customer) + _text(licence.reason)
    return _licence_head(_LICENCE_FIXED + len(texts), licence.seats, licence.seats_needed) + texts


def pack_condition(condition: Condition) -> bytes:
    """A condition as an element."""
    texts = _text(condition.code) + _text(condition.subject) + _text(condition.text)
    return _condition_head(_CONDITION_FIXED + len(texts), condition.since_us) + texts


class _Texts(dict[str, bytes]):
    """Text → its length and its bytes: the same few numbers stand in every event, so each is packed once."""

    def __missing__(self, text: str) -> bytes:
        encoded = text.encode()
        packed = _u16(len(encoded)) + encoded
        if len(text) <= TEXT_CHARACTERS_MAX:
            if len(self) >= TEXTS_MAX:
                self.clear()
            self[text] = packed
        return packed


_texts = _Texts()
_text = _texts.__getitem__


def _one(tag: int, packed: bytes) -> bytes:
    return _field(tag, len(packed)) + packed


def _connection(connection: Connection) -> bytes:
    texts = _text(connection.key) + _text(connection.device) + _text(connection.trunk)
    return (
        _connection_head(_CONNECTION_FIXED + len(texts), connection.state, connection.monitored, connection.since_us)
        + texts
    )


def _changes(changes: tuple[DeviceChange, ...]) -> bytes:
    parts: list[bytes] = []
    for change in changes:
        device = _texts[change.device]
        parts += (_change_head(2 + len(device), change.before, change.after), device)
    packed = b"".join(parts)
    return _field_and_count(DEVICES_TAG, 2 + len(packed), len(changes)) + packed


def _call_event(event: CallEvent) -> bytes:
    calls = b"".join(map(pack_call, event.calls))
    parts = [
        _call_event_fixed(event.received_us, event.cause.wire),
        _changes(event.devices),
        _subject_tag,
        _texts[event.subject],
        _field_and_count(3, 2 + len(calls), len(event.calls)),
        calls,
    ]
    if event.happened_us is not None:
        parts.append(_time_field(4, 8, event.happened_us))
    if event.other is not None:
        parts += (_other_tag, _texts[event.other])
    if event.number_queued is not None:
        parts.append(_u32_field(6, 4, event.number_queued))
    if event.calls_in_front is not None:
        parts.append(_u32_field(7, 4, event.calls_in_front))
    if event.digits is not None:
        parts.append(_one(8, event.digits.encode()))
    if event.joined:
        rows = [_joined(winner.epoch, winner.number, loser.epoch, loser.number) for winner, loser in event.joined]
        parts += (_field_and_count(9, 2 + 32 * len(rows), len(rows)), *rows)
    if event.request is not None:
        parts.append(_id_field(10, 16, event.request.session, event.request.number))
    if event.last_proof_us is not None:
        parts.append(_time_field(11, 8, event.last_proof_us))
    return b"".join(parts)


def _device_event(event: DeviceEvent) -> bytes:
    fixed = _device_event_fixed(event.received_us, event.cause.wire, event.removed)
    return fixed + _changes((event.change,)) + _one(2, pack_device(event.device))


def _mismatch(event: MismatchEvent) -> bytes:
    concerned = DeviceChange(event.device, DeviceState.NOT_CONFIGURED, DeviceState.NOT_CONFIGURED)
    return b"".join(
        (
            _i64(event.received_us),
            _changes((concerned,)),
            _one(2, event.switch_call_id.encode()),
            _one(3, event.text.encode()),
        )
    )
