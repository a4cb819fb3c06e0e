"""What a switch link reports, normalised: the one input language of the call model.

Every link (CSTA XML, Asterisk …) turns what its switch says into these at the edge; nothing behind the edge knows
which switch it was. Devices are named by their port.cfg number where port.cfg knows them; connections keep the
switch's own key. A report says what one monitor saw: the same happening comes once from each monitor in the call.
"""

from enum import Enum, IntEnum, auto

from model.causes import Cause
from model.ids import NO_DEVICE, ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId, SwitchConnection
from model.states import ConnectionState
from model.value import value


class Happening(IntEnum):
    """CSTA call control events (ECMA-269 17.2) that concern one connection."""

    SERVICE_INITIATED = auto()
    DIGITS_DIALED = auto()
    ORIGINATED = auto()
    NETWORK_REACHED = auto()
    OFFERED = auto()
    DELIVERED = auto()
    QUEUED = auto()
    ESTABLISHED = auto()
    HELD = auto()
    RETRIEVED = auto()
    BRIDGED = auto()
    DIVERTED = auto()
    FAILED = auto()
    CONNECTION_CLEARED = auto()
    CALL_CLEARED = auto()
    CALL_INFORMATION = auto()
    TRANSFERRED_AWAY = auto()
    """Never reported: stands in a connection's history where a transfer took its device out of the call."""
    REKEYED_HERE = auto()
    """Never reported: stands where a conference made the held connection of its maker the connected one, and where a
    connection was first heard of by the transfer that moved it."""


@value
class CallReport:
    """One call event as one monitor saw it.

    ``monitor`` is the device whose monitor reported, None for a link that sees the whole switch at once (Asterisk).
    ``connection`` and ``subject`` are the connection that changes and the device it stands for (alerting, answering,
    holding, diverting, releasing …). For CALL_CLEARED only ``connection.call`` counts. Absent parties are None;
    an anonymous party is the empty number. ``trunk`` is the NID connection the outside party uses, if told.
    """

    happening: Happening
    monitor: DeviceNumber | None
    connection: SwitchConnection
    received_us: Microseconds
    subject: DeviceNumber | None = None
    calling: DeviceNumber | None = None
    called: DeviceNumber | None = None
    last_redirection: DeviceNumber | None = None
    trunk: DeviceNumber | None = None
    """The trunk port by which ``subject``, an outside party, is connected; for NETWORK_REACHED the subject itself is
    the trunk and ``called`` the outside party."""
    other: DeviceNumber | None = None
    """DIVERTED: the new destination. CONNECTION_CLEARED: the releasing device when it is not the dropped one."""
    calling_connection: SwitchConnection | None = None
    """The caller's connection where the switch names it (originatingNIDConnection)."""
    calling_trunk: DeviceNumber | None = None
    """The trunk the outside caller came by (associatedCallingDevice), as a port.cfg number."""
    cause: Cause = Cause.NONE
    local_state: ConnectionState | None = None
    happened_us: Microseconds | None = None
    number_queued: int | None = None
    calls_in_front: int | None = None
    digits: str | None = None
    request: RequestRef | None = None


@value
class Rekeying:
    """One row of a transfer's or conference's connection list (ECMA-269 12.2.7).

    ``old`` is None for a connection that did not exist before; ``device`` is the endpoint it stands for.
    """

    new: SwitchConnection
    old: SwitchConnection | None
    device: DeviceNumber | None
    trunk: DeviceNumber | None = None
    """The trunk port of an outside party's connection."""


@value
class TransferReport:
    """Transferred (17.2.18) or Conferenced (17.2.3): connections change their call, in one happening.

    ``acting`` is the transferring or conferencing device, ``target`` the device transferred to or added.
    """

    is_conference: bool
    monitor: DeviceNumber | None
    primary_old: SwitchConnection
    secondary_old: SwitchConnection | None
    acting: DeviceNumber | None
    target: DeviceNumber | None
    connections: tuple[Rekeying, ...]
    received_us: Microseconds
    cause: Cause = Cause.NONE
    happened_us: Microseconds | None = None
    request: RequestRef | None = None


class DeviceFlag(Enum):
    """What a switch says of a device rather than of a call."""

    OUT_OF_SERVICE = auto()
    BACK_IN_SERVICE = auto()
    DO_NOT_DISTURB_ON = auto()
    DO_NOT_DISTURB_OFF = auto()
    FORWARDING_ON = auto()
    FORWARDING_OFF = auto()
    MONITORED = auto()
    NOT_MONITORED = auto()


@value
class DeviceReport:
    """A device's flag changed; ``forward_to`` with FORWARDING_ON; ``reason`` (for people) with NOT_MONITORED."""

    flag: DeviceFlag
    device: DeviceNumber
    received_us: Microseconds
    forward_to: DeviceNumber = NO_DEVICE
    reason: str = ""
    cause: Cause = Cause.NONE


@value
class PartySnapshot:
    """A party of a call as a snapshot answer names it; ``key`` None where the answer gives no connection."""

    device: DeviceNumber | None
    key: ConnectionKey | None
    state: ConnectionState
    trunk: DeviceNumber | None = None


@value
class CallSnapshot:
    """Answer to SnapshotCall (16.1.1): all parties; an empty tuple says that the switch has no such call.

    ``asked_us`` is when the request left: the model must not let it undo what was reported since.
    """

    call: SwitchCallId
    asked_us: Microseconds
    received_us: Microseconds
    parties: tuple[PartySnapshot, ...]
    calling: DeviceNumber | None = None
    called: DeviceNumber | None = None


@value
class DeviceSnapshot:
    """Answer to SnapshotDevice (16.1.2): the connections this device has, and their states."""

    device: DeviceNumber
    asked_us: Microseconds
    received_us: Microseconds
    connections: tuple[tuple[SwitchConnection, ConnectionState], ...]


Report = CallReport | TransferReport | DeviceReport | CallSnapshot | DeviceSnapshot
