"""Parking: a call waits at a parking space instead of at a device, until somebody fetches it or it comes back."""

from gateway.links.asterisk import dialling
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.state import Call, Channel
from model.causes import Cause
from model.reports import Happening

SPACE_KEY = "Park/"


def is_parked(call: Call) -> bool:
    """Whether the call waits at a parking space now."""
    return call.queue is not None and call.queue.key.startswith(SPACE_KEY)


def parked(board: Board, event: Event, parkee: Channel) -> None:
    """ParkedCall, usually before the BridgeLeave: Diverted from the parker, Queued at the space."""
    if parkee.leg is None:
        return
    call, space = parkee.leg.call, plain_number(event.value("ParkingSpace"))
    parker = _parker(parkee, event.value("ParkerDialString"))
    if parker is not None and parker.leg is not None and parker.leg.call is call:
        leg = parker.leg
        if not board.tell(leg, Happening.DIVERTED, Cause.PARK, other=space):
            board.tell(leg, Happening.CONNECTION_CLEARED, Cause.PARK)
        board.drop(leg)
    call.caller = parkee
    board.tell(board.park_leg(call, f"{SPACE_KEY}{space}", space), Happening.QUEUED, Cause.PARK)


def fetched(board: Board, event: Event, parkee: Channel) -> None:
    """UnParkedCall: who dialled the space has the call now; the little call he dialled with ends."""
    retriever_id = event.value("RetrieverUniqueid")
    retriever = board.channels.get(retriever_id)
    if retriever is None:
        if board.never_began(retriever_id):
            board.distrust("a parked call was fetched by a channel that never began")
        return
    if parkee.leg is None or not is_parked(parkee.leg.call):
        return
    call = parkee.leg.call
    if retriever.leg is not None:
        board.tell(retriever.leg, Happening.CONNECTION_CLEARED, Cause.PARK)
        board.drop(retriever.leg)
    board.join(retriever, call)
    dialling.established(board, retriever, Cause.PARK)


def came_back(board: Board, event: Event, parkee: Channel) -> None:
    """ParkedCallTimeOut: the call recalls its parker; the DialBegin that follows rings him."""
    if parkee.leg is None or not is_parked(parkee.leg.call):
        return
    call = parkee.leg.call
    queue, call.queue = call.queue, None
    parker = board.devices.number_of(event.value("ParkerDialString"))
    if queue is not None:
        board.tell(queue, Happening.DIVERTED, Cause.RECALL, other=parker)
    call.cause, call.called, call.caller = Cause.RECALL, parker, parkee


def given_up(board: Board, _: Event, parkee: Channel) -> None:
    """ParkedCallGiveUp: the parked party hung up."""
    call = parkee.leg.call if parkee.leg is not None else None
    if call is None or call.queue is None or not is_parked(call):
        return
    queue, call.queue = call.queue, None
    board.tell(queue, Happening.CONNECTION_CLEARED, Cause.CALL_CANCELLED, other=parkee.device)


def _parker(parkee: Channel, dial_string: str) -> Channel | None:
    """The channel that parked: AMI names only its endpoint. It is still in the parkee's bridge, or, where the leaving
    of that is told first, still in its call."""
    there = list(parkee.bridge.members.values()) if parkee.bridge else []
    others = [member for member in there if member is not parkee]
    if parkee.leg is not None:
        others += [leg.channel for leg in parkee.leg.call.legs if leg.channel is not parkee]
    named = [member for member in others if member.endpoint == dial_string]
    return next(iter([*named, *others]), None)
