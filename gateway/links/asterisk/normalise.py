"""AMI events in, the call model's reports out: pure, the time is an argument.

Order of calls: ``receive`` for each event as it came, then ``tick`` when nothing more is there to read, or ``due_us``
has passed: what waits to be decided is decided by the events that came meanwhile before it is by the clock.

Nothing that an event says is acted on before its identities are checked: it must name channels that began, under the
names they began with. What fails is poison (callers can forge events): counted, alarmed, answered by a wish for a
snapshot. Before the first snapshot (``arm``) unknown channels are those that were there before us, and are no poison;
nor are they just after it, since Asterisk hands on events later than it answers.
"""

from collections.abc import Callable, Sequence

from gateway.links.asterisk import bridges, channels, dialling, parking, queues, snapshot, transfers
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import LATE_US, Board
from gateway.links.asterisk.devices import Devices, plain_number
from gateway.links.asterisk.effects import Effect
from gateway.links.asterisk.state import Channel
from gateway.portcfg import Port
from model.ids import DeviceNumber, Microseconds, RequestRef
from model.reports import CallSnapshot

Act = Callable[[Board, Event, Channel], None]

_ABOUT: dict[str, tuple[str, Act]] = {
    "Newstate": ("", channels.changed_state),
    "Hold": ("", channels.held),
    "Unhold": ("", channels.unheld),
    "HangupRequest": ("", channels.asked_to_hang_up),
    "Hangup": ("", channels.hung_up),
    "DialBegin": ("Dest", dialling.dial_began),
    "DialState": ("Dest", dialling.dial_went_on),
    "DialEnd": ("Dest", dialling.dial_ended),
    "BridgeEnter": ("", bridges.entered),
    "BridgeLeave": ("", bridges.left),
    "BlindTransfer": ("Transferer", transfers.blind),
    "AttendedTransfer": ("OrigTransferer", transfers.attended),
    "Pickup": ("", transfers.picked_up),
    "QueueCallerJoin": ("", queues.joined),
    "QueueCallerAbandon": ("", queues.abandoned),
    "QueueCallerLeave": ("", queues.left),
    "AgentRingNoAnswer": ("", queues.agent_did_not_answer),
    "ParkedCall": ("Parkee", parking.parked),
    "UnParkedCall": ("Parkee", parking.fetched),
    "ParkedCallTimeOut": ("Parkee", parking.came_back),
    "ParkedCallGiveUp": ("Parkee", parking.given_up),
}
"""The channel an event is about: the prefix of its Channel and Uniqueid headers. And what the event does."""

CALL_EVENTS = frozenset({*_ABOUT, "Newchannel", "LocalBridge", "BridgeDestroy", "OriginateResponse"})
"""All that a call model needs of some ninety kinds of event."""


class Normaliser:
    """One Asterisk's calls. ``board`` is what it knows; to be read, and changed by the snapshot, nobody else."""

    def __init__(self, ports: Sequence[Port]) -> None:
        self.board = Board(Devices(ports))
        self.poison_count = 0

    def arm(self, late_us: int = 0) -> None:
        """Every channel of the switch is known: in ``late_us`` from now on an event of another one is poison."""
        self.board.all_known_from_us = Microseconds(self.board.now_us + late_us)

    def disarm(self) -> None:
        """The link was lost: channels may have begun that we did not hear of."""
        self.board.all_known_from_us = None

    def expect(self, uniqueid: str, request: RequestRef, destination: DeviceNumber) -> None:
        """Our own Originate will begin a channel with this Uniqueid."""
        self.board.requests[uniqueid] = (request, destination)

    def forget_expected(self, uniqueid: str) -> None:
        """That Originate is answered: a channel that has not begun by now will not."""
        if uniqueid not in self.board.channels:
            self.board.requests.pop(uniqueid, None)

    def adopt(
        self,
        statuses: Sequence[Event],
        bridge_list: Sequence[Event],
        asked_us: Microseconds,
        now_us: Microseconds,
        *,
        is_complete: bool = True,
    ) -> list[CallSnapshot]:
        """Make an answer to Status and BridgeList what is known, but for what was heard since ``asked_us``.

        Returns all calls. Reports nothing: what this changes, the call model learns by comparing.
        """
        self._settle(now_us)
        calls = snapshot.adopt(self.board, statuses, bridge_list, asked_us, is_complete=is_complete)
        if self.board.all_known_from_us is None:
            self.arm(LATE_US)
        return calls

    def receive(self, event: Event, now_us: Microseconds) -> list[Effect]:
        """One event; returns what it gives, in order."""
        board = self.board
        board.now_us = now_us
        name = event.name
        about = _ABOUT.get(name)
        if about is not None:
            prefix, act = about
            channel = self._known(event, prefix)
            if channel is not None:
                act(board, event, channel)
        elif name == "Newchannel":
            if event.value("Uniqueid") and event.value("Channel"):
                channels.began(board, event)
            else:
                self._distrust("a channel began without a Uniqueid")
        elif name == "LocalBridge":
            bridges.local_pair(board, event)
        elif name == "BridgeDestroy":
            bridges.destroyed(board, event)
        elif name == "OriginateResponse":
            self._originate_answered(event)
        return self._taken()

    def tick(self, now_us: Microseconds) -> list[Effect]:
        """Time has passed: settle what was waiting for it."""
        self._settle(now_us)
        return self._taken()

    @property
    def due_us(self) -> Microseconds | None:
        """When ``tick`` is to be called next, None when nothing waits."""
        board = self.board
        waiting = [one.due_us for one in board.unanswered] + [due for _, due in board.leaving]
        waiting += [leg.retrieve_due_us for leg in board.retrieving if leg.retrieve_due_us is not None]
        return min(waiting, default=None)

    def _settle(self, now_us: Microseconds) -> None:
        board = self.board
        board.now_us = now_us
        if board.unanswered:
            dialling.settle_overdue(board)
        if board.retrieving:
            for leg in [leg for leg in board.retrieving if board.is_due(leg.retrieve_due_us or now_us)]:
                channels.retrieve(board, leg)
        if board.leaving:
            for caller, _ in [entry for entry in board.leaving if board.is_due(entry[1])]:
                board.leaving = [entry for entry in board.leaving if entry[0] is not caller]
                channels.clear(board, caller)

    def _taken(self) -> list[Effect]:
        effects, self.board.effects = self.board.effects, []
        return effects

    def _known(self, event: Event, prefix: str) -> Channel | None:
        """The channel an event is about, if it began and the names agree; else what that means is dealt with."""
        uniqueid = event.value(f"{prefix}Uniqueid")
        if not uniqueid:
            self._distrust(f"{event.name} without a Uniqueid")
            return None
        channel = self.board.channels.get(uniqueid)
        if channel is None:
            if self.board.never_began(uniqueid):
                self._distrust(f"{event.name} of a channel that never began: {uniqueid[:40]!r}")
            return None
        if event.value(f"{prefix}Channel") != channel.name:
            self._distrust(f"{event.name} calls {channel.name} by another name")
            return None
        channel.touched_us = self.board.now_us
        return channel

    def _distrust(self, reason: str) -> None:
        self.poison_count += 1
        self.board.distrust(reason)

    def _originate_answered(self, event: Event) -> None:
        """OriginateResponse tells what number a prompted device will be connected with."""
        channel = self.board.channels.get(event.value("Uniqueid"))
        extension = event.value("Exten")
        if channel is None or not channel.is_prompted or event.value("Response") != "Success" or extension in ("", "s"):
            return
        if channel.leg is not None and not channel.leg.call.called:
            channel.leg.call.called = plain_number(extension)
