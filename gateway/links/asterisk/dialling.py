"""Who calls whom: DialBegin, DialState, DialEnd, and what an unanswered leg's end meant.

Whether a leg that was not answered failed or was diverted shows only afterwards: another DialBegin of the same caller
makes it a diversion, the caller's end or a moment's silence a failure. Until then it waits in ``board.unanswered``; or,
where Asterisk has too little processor, for its channel's Hangup, which then comes after that DialBegin: what Dial says
is in order, what channels say is in order, but not the one with the other.
"""

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import SETTLE_US, Board
from gateway.links.asterisk.causes import ANSWERED_ELSEWHERE, diversion_cause, failure_cause, is_withdrawn
from gateway.links.asterisk.devices import dialled_number, plain_number
from gateway.links.asterisk.state import Call, Channel, Dial, Leg, Unanswered
from model.causes import Cause
from model.ids import DeviceNumber, Microseconds
from model.reports import Happening
from model.states import ConnectionState


def dial_began(board: Board, event: Event, destination: Channel) -> None:
    """DialBegin: a caller's first one is its Originated; without a Channel an Originate rings its own device.

    A caller who began before we listened is nobody yet: the snapshot, which knows both, makes one call of them.
    """
    number = dialled_number(event.value("DialString"))
    source_id = event.value("Uniqueid")
    source = board.channels.get(source_id)
    if source is None:
        if not source_id:
            _prompt(board, destination, number)
        elif board.never_began(source_id):
            board.distrust("a dial by a channel that never began")
        return
    if source is destination:
        board.distrust("a channel that dials itself")  # its own end would wait for itself
        return
    call = source.call or _call_of_local(board, source)
    caller = board.real_caller(source)
    call.has_failed = False
    if caller is not None and board.leg_in(caller, call) is not None:
        call.caller = caller
    if destination.dial is None or destination.dial.is_guessed:
        _forget_guess(destination)
        destination.dial = Dial(source, number, _divert_to(board, source, caller, number) or _cause_of_dial(call))
        source.dialled.append(destination)
    extension = event.value("Exten")
    if destination.is_trunk:
        destination.device = number
        if not call.called or call.cause in (Cause.NEW_CALL, Cause.MAKE_CALL, Cause.CONSULTATION):
            call.called = number
    elif not call.called:
        call.called = number if extension in ("", "s") else plain_number(extension)
    if destination.is_local:
        carry(destination, call)
    elif destination.leg is None:
        board.join(destination, call)
    if caller is not None:
        originate(board, caller)


def _forget_guess(destination: Channel) -> None:
    guessed = destination.dial.source if destination.dial is not None else None
    if guessed is not None:
        guessed.dialled = [child for child in guessed.dialled if child is not destination]


def _prompt(board: Board, channel: Channel, number: DeviceNumber) -> None:
    """An Originate rings its first device: our own devices are prompted to lift, an outside one is simply called."""
    if channel.is_local or channel.leg is not None:
        return
    request, destination = board.requests.get(channel.uniqueid, (None, None))
    call = board.begin_call(channel.uniqueid, Cause.MAKE_CALL)
    call.request = request
    call.called = destination or call.called
    leg = board.join(channel, call)
    if channel.is_trunk:
        channel.device = call.called = number
        channel.dial = Dial(None, number)
        return
    channel.is_prompted = True
    call.caller = channel
    board.tell(leg, Happening.SERVICE_INITIATED, Cause.MAKE_CALL)


def _call_of_local(board: Board, source: Channel) -> Call:
    """The call that a Local half begins by dialling, named after the first half."""
    partner = source.partner
    founder = partner.uniqueid if partner is not None and partner.name.endswith(";1") else source.uniqueid
    call = board.begin_call(founder, Cause.NEW_CALL)
    if source.is_local:
        carry(source, call)
    else:
        board.join(source, call)
        call.caller = source
    return call


def carry(local: Channel, call: Call) -> None:
    """Both halves of a Local channel carry this call from now on."""
    local.local_call = call
    if local.partner is not None:
        local.partner.local_call = call


def _cause_of_dial(call: Call) -> Cause | None:
    waits = call.queue is not None and call.queue.state is ConnectionState.QUEUED
    return Cause.DISTRIBUTED if waits else None


