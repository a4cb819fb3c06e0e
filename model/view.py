"""What the world sees: calls, connections, devices, link, licence and lasting trouble as immutable values.

The owner (``model.table``) derives them, events carry them, mirrors keep them: equal values mean equal truth.
"""

from model.ids import NO_DEVICE, CallId, ConnectionKey, ConversationId, DeviceNumber, Microseconds, SwitchCallId
from model.states import ConnectionState, LinkState, PortKind
from model.value import value


@value
class Connection:
    """A device's part in a call.

    ``key`` is the device part of the switch's ConnectionID, empty while only implied by what others reported.
    ``device`` is the number it stands for, empty for an anonymous party. ``trunk`` is the trunk port an outside party
    uses, else empty. ``monitored`` says whether a monitor of its own proves its state.
    """

    key: ConnectionKey
    device: DeviceNumber
    state: ConnectionState
    since_us: Microseconds
    trunk: DeviceNumber = NO_DEVICE
    monitored: bool = False


@value
class Call:
    """A call: its parties that are in it now. ``ended`` is only ever seen in the event that ends it."""

    call_id: CallId
    conversation_id: ConversationId
    switch_call_id: SwitchCallId
    began_us: Microseconds
    calling: DeviceNumber
    called: DeviceNumber
    last_redirection: DeviceNumber
    connections: tuple[Connection, ...]
    ended: bool = False


@value
class Device:
    """A port.cfg device with what the switch and the licence say of it; its state is derived from calls beside it."""

    number: DeviceNumber
    kind: PortKind
    name: str
    group: str
    licensed: bool = True
    monitored: bool = False
    in_service: bool = True
    do_not_disturb: bool = False
    forward_to: DeviceNumber = NO_DEVICE
    reason: str = ""
    """Why it is unlicensed or not monitored, in words an operator understands; else empty."""


@value
class Link:
    """The link to the switch: state, what it is (``csta-xml standard 10.0.0.1:7001``), and why it is so, in words."""

    state: LinkState
    interface: str
    reason: str
    since_us: Microseconds


@value
class Licence:
    """Seats: granted, needed by port.cfg, and why (``evaluation``, ``valid``, ``grace`` …)."""

    kind: str
    customer: str
    seats: int
    seats_needed: int
    reason: str


@value
class Condition:
    """Trouble of the daemon that lasts: a code (``journal_unwritable``), what it is about where there are several (the
    name of a consumer), why in words. A reason that changes is the same condition."""

    code: str
    subject: str
    text: str
    since_us: Microseconds

    @property
    def about(self) -> tuple[str, str]:
        """What makes it this condition and no other."""
        return self.code, self.subject


@value
class Snapshot:
    """The whole state at exactly one number of the stream; every tuple is sorted by its natural id."""

    number: int
    link: Link
    licence: Licence
    devices: tuple[Device, ...]
    calls: tuple[Call, ...]
    conditions: tuple[Condition, ...] = ()
