"""What the normaliser knows of the switch: channels, bridges, and the calls they make up. Holds, decides nothing.

A call is the set of channels joined by dial or bridge. Linkedid is no call id: it changes in mid-call, outlives its
channel and is one for both calls of an attended transfer. A call is named after the Uniqueid of the channel it began
with, so the name stays the same over a lost link. A channel may have a leg in two calls: the transferer of a DTMF
attended transfer holds one call and speaks in the other, by one channel.
"""

from dataclasses import dataclass, field

from model.causes import Cause
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId, SwitchConnection
from model.states import ConnectionState

NOBODY = DeviceNumber("")


@dataclass(slots=True, eq=False)
class Call:
    """A call as Asterisk's channels make it up. ``order`` tells which of two calls is the older."""

    switch_id: SwitchCallId
    order: int
    cause: Cause = Cause.NEW_CALL
    """Why it began, and after a transfer or diversion why the next device is alerted."""
    called: DeviceNumber = NOBODY
    last_redirection: DeviceNumber | None = None
    legs: list["Leg"] = field(default_factory=list)
    caller: "Channel | None" = None
    queue: "QueueLeg | None" = None
    released_by: DeviceNumber | None = None
    """The device that asked for the hangup first."""
    request: RequestRef | None = None
    has_failed: bool = False
    """The last that was dialled has failed: the caller who hangs up now has given up nothing."""


@dataclass(slots=True, eq=False)
class Leg:
    """A channel's part in one call; ``state`` is what the model has been told."""

    call: Call
    channel: "Channel"
    state: ConnectionState = ConnectionState.NULL
    was_answered: bool = False
    retrieve_due_us: Microseconds | None = None
    """An Unhold was seen: it counts from then on, unless a transfer shows that it meant nothing."""

    @property
    def connection(self) -> SwitchConnection:
        return SwitchConnection(self.call.switch_id, ConnectionKey(self.channel.uniqueid))


@dataclass(slots=True, eq=False)
class QueueLeg:
    """The part of a queue, or of a parking space, in a call: no channel stands for it."""

    call: Call
    key: ConnectionKey
    device: DeviceNumber
    state: ConnectionState = ConnectionState.NULL
    was_abandoned: bool = False

    @property
    def connection(self) -> SwitchConnection:
        return SwitchConnection(self.call.switch_id, self.key)


@dataclass(slots=True, eq=False)
class Dial:
    """How a channel is being called: by whom, to what number, and how that ended."""

    source: "Channel | None"
    number: DeviceNumber
    cause: Cause | None = None
    """Why this device is alerted, where it is another reason than why the call began."""
    status: str = ""
    is_cancelled: bool = False
    """The caller had already asked for the hangup when the dial ended."""
    is_diverted: bool = False
    """Where the call went instead has been reported."""
    is_guessed: bool = False
    """Concluded from a snapshot: a DialBegin that comes late knows better."""


@dataclass(slots=True, eq=False)
class Channel:
    """A channel. ``leg`` is its part in the call it is in now, None while it is in none; ``aside`` the one it holds."""

    uniqueid: str
    name: str
    endpoint: str
    device: DeviceNumber
    extension: str
    is_local: bool = False
    is_trunk: bool = False
    is_prompted: bool = False
    """Called by an Originate: the device that shall make a call is rung first."""
    trunk: DeviceNumber | None = None
    is_found: bool = False
    """A snapshot told of it first: its Newchannel may still be on its way."""
    is_up: bool = False
    was_in_call: bool = False
    """It has, or had, a leg: that it has none now is news, and not ignorance."""
    wants_hangup: bool = False
    holds_early: bool = False
    """A Hold came before what tells the answer, or even the call: a phone that holds at once is quicker than Dial."""
    leg: Leg | None = None
    aside: Leg | None = None
    local_call: Call | None = None
    """The call a Local half carries; both halves carry the same."""
    partner: "Channel | None" = None
    bridge: "Bridge | None" = None
    dial: Dial | None = None
    dialled: list["Channel"] = field(default_factory=list)
    hangup_cause: int = 0
    touched_us: int = 0
    """When the last event spoke of it: a snapshot asked for before that does not change it."""

    @property
    def call(self) -> Call | None:
        return self.local_call if self.is_local else self.leg.call if self.leg else None


@dataclass(slots=True, eq=False)
class Bridge:
    """A bridge and the channels in it, in the order of their coming."""

    uniqueid: str
    kind: str
    members: dict[str, Channel] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Unanswered:
    """A leg that ended without an answer, until it is clear what that was: a failure or a diversion."""

    leg: Leg
    source: Channel | None
    hangup_cause: int
    dial: Dial
    due_us: Microseconds