def originate(board: Board, channel: Channel) -> None:
    """The caller has dialled, or an application answered him: connected, if that is news."""
    leg = channel.leg
    if leg is None or leg.call.caller is not channel:
        return
    is_outside_and_served = channel.is_trunk and channel.is_up and not channel.dialled
    if leg.state is ConnectionState.INITIATED or (is_outside_and_served and leg.state is ConnectionState.NULL):
        board.tell(leg, Happening.ORIGINATED, leg.call.cause)


def dial_went_on(board: Board, event: Event, destination: Channel) -> None:
    """DialState: RINGING comes before or after Newstate Ringing; PROGRESS is the network's answer to a trunk leg."""
    status = event.value("DialStatus")
    if status == "RINGING" or (status == "PROGRESS" and destination.is_trunk):
        alerted(board, destination)


def alerted(board: Board, channel: Channel) -> None:
    """A called device rings (Delivered), or the network has taken a trunk leg (NetworkReached); said once."""
    leg = channel.leg
    if leg is None or channel.dial is None or leg.state is not ConnectionState.NULL or channel.dial.is_diverted:
        return
    if channel.is_trunk:
        board.tell(leg, Happening.NETWORK_REACHED, leg.call.cause, called=channel.device)
        return
    rings_with_others = channel.dial.source is not None and len(channel.dial.source.dialled) > 1
    cause = channel.dial.cause or (Cause.MULTIPLE_ALERTING if rings_with_others else leg.call.cause)
    board.tell(leg, Happening.DELIVERED, cause)


def dial_ended(board: Board, event: Event, destination: Channel) -> None:
    """DialEnd. ANSWER of a channel nobody dialled is a pickup, told by its own event; a Forward diverts at once."""
    status, dial = event.value("DialStatus"), destination.dial
    source = board.channels.get(event.value("Uniqueid"))
    if dial is None or dial.source is not source or destination.is_local:
        return
    if status == "ANSWER":
        established(board, destination)
    elif forward := event.value("Forward"):
        divert(board, destination, Cause.CALL_FORWARD, dialled_number(forward))
    elif not dial.status:
        dial.status = status
        caller = board.real_caller(source) if source is not None else None
        dial.is_cancelled = caller is not None and caller.wants_hangup


def established(board: Board, channel: Channel, cause: Cause | None = None) -> None:
    """A device answered; a queue that the caller waited in has done its part."""
    leg = channel.leg
    if leg is None or leg.was_answered:
        return
    call = leg.call
    if call.queue is not None:
        board.tell(call.queue, Happening.DIVERTED, cause or Cause.DISTRIBUTED, other=channel.device)
        call.queue = None
    if cause is None and channel.is_trunk:
        cause = Cause.NETWORK_SIGNAL
        if leg.state is ConnectionState.NULL:
            alerted(board, channel)
    elif cause is None:
        cause = (channel.dial.cause if channel.dial is not None else None) or call.cause
    board.tell(leg, Happening.ESTABLISHED, cause)
    leg.was_answered = True
    caller_leg = board.leg_in(call.caller, call) if call.caller is not None else None
    if caller_leg is not None:
        caller_leg.was_answered = True
    call.cause = Cause.REDIRECTED  # whoever is alerted next in this call was not meant at first


def divert(board: Board, channel: Channel, cause: Cause, destination: DeviceNumber) -> None:
    """The call leaves an alerted device for another one."""
    leg = channel.leg
    if leg is None or channel.dial is None:
        return
    if leg.state is ConnectionState.NULL:  # sent on before it rang: it was offered the call and refused
        board.tell(leg, Happening.OFFERED, leg.call.cause)
    board.tell(leg, Happening.DIVERTED, cause, other=destination)
    channel.dial.is_diverted = True
    leg.call.last_redirection = channel.device
    leg.call.cause = cause


