"""The events that name a transfer or a pickup: BlindTransfer, AttendedTransfer, Pickup."""

from gateway.links.asterisk import dialling, merging
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.parking import is_parked
from gateway.links.asterisk.state import Channel
from model.causes import Cause
from model.reports import Happening


def blind(board: Board, event: Event, transferer: Channel) -> None:
    """BlindTransfer. Success says only that it was tried; after a ParkedCall of the same party it is the park again."""
    leg = transferer.leg
    transferee = board.channels.get(event.value("TransfereeUniqueid"))
    if leg is None or event.value("Result") != "Success" or is_parked(leg.call):
        return
    call, target = leg.call, plain_number(event.value("Extension"))
    merging.transferred(board, leg, None, target=target, cause=Cause.SINGLE_STEP_TRANSFER)
    call.cause, call.called = Cause.TRANSFER, target
    if transferee is not None and transferee.leg is not None and transferee.leg.call is call:
        call.caller = transferee


def attended(board: Board, event: Event, first: Channel) -> None:
    """AttendedTransfer. The bridges have shown most of them before; what they have not is merged now."""
    second = board.channels.get(event.value("SecondTransfererUniqueid"))
    if event.value("Result") != "Success" or second is None:
        return
    primary = first.aside if first is second else first.leg
    secondary = second.leg
    if primary is None or secondary is None or primary.call is secondary.call:
        return
    merging.transferred(board, primary, secondary)


def picked_up(board: Board, event: Event, picker: Channel) -> None:
    """Pickup: the ringing device is diverted from, the picker's own call ends, and he is the one who answered."""
    target_id = event.value("TargetUniqueid")
    target = board.channels.get(target_id)
    if target is None:
        if board.never_began(target_id):
            board.distrust("a pickup of a channel that never began")
        return
    if target.leg is None:
        return
    call = target.leg.call
    if picker.leg is not None:
        board.tell(picker.leg, Happening.CONNECTION_CLEARED, Cause.CALL_PICKUP)
        board.drop(picker.leg)
    dialling.divert(board, target, Cause.CALL_PICKUP, picker.device)
    board.join(picker, call)
    dialling.established(board, picker, Cause.CALL_PICKUP)
