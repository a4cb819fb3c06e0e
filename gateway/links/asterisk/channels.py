"""A channel's own life: it begins, is answered, holds, and hangs up."""

from gateway.links.asterisk import dialling
from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import (
    CHANNELS_MAX,
    RETRIEVE_SETTLE_US,
    SETTLE_US,
    TRANSFER_SETTLE_US,
    Board,
)
from gateway.links.asterisk.causes import clearing_cause
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.state import NOBODY, Channel, Leg
from model.causes import Cause
from model.ids import Microseconds
from model.reports import Happening
from model.states import ConnectionState


def began(board: Board, event: Event) -> None:
    """Newchannel. State Ring is a caller (ServiceInitiated, for our own devices); Down is about to be called."""
    if len(board.channels) >= CHANNELS_MAX:
        board.distrust("more channels than any Asterisk carries")
        return
    uniqueid = event.value("Uniqueid")
    if uniqueid in board.ended:
        return  # an event that a snapshot has overtaken
    if (known := board.channels.get(uniqueid)) is not None:
        if known.is_found and known.name == event.value("Channel"):
            known.is_found = False
        else:
            board.distrust("a channel began twice")
        return
    channel = board.begin_channel(event)
    if channel.is_local or event.value("ChannelStateDesc") != "Ring":
        return
    holds_another = not channel.is_trunk and any(
        other.leg is not None and other.leg.state is ConnectionState.HOLD
        for other in board.by_endpoint[channel.endpoint].values()
    )
    call = board.begin_call(channel.uniqueid, Cause.CONSULTATION if holds_another else Cause.NEW_CALL)
    call.caller = channel
    call.called = NOBODY if channel.extension == "s" else plain_number(channel.extension)
    leg = board.join(channel, call)
    if not channel.is_trunk:
        board.tell(leg, Happening.SERVICE_INITIATED, call.cause)


def changed_state(board: Board, event: Event, channel: Channel) -> None:
    """Newstate: Ringing and Up of a called device, Up of a caller whom an application answered, Busy of a caller."""
    state = event.value("ChannelStateDesc")
    if state == "Ringing":
        dialling.alerted(board, channel)
    elif state == "Up":
        channel.is_up = True
        if channel.holds_early:
            _answer_of_a_holder(board, channel)
        call = channel.leg.call if channel.leg is not None else None
        if call is not None and call.caller is channel and (call.called or not channel.is_prompted):
            dialling.originate(board, channel)
    elif state == "Busy":
        dialling.settle(board, channel)


def held(board: Board, _: Event, channel: Channel) -> None:
    """Hold: this channel's device holds its call."""
    leg = channel.leg
    if leg is None:
        channel.holds_early = not channel.was_in_call
        return
    retrieve(board, leg)
    _answer_of_a_holder(board, channel)
    if not board.tell(leg, Happening.HELD, Cause.NORMAL):
        channel.holds_early = not leg.was_answered


def _answer_of_a_holder(board: Board, channel: Channel) -> None:
    """Who holds has answered: Dial may say so when the phone has long called somebody else."""
    if dialling.was_answered_silently(channel):
        dialling.established(board, channel)


def unheld(board: Board, _: Event, channel: Channel) -> None:
    """Unhold: counts only where a Hold was, and only if no transfer follows at once (7 of 21 mean nothing)."""
    channel.holds_early = False
    for leg in (channel.leg, channel.aside):
        if leg is not None and leg.state is ConnectionState.HOLD and leg not in board.retrieving:
            settle_us = TRANSFER_SETTLE_US if _speaks_elsewhere(board, leg) else RETRIEVE_SETTLE_US
            leg.retrieve_due_us = Microseconds(board.now_us + settle_us)
            board.retrieving.append(leg)


def _speaks_elsewhere(board: Board, leg: Leg) -> bool:
    """Whether the device of a held leg is connected in another call: by this channel, or an extension by a further."""
    channel = leg.channel
    own = [channel] if channel.is_trunk else board.by_endpoint[channel.endpoint].values()
    legs = [other for one in own for other in (one.leg, one.aside) if other is not None]
    return any(other.call is not leg.call and other.state is ConnectionState.CONNECTED for other in legs)


def retrieve(board: Board, leg: Leg) -> None:
    """No transfer follows: an Unhold that waited for one is a retrieve."""
    if leg in board.retrieving:
        board.retrieving.remove(leg)
        board.tell(leg, Happening.RETRIEVED, Cause.NORMAL)


def asked_to_hang_up(board: Board, _: Event, channel: Channel) -> None:
    """HangupRequest: this channel's side hung up first; SoftHangupRequest and its cause mean nothing."""
    channel.wants_hangup = True
    for leg in (channel.leg, channel.aside):
        if leg is not None and (leg.was_answered or leg.call.caller is channel):
            leg.call.released_by = channel.device


def hung_up(board: Board, event: Event, channel: Channel) -> None:
    """Hangup: the channel is gone. A caller waits for the ends of the legs he had dialled, to say why first."""
    channel.hangup_cause = event.number("Cause") or 0
    dialling.settle(board, channel)
    board.end_channel(channel)
    if dialling.has_undecided(channel):
        board.leaving.append((channel, Microseconds(board.now_us + SETTLE_US)))
        return
    clear(board, channel)


def clear(board: Board, channel: Channel) -> None:
    """Say what the end of a channel meant for its calls."""
    for leg in (channel.aside, channel.leg):
        if leg is None:
            continue
        if dialling.was_answered_silently(channel):
            dialling.established(board, channel)
        if channel.dial is not None and channel.dial.source is not None and not leg.was_answered:
            dialling.unanswered(board, leg, channel.dial)
        else:
            _clear_leg(board, leg)
    for caller, _ in [entry for entry in board.leaving if not dialling.has_undecided(entry[0])]:
        board.leaving = [entry for entry in board.leaving if entry[0] is not caller]
        clear(board, caller)


def _clear_leg(board: Board, leg: Leg) -> None:
    channel, call = leg.channel, leg.call
    is_caller = call.caller is channel
    retrieve(board, leg)
    failed = [other for other in call.legs if other.state is ConnectionState.FAIL and is_caller]
    for other_leg in failed:
        board.tell(other_leg, Happening.CONNECTION_CLEARED, Cause.NORMAL_CLEARING)
        board.drop(other_leg)
    cause = clearing_cause(channel.hangup_cause)
    if is_caller and channel.wants_hangup and not (leg.was_answered or channel.is_up or call.has_failed):
        cause = Cause.CALL_CANCELLED
    if channel.is_prompted and leg.state is ConnectionState.INITIATED and not channel.is_up:
        cause = dialling.fail_prompted(board, leg)
    other = call.released_by if not channel.wants_hangup else None
    board.tell(leg, Happening.CONNECTION_CLEARED, cause, other=other if other != channel.device else None)
    board.drop(leg)
