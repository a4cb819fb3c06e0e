"""Two calls become one: by transfer, by conference, or by one channel taking another's place. The older call lives on.

The report is made where the bridges show it, since transfers by AMI Bridge or by a phone's Replaces have no event of
their own; a transfer event that comes afterwards finds nothing left to say.
"""

from gateway.links.asterisk.board import Board
from gateway.links.asterisk.state import Bridge, Call, Channel, Leg
from model.causes import Cause
from model.ids import DeviceNumber
from model.reports import Happening, Rekeying, TransferReport
from model.states import ConnectionState


def meet(board: Board, bridge: Bridge, older: Call, younger: Call, swapped: Channel | None) -> None:
    """Channels of two calls are in one bridge: whose doing was it?"""
    pair = _transferer(bridge, older, younger)
    if pair is not None:
        transferred(board, *pair)
        return
    replaced = swapped.leg if swapped is not None else None  # a Local half has no leg: its going is no happening
    if replaced is not None and replaced.call is older:
        transferred(board, replaced, None, joining=younger)
    else:
        conferenced(board, older, younger)


def _transferer(bridge: Bridge, older: Call, younger: Call) -> tuple[Leg, Leg] | None:
    """The device that has a leg outside this bridge in both calls: it brought the others together."""
    for one in older.legs:
        for two in younger.legs:
            if one.channel.uniqueid in bridge.members or two.channel.uniqueid in bridge.members:
                continue
            if one.channel is two.channel or (one.channel.device and one.channel.endpoint == two.channel.endpoint):
                return one, two
    return None


def transferred(
    board: Board,
    primary: Leg,
    secondary: Leg | None,
    *,
    joining: Call | None = None,
    target: DeviceNumber | None = None,
    cause: Cause = Cause.TRANSFER,
) -> None:
    """Transferred (ECMA-269 17.2.17): the transferer's legs end, everybody else is in the primary call.

    ``joining`` is the second call where the transferer has no leg in it; ``target`` the number of a single step.
    """
    call, acting = primary.call, primary.channel.device
    other_call = secondary.call if secondary is not None else joining
    secondary_old = secondary.connection if secondary is not None else None
    if joining is not None and joining.legs:
        secondary_old = joining.legs[0].connection
    primary_old = primary.connection
    if other_call is not None:
        target = next((leg.channel.device for leg in other_call.legs if leg is not secondary), target)
    ended = [primary, secondary] if secondary is not None else [primary]
    rows = _rows(board, call, other_call, ended)
    board.effects.append(
        TransferReport(False, None, primary_old, secondary_old, acting, target, rows, board.now_us, cause, request=None)
    )
    if other_call is not None:
        _move(board, call, other_call, ended)
    for leg in ended:
        leg.state = ConnectionState.NULL
        board.drop(leg)
    call.cause = cause
    if call.caller is None or call.caller is primary.channel:
        call.caller = next((leg.channel for leg in call.legs), None)


def conferenced(board: Board, older: Call, younger: Call) -> None:
    """Conferenced (ECMA-269 17.2.4): everybody is in the older call. Nobody's doing that AMI would name."""
    if not older.legs or not younger.legs:
        return
    primary_old, secondary_old = older.legs[0].connection, younger.legs[0].connection
    added = younger.legs[0].channel.device
    for leg in younger.legs:
        if leg.state is ConnectionState.INITIATED:
            board.tell(leg, Happening.ORIGINATED, younger.cause)
    twins = [leg for leg in younger.legs if board.leg_in(leg.channel, older) is not None]
    rows = _rows(board, older, younger, twins)
    board.effects.append(
        TransferReport(True, None, primary_old, secondary_old, None, added, rows, board.now_us, Cause.CONFERENCE)
    )
    _move(board, older, younger, twins)
    for twin in twins:  # one channel that was in both calls is in the one call once
        board.drop(twin)


def _rows(board: Board, call: Call, other: Call | None, ended: list[Leg]) -> tuple[Rekeying, ...]:
    """The connection list: each leg that stays, under its new and its old call."""
    rows = []
    for leg in [*call.legs, *(other.legs if other is not None else ())]:
        if leg in ended or leg.state is ConnectionState.NULL:
            continue
        old = leg.connection
        new = type(old)(call.switch_id, old.key)
        rows.append(Rekeying(new, old, leg.channel.device))
    return tuple(rows)


def _move(board: Board, call: Call, other: Call, ended: list[Leg]) -> None:
    for leg in [leg for leg in other.legs if leg not in ended]:
        other.legs.remove(leg)
        leg.call = call
        call.legs.append(leg)
    for channel in board.channels.values():
        if channel.local_call is other:
            channel.local_call = call
    if other.queue is not None and call.queue is None:
        call.queue, other.queue = other.queue, None
        call.queue.call = call
    if not other.legs:
        board.forget(other)
