"""The switch as the normaliser sees it now, and the one place where a report is put into words.

``tell`` checks each report against the states that ECMA-269 allows before it leaves, so that an odd order of AMI events
can make us silent about a step but never say what cannot be. The other modules of this folder say what an AMI event
means; they change a leg's state only through ``tell``.
"""

from collections import OrderedDict

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.devices import Devices, caller_number, endpoint_of
from gateway.links.asterisk.effects import Alarm, Effect, SnapshotWanted
from gateway.links.asterisk.state import NOBODY, Bridge, Call, Channel, Leg, QueueLeg, Unanswered
from model.causes import Cause
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId
from model.reports import CallReport, Happening
from model.states import ConnectionState
from model.transitions import AFTER

ENDED_REMEMBERED = 4_096
"""Ended channels, a minute's worth at 60 a second: a late event of one is no sign of a forger."""

LOCALS_IN_ROW_MAX = 40
"""Asterisk itself stops a forwarding loop after twenty generations of Local channels."""

CHANNELS_MAX = 100_000
"""Ten times what one Asterisk carries: past it somebody invents channels, and each costs memory."""

SETTLE_US = 200_000
"""Until it shows what the end of an unanswered leg meant: the dialplan's next step follows in about 5 ms."""

WAIT_US_MAX = 10 * SETTLE_US
"""Nothing here waits so long."""

RETRIEVE_SETTLE_US = 50_000
"""An Unhold that belongs to a transfer precedes it by less than 2 ms in every capture."""

TRANSFER_SETTLE_US = 1_000_000
"""The same of a device that speaks in another call: it brings the two together more often than it leaves the other
waiting without a Hold. 547 ms were seen where Asterisk had too little processor."""

LATE_US = 1_000_000
"""How late an event may come after an answer that knew of it: 5 ms in captures, 33 ms seen on a busy machine.

An unknown channel's event within it, after the first answer, tells of a channel that ended before that answer."""

_OF_A_REQUEST = (Happening.SERVICE_INITIATED, Happening.ORIGINATED, Happening.FAILED)
"""What a request to make a call itself causes, at the device that asked; the rest is the call's own life."""


