"""What the gateway tells the world: numbered events, each one happening in one piece.

An event carries the state after it of every call it touches (a party that leaves a call is named in ``devices``), so
a mirror replaces and never computes, and a transfer is never seen half done. ``devices`` names every device
concerned, before and after: it is what filters look at.
"""

from enum import IntEnum

from model.causes import Cause
from model.ids import ConversationId, DeviceNumber, Microseconds, RequestRef
from model.states import DeviceState
from model.value import value
from model.view import Call, Condition, Device, Licence, Link


class CallEventKind(IntEnum):
    """Kinds of call events; the numbers are ULP kinds (docs/protocol.md), never used twice."""

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


@value
class DeviceChange:
    """A device an event concerns. NOT_CONFIGURED on both sides: a party that port.cfg does not name."""

    device: DeviceNumber
    before: DeviceState
    after: DeviceState


@value
class CallEvent:
    """Something happened to calls. ``calls`` holds each touched call as it is now, or ``ended`` for the last time.

    ``subject`` is the device it happened to; ``other`` the second device where the happening has one (new
    destination, releasing device, transferred-to device). ``joined`` tells that the loser's story goes on in the
    winner's. A RECONCILED event says when the thing was last known to be so (``last_proof_us``).
    """

    kind: CallEventKind
    number: int
    received_us: Microseconds
    cause: Cause
    subject: DeviceNumber
    calls: tuple[Call, ...]
    devices: tuple[DeviceChange, ...]
    happened_us: Microseconds | None = None
    other: DeviceNumber | None = None
    number_queued: int | None = None
    calls_in_front: int | None = None
    digits: str | None = None
    joined: tuple[tuple[ConversationId, ConversationId], ...] = ()
    request: RequestRef | None = None
    last_proof_us: Microseconds | None = None


@value
class DeviceEvent:
    """A device's own flags changed (service, do not disturb, forwarding, monitor, licence, configuration).

    ``device`` is as it is now; ``removed`` when port.cfg no longer names it.
    """

    number: int
    received_us: Microseconds
    device: Device
    change: DeviceChange
    removed: bool = False
    cause: Cause = Cause.NONE


@value
class LinkEvent:
    """The link changed. While it is not up every call and device is *unknown*, whatever was last said of it."""

    number: int
    received_us: Microseconds
    link: Link


@value
class LicenceEvent:
    """The licence or the need for seats changed."""

    number: int
    received_us: Microseconds
    licence: Licence


@value
class ConditionEvent:
    """Trouble of the daemon began, has another reason now, or is ``over``."""

    number: int
    received_us: Microseconds
    condition: Condition
    over: bool = False


@value
class MismatchEvent:
    """The switch reported what cannot be; a snapshot was asked for. ``text`` says what, ``device`` who reported."""

    number: int
    received_us: Microseconds
    device: DeviceNumber
    switch_call_id: str
    text: str


Event = CallEvent | DeviceEvent | LinkEvent | LicenceEvent | ConditionEvent | MismatchEvent