def unanswered(board: Board, leg: Leg, dial: Dial) -> None:
    """A leg that was dialled ended without an answer: cancelled, answered elsewhere, or to be decided."""
    channel, call = leg.channel, leg.call
    source = dial.source
    caller = board.real_caller(source) if source is not None else None
    if dial.is_diverted:
        board.drop(leg)
    elif channel.hangup_cause == ANSWERED_ELSEWHERE or _answered_by_another(source, channel):
        _clear(board, leg, Cause.MULTIPLE_ALERTING)
    elif dial.is_cancelled or (not dial.status and caller is not None and caller.wants_hangup):
        _clear(board, leg, Cause.CALL_CANCELLED)
    elif call.queue is not None:
        board.tell(leg, Happening.FAILED, failure_cause(channel.hangup_cause, dial.status))
        _clear(board, leg, Cause.NORMAL_CLEARING)
    else:
        due = Microseconds(board.now_us + SETTLE_US)
        undecided = Unanswered(leg, caller, channel.hangup_cause, dial, due)
        board.unanswered.append(undecided)
        if caller is None or caller.uniqueid not in board.channels:
            _fail(board, undecided)


def was_answered_silently(channel: Channel) -> bool:
    """Answered, and gone before Dial could say so; but not too late, when another had answered before."""
    dial = channel.dial
    if dial is None or dial.source is None or not channel.is_up or dial.status or dial.is_diverted:
        return False
    return channel.hangup_cause != ANSWERED_ELSEWHERE and not _answered_by_another(dial.source, channel)


def _answered_by_another(source: Channel | None, channel: Channel) -> bool:
    others = source.dialled if source is not None else ()
    return any(other.leg is not None and other.leg.was_answered for other in others if other is not channel)


def _clear(board: Board, leg: Leg, cause: Cause) -> None:
    board.tell(leg, Happening.CONNECTION_CLEARED, cause, other=leg.call.released_by)
    board.drop(leg)


def has_undecided(channel: Channel) -> bool:
    """Whether a leg this caller dialled has failed but not ended yet: its end will say why."""
    return any(map(_is_undecided, channel.dialled))


def _is_undecided(child: Channel) -> bool:
    dial, leg = child.dial, child.leg
    if dial is None or not dial.status or dial.is_cancelled or dial.is_diverted:
        return False
    return leg is not None and not leg.was_answered


def settle(board: Board, caller: Channel) -> None:
    """The caller's way ends here: what was not answered has failed."""
    for undecided in [one for one in board.unanswered if one.source is caller]:
        _fail(board, undecided)


def settle_overdue(board: Board) -> None:
    """Nothing followed an unanswered leg: it failed, and the caller went on to something that is no call."""
    for undecided in [one for one in board.unanswered if board.is_due(one.due_us)]:
        _fail(board, undecided)
        if undecided.leg in undecided.leg.call.legs:
            _clear(board, undecided.leg, Cause.NORMAL_CLEARING)


def _fail(board: Board, undecided: Unanswered) -> None:
    board.unanswered.remove(undecided)
    leg, dial = undecided.leg, undecided.dial
    if is_withdrawn(undecided.hangup_cause, dial.status):
        _clear(board, leg, Cause.CALL_CANCELLED)
        return
    board.tell(leg, Happening.FAILED, failure_cause(undecided.hangup_cause, dial.status))
    leg.call.has_failed = True
    if undecided.source is None or board.leg_in(undecided.source, leg.call) is None:
        _clear(board, leg, Cause.NORMAL_CLEARING)


def fail_prompted(board: Board, leg: Leg) -> Cause:
    """An Originate's own device was not lifted; returns the cause of its clearing."""
    board.tell(leg, Happening.FAILED, failure_cause(leg.channel.hangup_cause, ""))
    return Cause.NORMAL_CLEARING


def _divert_to(board: Board, source: Channel, caller: Channel | None, number: DeviceNumber) -> Cause | None:
    """The caller dials on: what he was not answered by has diverted him. Returns why the next device is alerted."""
    cause: Cause | None = None
    for undecided in [one for one in board.unanswered if one.source is caller and caller is not None]:
        board.unanswered.remove(undecided)
        leg = undecided.leg
        cause = diversion_cause(undecided.hangup_cause, undecided.dial.status)
        divert(board, leg.channel, cause, number)
        board.drop(leg)
    for child in filter(_is_undecided, source.dialled):
        assert child.dial is not None, "it is undecided by what Dial said"
        if child.leg is not None and child.leg.call.queue is None:
            cause = diversion_cause(child.hangup_cause, child.dial.status)
            divert(board, child, cause, number)
    return cause
