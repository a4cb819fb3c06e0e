"""The switch as Status and BridgeList tell it: made one with what the normaliser knows.

Asterisk cannot tell who holds, and whom a ringing leg belongs to only by Linkedid. So what is known and was not
contradicted stays: a leg on hold stays on hold, a call keeps its name. What an event touched after the question left
is newer than the answer. Nothing is reported from here: the call model compares the calls returned with its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.bridges import PARKING
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.state import Bridge, Call, Channel, Dial, Leg
from model.causes import Cause
from model.ids import ConnectionKey, DeviceNumber, Microseconds
from model.reports import CallSnapshot, PartySnapshot
from model.states import ConnectionState

_DIALLING = ("Dial", "Queue")


def adopt(
    board: Board,
    statuses: Sequence[Event],
    bridge_list: Sequence[Event],
    asked_us: Microseconds,
    *,
    is_complete: bool = True,
) -> list[CallSnapshot]:
    """Take an answer; returns every call of the switch as known now. Only from a complete one absence is concluded."""
    listed = {status.value("Uniqueid"): status for status in statuses}
    for channel in list(board.channels.values()):
        if is_complete and channel.uniqueid not in listed and channel.touched_us < asked_us:
            board.lose(channel)
    fresh = {
        uniqueid: board.begin_channel(status)
        for uniqueid, status in listed.items()
        if uniqueid not in board.channels and uniqueid not in board.ended
    }
    settled = {uniqueid: status for uniqueid, status in listed.items() if _is_older(board, uniqueid, asked_us, fresh)}
    _place_in_bridges(board, settled, bridge_list)
    for group in _groups(board, settled):
        _make_call(board, group, settled)
    return whole(board, asked_us)


def whole(board: Board, asked_us: Microseconds) -> list[CallSnapshot]:
    """Every call as known now, with the parties that are in it."""
    return [snapshot for call in board.calls.values() if (snapshot := of_call(board, call, asked_us)).parties]


def of_call(board: Board, call: Call, asked_us: Microseconds) -> CallSnapshot:
    """One call as known now."""
    parties = [
        PartySnapshot(leg.channel.device, ConnectionKey(leg.channel.uniqueid), leg.state, leg.channel.trunk)
        for leg in call.legs
        if leg.state is not ConnectionState.NULL
    ]
    if call.queue is not None:
        parties.append(PartySnapshot(call.queue.device, call.queue.key, call.queue.state))
    calling = call.caller.device if call.caller is not None else None
    return CallSnapshot(call.switch_id, asked_us, board.now_us, tuple(parties), calling, call.called or None)


def _is_older(board: Board, uniqueid: str, asked_us: Microseconds, fresh: dict[str, Channel]) -> bool:
    channel = board.channels.get(uniqueid)
    return channel is not None and (uniqueid in fresh or channel.touched_us < asked_us)


def _place_in_bridges(board: Board, settled: dict[str, Event], bridge_list: Sequence[Event]) -> None:
    kinds = {item.value("BridgeUniqueid"): item.value("BridgeType") for item in bridge_list}
    halves: dict[str, Channel] = {}
    for uniqueid, status in settled.items():
        channel = board.channels[uniqueid]
        channel.is_up = status.value("ChannelStateDesc") == "Up"
        if channel.bridge is not None:
            channel.bridge.members.pop(uniqueid, None)
            channel.bridge = None
        if bridge_id := status.value("BridgeID"):
            bridge = board.bridges.setdefault(bridge_id, Bridge(bridge_id, kinds.get(bridge_id, "")))
            bridge.members[uniqueid] = channel
            channel.bridge = bridge
        if channel.is_local:
            pair = channel.name[:-2]
            if (other := halves.setdefault(pair, channel)) is not channel:
                channel.partner, other.partner = other, channel
    for bridge in [bridge for bridge in board.bridges.values() if not bridge.members and bridge.uniqueid not in kinds]:
        del board.bridges[bridge.uniqueid]


def _groups(board: Board, settled: dict[str, Event]) -> Iterable[list[Channel]]:
    """Channels that are one call: in one bridge, halves of one Local channel, or, unbridged, of one Linkedid."""
    head: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := head.setdefault(name, name)) != name:
            name = above
        return name

    for uniqueid, status in settled.items():
        channel = board.channels[uniqueid]
        if channel.bridge is not None and channel.bridge.kind != PARKING:
            head[find(uniqueid)] = find(f"bridge {channel.bridge.uniqueid}")
        else:
            head[find(uniqueid)] = find(f"linked {status.value('Linkedid')}")
        if channel.is_local and channel.partner is not None:
            head[find(uniqueid)] = find(channel.partner.uniqueid)
    groups: dict[str, list[Channel]] = defaultdict(list)
    for uniqueid in settled:
        groups[find(uniqueid)].append(board.channels[uniqueid])
    return groups.values()


def _make_call(board: Board, group: list[Channel], settled: dict[str, Event]) -> None:
    """One call of a group: the oldest that its channels are in already, else a new one."""
    real = [channel for channel in group if not channel.is_local]
    if not real:
        return
    known = [leg.call for channel in real for leg in (channel.leg,) if leg is not None]
    oldest = min(group, key=_age)
    call = min(known, key=lambda call: call.order, default=None) or board.begin_call(oldest.uniqueid, Cause.NEW_CALL)
    dialler = next((channel for channel in real if settled[channel.uniqueid].value("Application") in _DIALLING), None)
    caller = call.caller or dialler or min(real, key=_age)
    for channel in real:
        leg = channel.leg
        if leg is None:
            leg = board.join(channel, call)
            _guess_dial(leg, caller)
        elif leg.call is not call:
            _move(board, leg, call)
        leg.state = _state(leg, settled[channel.uniqueid], len(real))
        leg.was_answered = leg.was_answered or channel.is_up
    for channel in group:
        if channel.is_local:
            channel.local_call = call
    if call.caller is None:
        call.caller = caller
        status = settled[caller.uniqueid]
        call.called = plain_number(status.value("DNID")) or _extension(status) or call.called
    if call.queue is None and settled.get(caller.uniqueid) and caller.bridge is None:
        _find_queue(board, call, settled[caller.uniqueid])


def _age(channel: Channel) -> tuple[int, int, str]:
    """Uniqueids are ``epoch.counter``, with a system name before it where one is set; ours are like no other."""
    epoch, _, counter = channel.uniqueid.rpartition("-")[2].partition(".")
    if epoch.isdigit() and counter.isdigit():
        return int(epoch), int(counter), channel.uniqueid
    return 0, 0, channel.uniqueid


def _guess_dial(leg: Leg, caller: Channel) -> None:
    channel = leg.channel
    if channel is not caller and not channel.is_up:
        channel.dial = Dial(caller, channel.device)
        caller.dialled.append(channel)
    elif channel is caller and not channel.is_up and not channel.is_trunk:
        channel.is_prompted = channel.extension in ("", "s")


def _state(leg: Leg, status: Event, parties: int) -> ConnectionState:
    """A leg's state by its channel's; who holds is told nowhere, so a hold that we know of stands."""
    said = status.value("ChannelStateDesc")
    if leg.state in (ConnectionState.HOLD, ConnectionState.FAIL):
        return leg.state
    if said == "Up":
        return ConnectionState.CONNECTED
    if said == "Ringing" and leg.channel.is_trunk:
        return ConnectionState.CONNECTED  # the network was reached: all that CSTA says of an outside party
    if said == "Ringing":
        return ConnectionState.INITIATED if leg.channel.is_prompted else ConnectionState.ALERTING
    if said == "Ring":
        is_further = parties > 1 or leg.channel.is_trunk or status.value("Application") in _DIALLING
        return ConnectionState.CONNECTED if is_further else ConnectionState.INITIATED
    return leg.state


def _move(board: Board, leg: Leg, call: Call) -> None:
    """While we did not hear it, this leg came into another call."""
    old = leg.call
    old.legs.remove(leg)
    leg.call = call
    call.legs.append(leg)
    if not old.legs:
        old.queue = None
        board.forget(old)


def _extension(status: Event) -> DeviceNumber:
    extension = status.value("Exten")
    return DeviceNumber("") if extension == "s" else plain_number(extension)


def _find_queue(board: Board, call: Call, status: Event) -> None:
    """The caller waits in a queue: Application Queue, its name the first argument."""
    if status.value("Application") == "Queue" and (name := status.value("Data").partition(",")[0]):
        board.park_leg(
            call, f"Queue/{name}", board.devices.queue(name, status.value("Exten"))
        ).state = ConnectionState.QUEUED
