"""Working state of one call: its legs, who has reported what of them, and the value the world last saw.

Owned and changed by ``model.core`` alone; it decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from model.fitting import shown
from model.ids import NO_DEVICE, CallId, ConnectionKey, ConversationId, DeviceNumber, Microseconds, SwitchCallId
from model.reports import Happening
from model.states import ConnectionState
from model.view import Call, Connection

Monitor = DeviceNumber | None
NO_KEY = ConnectionKey("")
NEVER = Microseconds(0)


@dataclass(slots=True, eq=False)
class Leg:
    """A connection with the list of its transitions and, for each monitor, how far that monitor has told them.

    ``joins`` holds, for each transition by which the device joined the call, how long the other legs' lists were
    then: what came before, this device's monitor will never report.
    """

    record: "CallRecord"
    key: ConnectionKey
    device: DeviceNumber
    state: ConnectionState
    since_us: Microseconds
    trunk: DeviceNumber = NO_DEVICE
    is_implied: bool = False
    monitored: bool = False
    touched_us: Microseconds = NEVER
    negatives: int = 0
    history: list[Happening] = field(default_factory=list)
    cursors: dict[Monitor, int] = field(default_factory=dict)
    joins: dict[int, list[tuple["Leg", int]]] = field(default_factory=dict)
    deferred: dict[Monitor, list[Happening]] = field(default_factory=dict)
    """What other monitors said of this leg that its own has yet to confirm."""
    shown: Connection | None = None
    """The value last shown; None when something has changed since."""

    def is_own_monitor(self, monitor: Monitor) -> bool:
        return monitor is None or monitor == self.device or (self.trunk != NO_DEVICE and monitor == self.trunk)

    def show(self) -> Connection:
        """The leg as the world sees it."""
        if self.shown is None:
            self.shown = Connection(self.key, self.device, self.state, self.since_us, self.trunk, self.monitored)
        return self.shown

    @property
    def is_watched(self) -> bool:
        """Whether a monitor of its own is in this call. A busy party's is not: it never heard of the call."""
        if self.state is ConnectionState.FAIL:
            return any(self.is_own_monitor(monitor) for monitor in self.cursors)
        return self.monitored

    def numbers(self) -> tuple[DeviceNumber, ...]:
        """The devices this leg occupies: its own and the trunk it came by."""
        return (self.device, self.trunk) if self.trunk and self.trunk != self.device else (self.device,)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A monitor that says of a leg what does not fit what others proved: it lags, or will never tell what it missed."""

    leg: Leg
    monitor: Monitor
    due_us: Microseconds
    """When the switch is asked, if the monitor has not caught up."""

    @property
    def is_settled(self) -> bool:
        """Whether the monitor has told since what others had."""
        return not self.leg.deferred and self.leg.cursors.get(self.monitor, 0) >= len(self.leg.history)


@dataclass(slots=True)
class Transfer:
    """A transfer or conference that made this call what it is: who has reported it, and how long the lists of the
    legs it moved were, so that a party which joined by it starts there."""

    old_ids: frozenset[SwitchCallId]
    new_id: SwitchCallId
    acting: DeviceNumber | None
    target: DeviceNumber | None
    marks: list[tuple[Leg, int]]
    reported_by: set[Monitor]


@dataclass(slots=True, eq=False)
class CallRecord:
    """A call of the owner. ``legs`` are all that ever were in it, null ones included, for late reports."""

    call_id: CallId
    conversation_id: ConversationId
    switch_id: SwitchCallId
    began_us: Microseconds
    calling: DeviceNumber = NO_DEVICE
    called: DeviceNumber = NO_DEVICE
    last_redirection: DeviceNumber = NO_DEVICE
    legs: list[Leg] = field(default_factory=list)
    legs_by_key: dict[ConnectionKey, Leg] = field(default_factory=dict)
    destinations: set[DeviceNumber] = field(default_factory=set)
    """Devices that the call was diverted to: their monitors may report it before, or long after, others."""
    has_caller: bool = False
    is_published: bool = False
    is_over: bool = False
    """Its end was published: late reports may still teach us numbers, nobody is told any more."""
    touched_us: Microseconds = NEVER
    """When an event last came: what was asked before that is stale."""
    proven_us: Microseconds = NEVER
    """When the call was last known to be as we hold it, by an event or by a snapshot that agreed."""
    ended_us: Microseconds | None = None
    negatives: int = 0
    is_unproven: bool = False
    """Held since before the connection was lost, and not yet compared with the switch."""
    asked_us: Microseconds | None = None
    """When a snapshot of this call was last asked for and not yet answered."""
    verify_us: Microseconds = NEVER
    """When to ask the switch for this call if nothing is heard of it."""
    doubts: list[Doubt] = field(default_factory=list)
    """What may be wrong though more is heard of the call, each until its time is over or its monitor has caught up."""
    transfers: list[Transfer] = field(default_factory=list)
    _live: list[Leg] | None = None
    view: Call | None = None
    """The value last published, None when something has changed since."""

    def live(self) -> list[Leg]:
        """Legs in the call now; a leg that moved on with a transfer belongs to another record. Not to be changed."""
        if self._live is None:
            self._live = [leg for leg in self.legs if leg.state is not ConnectionState.NULL and leg.record is self]
        return self._live

    @property
    def connections(self) -> Sequence[Leg]:
        """As ``Call`` names them."""
        return self.live()

    def is_watched(self) -> bool:
        """Whether anybody is left in the call whose own monitor reports it."""
        for leg in self.live():  # noqa: SIM110 (asked after every event: a third of the time of any())
            if leg.is_watched:
                return True
        return False

    def parties_changed(self) -> None:
        """A leg came alive, became null, or belongs to another call now."""
        self._live = None
        self.view = None

    def add(self, leg: Leg) -> None:
        self.legs.append(leg)
        if leg.key:
            self.legs_by_key[leg.key] = leg
        self.parties_changed()

    def remove(self, leg: Leg) -> None:
        """Take back a leg that was only a guess."""
        self.legs.remove(leg)
        if self.legs_by_key.get(leg.key) is leg:
            del self.legs_by_key[leg.key]
        self.parties_changed()

    def bind(self, leg: Leg, key: ConnectionKey) -> None:
        """Learn the switch's key of a leg that was only implied."""
        leg.key = key
        leg.shown = None
        self.legs_by_key[key] = leg
        self.view = None

    def names(self) -> set[str]:
        """Everybody who is or was in it: devices, trunks, connections. But not where it is queued: so are others."""
        there = (leg for leg in self.legs if leg.state is not ConnectionState.QUEUED)
        return {name for leg in there for name in (leg.key, leg.device, leg.trunk) if name}

    def leg_of(self, device: DeviceNumber) -> Leg | None:
        """The leg that stands for a device, live ones first."""
        found = None
        for leg in self.legs:
            if device in (leg.device, leg.trunk):
                if leg.state is not ConnectionState.NULL:
                    return leg
                found = leg
        return found

    def doubt(self, leg: Leg, monitor: Monitor, due_us: Microseconds) -> None:
        """Ask at ``due_us``, unless the monitor has caught up by then; of several doubts about it the first counts."""
        if not any(one.leg is leg and one.monitor == monitor for one in self.doubts):
            self.doubts.append(Doubt(leg, monitor, due_us))

    def has_due_doubt(self, now: Microseconds) -> bool:
        """Whether a doubt is due; what is settled by then is dropped."""
        if not self.doubts:
            return False
        self.doubts = [one for one in self.doubts if not one.is_settled]
        return any(one.due_us <= now for one in self.doubts)

    def told_by_switch(self) -> None:
        """The switch itself has just said how the call is: no monitor has to tell what came before."""
        self.doubts.clear()
        for leg in self.legs:
            # A busy party's own monitor is in no call that failed at it, and is not to be taken for one that is.
            own = () if leg.state is ConnectionState.FAIL else leg.numbers()
            for monitor in leg.cursors.keys() | set(own):
                if leg.is_own_monitor(monitor):
                    leg.cursors[monitor] = len(leg.history)

    def start_over(self) -> None:
        """Forget who has reported what; what is known stays."""
        self.is_unproven = True
        self.doubts.clear()
        self.transfers.clear()
        self.destinations.clear()
        for leg in self.legs:
            leg.joins.clear()  # of those that are dropped too, which name each other
        self.legs = self.live().copy()
        self.legs_by_key = {leg.key: leg for leg in self.legs if leg.key}
        for leg in self.legs:
            leg.history.clear()
            leg.cursors.clear()
            leg.deferred.clear()

    def dissolve(self) -> None:
        """Nobody asks for this call any more. Call and legs name each other: they let go, so that their memory is free
        at once, and not when the garbage collector comes to what is that old."""
        for leg in self.legs:
            if leg.record is self:
                leg.joins.clear()
        self.legs.clear()
        self.legs_by_key.clear()
        self.doubts.clear()
        self.transfers.clear()
        self.parties_changed()

    def published(self) -> Call:
        """The call as the world sees it now."""
        if self.view is None:
            self.view = Call(
                self.call_id,
                self.conversation_id,
                self.switch_id,
                self.began_us,
                self.calling,
                self.called,
                self.last_redirection,
                shown([leg.show() for leg in self.live()]),
                self.ended_us is not None,
            )
        return self.view
