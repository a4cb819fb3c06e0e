"""The one event that every broker carries: an outside call answered by an extension, as ULP encodes it.

Its bytes are the same for all brokers. The first eight are the time it was sent, the device number stands in it at
full length, so that one event can be made for each device without changing the size.
"""

from struct import Struct
from typing import Final

from model.causes import Cause
from model.events import CallEvent, CallEventKind, DeviceChange
from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.states import ConnectionState, DeviceState
from model.view import Call, Connection
from protocol.packing import pack_event

FIRST_DEVICE: Final = 10_000
"""Devices are numbered 10000 … 14999: five digits each."""

_STAMP: Final = Struct(">q")
STAMP_BYTES: Final = _STAMP.size
MARK_BYTES: Final = 8
"""Bytes after the time stamp by which a reader finds an event in any broker's byte stream."""


def device_number(index: int) -> str:
    return str(FIRST_DEVICE + index)


def event_body(index: int = 0) -> bytes:
    """The body of the event about one device; its time stamp is zero."""
    device = DeviceNumber(device_number(index))
    call_id = CallId(EventId(1_700_000_000_000_000, 12_345_678))
    began = Microseconds(1_700_000_000_000_000)
    outside = Connection(ConnectionKey("T0170"), DeviceNumber(""), ConnectionState.CONNECTED, began, monitored=False)
    inside = Connection(ConnectionKey(f"N<{device}>"), device, ConnectionState.CONNECTED, began, monitored=True)
    call = Call(
        call_id=call_id,
        conversation_id=ConversationId(call_id),
        switch_call_id=SwitchCallId("4711"),
        began_us=began,
        calling=DeviceNumber(""),
        called=device,
        last_redirection=DeviceNumber(""),
        connections=(outside, inside),
    )
    event = CallEvent(
        kind=CallEventKind.ESTABLISHED,
        number=1,
        received_us=Microseconds(0),
        cause=Cause.NEW_CALL,
        subject=device,
        calls=(call,),
        devices=(DeviceChange(device, DeviceState.RINGING, DeviceState.TALKING),),
    )
    return pack_event(event)[1]


MARK: Final = event_body()[STAMP_BYTES : STAMP_BYTES + MARK_BYTES]


def stamp(body: bytearray, at: int, sent_us: int) -> None:
    """Write the time of sending into a body that begins at ``at``."""
    _STAMP.pack_into(body, at, sent_us)


def sent_us(received: bytes | bytearray, mark_at: int) -> int:
    """The time of sending of the event whose mark stands there."""
    sent: int = _STAMP.unpack_from(received, mark_at - STAMP_BYTES)[0]
    return sent


def stamps_in(received: memoryview) -> list[int]:
    """The times of sending of all events in some received bytes."""
    piece = bytes(received)
    found: list[int] = []
    at = piece.find(MARK)
    while at >= 0:
        if at >= STAMP_BYTES:
            found.append(_STAMP.unpack_from(piece, at - STAMP_BYTES)[0])
        at = piece.find(MARK, at + MARK_BYTES)
    return found
