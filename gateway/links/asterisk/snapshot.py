"""The switch as Status and BridgeList tell it: made one with what the normaliser knows.

Asterisk cannot tell who holds, and whom a ringing leg belongs to only by Linkedid. So what is known and was not
contradicted stays: a leg on hold stays on hold, a call keeps its name. What an event touched after the question left
is newer than the answer. Nothing is reported from here: the call model compares the calls returned with its own.

An answer is no moment. Asterisk lists one channel after the other while they go on, and hands on events later than it
answers: of two parties one may be listed before the bridge and one in it, or one not at all, and what happened before
the answer may be told after it. So a channel that is new here goes to a call that is known before it makes another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gateway.links.asterisk.ami import Event, number_in
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.bridges import PARKING
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.effects import SnapshotWanted
from gateway.links.asterisk.state import Bridge, Call, Channel, Dial, Leg
from model.causes import Cause
from model.ids import ConnectionKey, DeviceNumber, Microseconds
from model.reports import CallSnapshot, PartySnapshot
from model.states import ConnectionState

AGE_DIGITS_MAX = 18
"""Of the two numbers in a Uniqueid: seconds since 1970, and channels since the start."""

_DIALLING = ("Dial", "Queue")
_DIALLED = ("AppDial", "AppQueue")


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
    for uniqueid, status in listed.items():
        if uniqueid not in board.channels and uniqueid not in board.ended:
            board.begin_channel(status).is_found = True
    there = {uniqueid: status for uniqueid, status in listed.items() if uniqueid in board.channels}
    settled = {key: status for key, status in there.items() if _is_told_by_answer(board.channels[key], asked_us)}
    _place_in_bridges(board, settled, bridge_list, asked_us)
    for group in _groups(board, there):
        _make_call(board, group, there, settled)
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


def _is_told_by_answer(channel: Channel, asked_us: Microseconds) -> bool:
    """Nothing was heard of it since the question, or nothing that would say in which call it is."""
    if channel.touched_us < asked_us:
        return True
    return not channel.was_in_call and channel.local_call is None


def _place_in_bridges(
    board: Board, settled: dict[str, Event], bridge_list: Sequence[Event], asked_us: Microseconds
) -> None:
    kinds = {item.value("BridgeUniqueid"): item.value("BridgeType") for item in bridge_list}
    halves: dict[str, Channel] = {}
    for uniqueid, status in settled.items():
        channel = board.channels[uniqueid]
        channel.is_up = channel.is_up or status.value("ChannelStateDesc") == "Up"
        if channel.bridge is None or channel.touched_us < asked_us:
            _place(board, channel, status.value("BridgeID"), kinds)
        if channel.is_local:
            pair = channel.name[:-2]
            if (other := halves.setdefault(pair, channel)) is not channel:
                channel.partner, other.partner = other, channel
    for bridge in [bridge for bridge in board.bridges.values() if not bridge.members and bridge.uniqueid not in kinds]:
        del board.bridges[bridge.uniqueid]


def _place(board: Board, channel: Channel, bridge_id: str, kinds: Mapping[str, str]) -> None:
    if channel.bridge is not None:
        channel.bridge.members.pop(channel.uniqueid, None)
        channel.bridge = None
    if bridge_id:
        channel.bridge = board.bridges.setdefault(bridge_id, Bridge(bridge_id, kinds.get(bridge_id, "")))
        channel.bridge.members[channel.uniqueid] = channel


def _groups(board: Board, there: dict[str, Event]) -> list[list[Channel]]:
    """Channels that are one call: in one bridge, halves of one Local channel, or, unbridged, of one Linkedid."""
    head: dict[str, str] = {}
    unbridged: set[str] = set()

    def find(name: str) -> str:
        while (above := head.setdefault(name, name)) != name:
            name = above
        return name

    for uniqueid, status in there.items():
        channel = board.channels[uniqueid]
        if channel.bridge is not None and channel.bridge.kind != PARKING:
            head[find(uniqueid)] = find(f"bridge {channel.bridge.uniqueid}")
        else:
            head[find(uniqueid)] = find(f"linked {status.value('Linkedid')}")
            unbridged.add(uniqueid)
        if channel.is_local and channel.partner is not None:
            head[find(uniqueid)] = find(channel.partner.uniqueid)
    groups: dict[str, list[Channel]] = defaultdict(list)
    for uniqueid in there:
        groups[find(uniqueid)].append(board.channels[uniqueid])
    return _mended(list(groups.values()), there, unbridged)


def _mended(groups: list[list[Channel]], there: dict[str, Event], unbridged: set[str]) -> list[list[Channel]]:
    """One channel alone in a bridge, the other parties of its Linkedid in none: listed before and after the answer.

    Two calls that are known apart stay apart: a consultation has the Linkedid of the call that waits for it.
    """
    apart: dict[str, list[Channel]] = {}
    for group in groups:
        if all(channel.uniqueid in unbridged for channel in group):
            apart.setdefault(there[group[0].uniqueid].value("Linkedid"), group)
    for alone in [group for group in groups if len(group) == 1 and group[0].uniqueid not in unbridged]:
        linked = there[alone[0].uniqueid].value("Linkedid")
        others = apart.get(linked)
        if others is not None and len({channel.call for channel in (*alone, *others) if channel.call}) < 2:
            others += alone
            groups.remove(alone)
            del apart[linked]
    return groups


def _make_call(board: Board, group: list[Channel], there: dict[str, Event], settled: dict[str, Event]) -> None:
    """One call of a group: the oldest that its channels are in already, else a new one."""
    told = [channel for channel in group if channel.uniqueid in settled]
    members = [channel for channel in group if channel.uniqueid in settled or channel.call is not None]
    real = [channel for channel in members if not channel.is_local]
    if not told or not real:
        return
    call = _known_call(told) or _known_call(members)
    if call is None and all(_is_being_dialled(there[channel.uniqueid]) for channel in members):
        board.effects.append(SnapshotWanted("a channel is dialled by one that is not listed"))
        return
    call = call or board.begin_call(min(members, key=_age).uniqueid, Cause.NEW_CALL)
    dialler = next((channel for channel in real if there[channel.uniqueid].value("Application") in _DIALLING), None)
    caller = call.caller or dialler or min(real, key=_age)
    for channel in told:
        if channel.is_local:
            channel.local_call = call
            continue
        leg = channel.leg
        if leg is None:
            leg = board.join(channel, call)
            _guess_dial(leg, caller)
        elif leg.call is not call:
            _move(board, leg, call)
        leg.state = _state(leg, settled[channel.uniqueid], len(real))
        leg.was_answered = leg.was_answered or channel.is_up
    if call.caller is None:
        call.caller = caller
        status = there[caller.uniqueid]
        call.called = plain_number(status.value("DNID")) or _extension(status) or call.called
    if call.queue is None and settled.get(caller.uniqueid) and caller.bridge is None:
        _find_queue(board, call, settled[caller.uniqueid])


def _known_call(channels: Iterable[Channel]) -> Call | None:
    """The oldest call that parties are in, else the one that a Local half carries."""
    legs = [channel.leg.call for channel in channels if channel.leg is not None]
    carried = [channel.local_call for channel in channels if channel.local_call is not None]
    return min(legs or carried, key=lambda call: call.order, default=None)


def _is_being_dialled(status: Event) -> bool:
    """Then somebody dials it, and lives."""
    return status.value("Application") in _DIALLED and status.value("ChannelStateDesc") != "Up"


def _age(channel: Channel) -> tuple[int, int, str]:
    """Uniqueids are ``epoch.counter``, with a system name before it where one is set; ours are like no other."""
    epoch, _, counter = channel.uniqueid.rpartition("-")[2].partition(".")
    began, number = number_in(epoch, AGE_DIGITS_MAX), number_in(counter, AGE_DIGITS_MAX)
    if began is None or number is None:
        return 0, 0, channel.uniqueid
    return began, number, channel.uniqueid


def _guess_dial(leg: Leg, caller: Channel) -> None:
    channel = leg.channel
    if channel is not caller and not channel.is_up:
        channel.dial = Dial(caller, channel.device, is_guessed=True)
        caller.dialled.append(channel)
    elif channel is caller and not channel.is_up and not channel.is_trunk:
        channel.is_prompted = channel.extension in ("", "s")


def _state(leg: Leg, status: Event, parties: int) -> ConnectionState:
    """A leg's state by its channel's; who holds is told nowhere, so a hold that we know of stands."""
    said = status.value("ChannelStateDesc")
    if leg.state in (ConnectionState.HOLD, ConnectionState.FAIL):
        return leg.state
    if leg.channel.is_up and leg.channel.holds_early:
        leg.channel.holds_early = False
        return ConnectionState.HOLD
    if leg.channel.is_up:
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
