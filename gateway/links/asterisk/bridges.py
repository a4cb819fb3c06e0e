"""Bridges: who speaks with whom. Two calls that meet in one bridge become one; so transfers show, with an event or not.

A Local channel in a bridge stands for the call it carries. A channel that leaves its call on hold for a bridge with a
Local half consults by it: one channel, two calls.
"""

from gateway.links.asterisk import dialling, merging
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.state import Bridge, Call, Channel
from model.causes import Cause
from model.reports import Happening
from model.states import ConnectionState

PARKING = "parking"


def entered(board: Board, event: Event, channel: Channel) -> None:
    """BridgeEnter. BridgeNumChannels counts announcers that have no events, so members are counted here."""
    uniqueid = event.value("BridgeUniqueid")
    bridge = board.bridges.get(uniqueid)
    if bridge is None:
        bridge = board.bridges[uniqueid] = Bridge(uniqueid, event.value("BridgeType"))
    if channel.bridge is not None and channel.bridge is not bridge:
        channel.bridge.members.pop(channel.uniqueid, None)
    channel.bridge = bridge
    bridge.members[channel.uniqueid] = channel
    if bridge.kind == PARKING:
        return
    if not channel.is_local:
        dialling.originate(board, channel)
        _return_to_call_aside(board, bridge, channel)
    _consult(board, bridge)
    calls = sorted({member.call for member in bridge.members.values() if member.call is not None}, key=_age)
    for younger in calls[1:]:
        merging.meet(board, bridge, calls[0], younger, board.channels.get(event.value("SwapUniqueid")))


def left(board: Board, event: Event, channel: Channel) -> None:
    """BridgeLeave."""
    bridge = board.bridges.get(event.value("BridgeUniqueid"))
    if bridge is not None:
        bridge.members.pop(channel.uniqueid, None)
    if channel.bridge is bridge:
        channel.bridge = None


def destroyed(board: Board, event: Event) -> None:
    """BridgeDestroy; a parking bridge never is, and one that we never saw in use is nothing to us."""
    bridge = board.bridges.pop(event.value("BridgeUniqueid"), None)
    for member in bridge.members.values() if bridge is not None else ():
        if member.bridge is bridge:
            member.bridge = None


def local_pair(board: Board, event: Event) -> None:
    """LocalBridge: these two halves are one."""
    ids = event.value("LocalOneUniqueid"), event.value("LocalTwoUniqueid")
    one, two = map(board.channels.get, ids)
    if one is None or two is None:
        if any(map(board.never_began, ids)):
            board.distrust("two Local halves were joined that never began")
        return
    one.partner, two.partner = two, one
    if (call := one.local_call or two.local_call) is not None:
        dialling.carry(one, call)


def _age(call: Call) -> int:
    return call.order


def _return_to_call_aside(board: Board, bridge: Bridge, channel: Channel) -> None:
    """The consultation is given up: the channel is back in the bridge of the call it held."""
    aside, leg = channel.aside, channel.leg
    if aside is None or leg is None:
        return
    if any(member.call is aside.call for member in bridge.members.values() if member is not channel):
        board.tell(leg, Happening.CONNECTION_CLEARED, Cause.NORMAL_CLEARING)
        leg.call.released_by = channel.device
        board.drop(leg)


def _consult(board: Board, bridge: Bridge) -> None:
    """A device that holds its call and a Local half that belongs to no call of his: he consults."""
    members = list(bridge.members.values())
    for local in members:
        for channel in members:
            if not local.is_local or channel.is_local or channel.leg is None or local.local_call is channel.leg.call:
                continue
            call = local.local_call
            if call is not None and call.caller is not None:
                continue
            if channel.leg.state is not ConnectionState.HOLD or channel.aside is not None:
                if call is None:
                    dialling.carry(local, channel.leg.call)
                continue
            if call is None:
                call = board.begin_call(local.uniqueid, Cause.CONSULTATION)
                dialling.carry(local, call)
            call.cause = Cause.CONSULTATION
            call.caller = channel
            call.called = call.called or plain_number(local.extension)
            channel.aside = channel.leg
            board.tell(board.join(channel, call), Happening.ORIGINATED, Cause.CONSULTATION)