class Board:
    """Channels, bridges, calls and what is still undecided; ``effects`` collects what the current event gives."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self.channels: dict[str, Channel] = {}
        self.by_endpoint: dict[str, dict[str, Channel]] = {}
        self.bridges: dict[str, Bridge] = {}
        self.calls: dict[SwitchCallId, Call] = {}
        self.ended: OrderedDict[str, None] = OrderedDict()
        self.unanswered: list[Unanswered] = []
        self.retrieving: list[Leg] = []
        self.leaving: list[tuple[Channel, Microseconds]] = []
        """Callers that are gone, and until when to wait for the ends of the legs they dialled."""
        self.requests: dict[str, tuple[RequestRef, DeviceNumber]] = {}
        """By the Uniqueid that our own Originate gave its channel: who asked, and what number shall be dialled."""
        self.effects: list[Effect] = []
        self.now_us = Microseconds(0)
        self.all_known_from_us: Microseconds | None = None
        """From then on an event names a channel that is or was known; None before the first snapshot."""
        self._calls_begun = 0

    # -- the parts of the switch ----------------------------------------------------------------------------------

    def begin_channel(self, event: Event) -> Channel:
        """A channel begins; a trunk channel takes a trunk port."""
        name, uniqueid = event.value("Channel"), event.value("Uniqueid")
        extension = event.value("Exten")
        channel = Channel(uniqueid, name, endpoint_of(name), NOBODY, extension, touched_us=self.now_us)
        if name.startswith("Local/"):
            channel.is_local = True
        elif self.devices.is_trunk(channel.endpoint):
            channel.is_trunk = True
            channel.device = caller_number(event.value("CallerIDNum"))
            channel.trunk = self.devices.take_trunk(channel.endpoint, uniqueid)
            if channel.trunk is None:
                self.alarm("trunk_ports_exceeded", f"{name} has no port: port.cfg has too few TRUNKs for its endpoint")
        else:
            channel.device = self.devices.number_of(channel.endpoint)
        self.channels[uniqueid] = channel
        self.by_endpoint.setdefault(channel.endpoint, {})[uniqueid] = channel
        return channel

    def end_channel(self, channel: Channel) -> None:
        """A channel is gone: from its bridge, its trunk port, its partner, its dialler."""
        del self.channels[channel.uniqueid]
        self.ended[channel.uniqueid] = None
        while len(self.ended) > ENDED_REMEMBERED:
            self.ended.popitem(last=False)
        self.devices.release_trunk(channel.uniqueid)
        siblings = self.by_endpoint[channel.endpoint]
        del siblings[channel.uniqueid]
        if not siblings:
            del self.by_endpoint[channel.endpoint]
        self.requests.pop(channel.uniqueid, None)
        if channel.bridge is not None:
            channel.bridge.members.pop(channel.uniqueid, None)
        if channel.partner is not None:
            channel.partner.partner = None
        call = channel.local_call
        if call is not None and not call.legs and all(one.local_call is not call for one in self.channels.values()):
            self.forget(call)
        if channel.dial is not None and channel.dial.source is not None:
            source = channel.dial.source
            source.dialled = [child for child in source.dialled if child is not channel]

    def lose(self, channel: Channel) -> None:
        """A channel ended while we could not hear it: it and its legs go without a word."""
        for leg in (channel.aside, channel.leg):
            if leg is None:
                continue
            call = leg.call
            for failed in [other for other in call.legs if other.channel.uniqueid not in self.channels]:
                self.drop(failed)
            if call.legs == [leg]:
                call.queue = None
            self.drop(leg)
        self.unanswered = [one for one in self.unanswered if one.leg.channel is not channel]
        self.end_channel(channel)

    def begin_call(self, founder: str, cause: Cause) -> Call:
        """A call begins, named after the channel it began with."""
        switch_id = SwitchCallId(founder)
        generation = 1
        while switch_id in self.calls:
            generation += 1
            switch_id = SwitchCallId(f"{founder}#{generation}")
        self._calls_begun += 1
        call = self.calls[switch_id] = Call(switch_id, self._calls_begun, cause)
        return call

    def join(self, channel: Channel, call: Call) -> Leg:
        """A channel gets a leg in a call; the one it had is the caller's to put away."""
        leg = channel.leg = Leg(call, channel)
        channel.was_in_call = True
        call.legs.append(leg)
        self.calls.setdefault(call.switch_id, call)
        return leg

    def drop(self, leg: Leg) -> None:
        """A leg is over, and what had failed for it; with its last leg a call is forgotten."""
        call = leg.call
        if leg in call.legs:
            call.legs.remove(leg)
        if leg.channel.leg is leg:
            leg.channel.leg = leg.channel.aside
            leg.channel.aside = None
        elif leg.channel.aside is leg:
            leg.channel.aside = None
        if call.caller is leg.channel and leg.channel.leg is None:
            call.caller = None
        if leg in self.retrieving:
            self.retrieving.remove(leg)
        for failed in [other for other in call.legs if other.state is ConnectionState.FAIL]:
            if failed.channel.dial is not None and failed.channel.dial.source is leg.channel:
                self.tell(failed, Happening.CONNECTION_CLEARED, Cause.NORMAL_CLEARING)
                self.drop(failed)
        if not call.legs:
            self.forget(call)

    def forget(self, call: Call) -> None:
        """No channel of this call is left."""
        if call.queue is not None:
            self.tell(call.queue, Happening.CONNECTION_CLEARED, Cause.CALL_CANCELLED)
            call.queue = None
        if self.calls.get(call.switch_id) is call:
            del self.calls[call.switch_id]

    # -- what is said ---------------------------------------------------------------------------------------------

    def tell(
        self,
        leg: Leg | QueueLeg,
        happening: Happening,
        cause: Cause,
        *,
        other: DeviceNumber | None = None,
        called: DeviceNumber | None = None,
        number_queued: int | None = None,
        calls_in_front: int | None = None,
    ) -> bool:
        """Report a happening of a leg and move its state; False, and nothing said, when it cannot be from there."""
        after = AFTER.get((leg.state, happening))
        if after is None:
            return False
        leg.state = after
        call = leg.call
        channel = leg.channel if isinstance(leg, Leg) else None
        caller = call.caller if call.caller is not channel else None
        subject = channel.device if channel is not None else leg.device if isinstance(leg, QueueLeg) else NOBODY
        if happening is Happening.NETWORK_REACHED and channel is not None and channel.trunk is not None:
            subject = channel.trunk
        caller_leg = self.leg_in(caller, call) if caller is not None else None
        if caller_leg is not None and caller_leg.state is ConnectionState.NULL and caller_leg.channel.is_trunk:
            caller_leg.state = ConnectionState.CONNECTED
        self.effects.append(
            CallReport(
                happening,
                None,
                leg.connection,
                self.now_us,
                subject=subject,
                calling=call.caller.device if call.caller is not None else None,
                called=called or call.called or None,
                last_redirection=call.last_redirection,
                other=other,
                calling_connection=caller_leg.connection if caller_leg is not None else None,
                calling_trunk=call.caller.trunk if call.caller is not None else None,
                cause=cause,
                number_queued=number_queued,
                calls_in_front=calls_in_front,
                request=call.request if happening in _OF_A_REQUEST and channel is call.caller else None,
            )
        )
        for connected in (leg, caller_leg):
            if isinstance(connected, Leg) and connected.channel.holds_early:
                self._tell_early_hold(connected)
        return True

    def _tell_early_hold(self, leg: Leg) -> None:
        if leg.state is ConnectionState.CONNECTED:
            leg.channel.holds_early = False
            self.tell(leg, Happening.HELD, Cause.NORMAL)

    def alarm(self, code: str, text: str) -> None:
        """Tell the operator."""
        self.effects.append(Alarm(code, text))

    def distrust(self, reason: str) -> None:
        """What came cannot be acted on: tell, and ask the switch how things are."""
        self.effects += (Alarm("ami_poisoned", reason), SnapshotWanted(reason))

    # -- what is known --------------------------------------------------------------------------------------------

    def never_began(self, uniqueid: str) -> bool:
        """Whether no channel can have had this Uniqueid, so that who names it forges."""
        from_us = self.all_known_from_us
        if from_us is None or not self.is_due(from_us):
            return False
        return uniqueid not in self.channels and uniqueid not in self.ended

    def is_due(self, due_us: Microseconds) -> bool:
        """Whether a moment has come; one that lies further ahead than any wait is one before the clock was set back."""
        return due_us <= self.now_us or due_us > self.now_us + WAIT_US_MAX

    def leg_in(self, channel: Channel, call: Call) -> Leg | None:
        """A channel's leg in this call, the one it holds aside included."""
        for leg in (channel.leg, channel.aside):
            if leg is not None and leg.call is call:
                return leg
        return None

    def real_caller(self, channel: Channel, depth: int = 0) -> Channel | None:
        """Who really dials when a Local half does: the one who dialled its other half, or is bridged with it."""
        if not channel.is_local:
            return channel
        partner = channel.partner
        if partner is None or depth > LOCALS_IN_ROW_MAX:
            return None
        if partner.dial is not None and partner.dial.source is not None:
            return self.real_caller(partner.dial.source, depth + 1)
        for member in partner.bridge.members.values() if partner.bridge is not None else ():
            if not member.is_local and member.leg is not None:
                return member
        return None

    def park_leg(self, call: Call, key: str, device: DeviceNumber) -> QueueLeg:
        """A queue or parking space joins the call; the one it was at before has passed it on."""
        if call.queue is not None and call.queue.key == key:
            return call.queue
        if call.queue is not None:
            self.tell(call.queue, Happening.DIVERTED, Cause.REDIRECTED, other=device)
        call.queue = QueueLeg(call, ConnectionKey(key), device)
        return call.queue
