"""Call reports of single connections: what each does to the state.

Decides, with ``model.repeats``, whether a report is news, and applies it by the moves of ``model.state``. Transfers
are in ``model.rekey``, snapshots in ``model.reconcile``.
"""

from model.events import CallEventKind
from model.ids import NO_DEVICE, DeviceNumber, Microseconds
from model.parties import confirm_caller, find_leg, learn, new_leg, outside_number
from model.reconcile import end_found
from model.record import CallRecord, Leg
from model.repeats import Verdict, classify
from model.reports import CallReport, Happening
from model.state import DOUBT_US, ModelState
from model.states import ConnectionState
from model.switch_ids import is_another_call, is_finished
from model.transitions import BEGINNINGS, CALLERS_OWN, CAN_BEGIN_CALL, PROVES

KIND = {
    happening: CallEventKind[happening.name] for happening in Happening if happening.name in CallEventKind.__members__
}
_NO_TRANSITION = (Happening.CALL_INFORMATION, Happening.DIGITS_DIALED)
_ENDS_LEG = (Happening.CONNECTION_CLEARED, Happening.DIVERTED)


def take_call_report(s: ModelState, r: CallReport) -> None:
    """Apply one report of one monitor; what it only adds (a number, a connection's key) is told too."""
    sort_out(s, r)
    if s.has_changes():
        s.publish(CallEventKind.CALL_INFORMATION, r.received_us, r.subject or NO_DEVICE, r.cause)


def sort_out(s: ModelState, r: CallReport) -> None:
    """Find the call that a report is about, or that it is about none that we hold."""
    record = s.ids.meant_by(r.connection.call, r.monitor)
    if record is None:
        first_heard(s, r)
        return
    if record.ended_us is not None:
        after_the_end(s, record, r)
        return
    if is_another_call(record, r):
        end_found(s, record, r.received_us)
        first_heard(s, r)
        return
    leg = find_leg(s, record, r)
    if leg is not None and leg.record is not record:
        record = leg.record
        if record.ended_us is not None:
            late(s, leg, r)
            return
    if r.happening is Happening.CALL_CLEARED:
        s.end(record, r.received_us)
        publish(s, r)
    elif r.happening in _NO_TRANSITION:
        s.touch(record, leg, r.received_us)
        learn(s, record, r)
        if s.has_changes() or r.digits:
            s.touch_view(record)
            publish(s, r)
    else:
        judge(s, record, leg, r)


def after_the_end(s: ModelState, record: CallRecord, r: CallReport) -> None:
    """A report under the id of a call that is over: a late one of it, or the first of another call."""
    match begins_anew(record, r):
        case True:
            first_heard(s, r)
        case False:
            leg = find_leg(s, record, r)
            if leg is not None and leg.record.ended_us is None and r.happening in PROVES:
                judge(s, leg.record, leg, r)  # its monitor has yet to hear of the transfer that moved it
            else:
                late(s, leg, r)
        case None if is_stranger(record, r) and r.calling and (r.calling, r.called) == (record.calling, record.called):
            # The same caller rings the same number: most likely a device that we never knew was in that call.
            late(s, None, r)
            caller = s.devices.configured.get(r.calling)
            if caller is None or not caller.monitored:
                s.ask_switch_id(r.connection.call, r.connection.key)
        case None:
            first_heard(s, r)
            if not is_finished(record, r.connection.call, r.monitor):
                s.ask_switch_id(r.connection.call, r.connection.key)


def is_stranger(record: CallRecord, r: CallReport) -> bool:
    """Whether the reporting monitor's device was never seen in this call."""
    return r.monitor is not None and record.leg_of(r.monitor) is None and r.monitor not in record.destinations


def begins_anew(record: CallRecord, r: CallReport) -> bool | None:
    """Whether a report under an old call's id is the beginning of another call; None: likely, not proven."""
    if r.happening not in CAN_BEGIN_CALL:
        return False
    leg = record.legs_by_key.get(r.connection.key)
    cursor = leg.cursors.get(r.monitor, 0) if leg is not None else 0
    if leg is not None and r.happening in leg.history[cursor:]:
        return False
    if r.happening in CALLERS_OWN and r.monitor is not None and record.calling not in (NO_DEVICE, r.monitor):
        return True
    if is_stranger(record, r):
        return None
    if is_finished(record, r.connection.call, r.monitor):
        return True
    said_before = leg is not None and leg.is_own_monitor(r.monitor) and r.happening in leg.history[:cursor]
    return None if said_before and r.happening in BEGINNINGS else False


def late(s: ModelState, leg: Leg | None, r: CallReport) -> None:
    """A report on a call that is over, or on a connection that moved on: absorbed, its monitor's cursor moves."""
    s.counts["late"] += 1
    s.heard_unknown[r.connection.call] = r.received_us
    if leg is not None:
        verdict, cursor = classify(leg, r.monitor, r.happening)
        if verdict is Verdict.REPEAT:
            leg.cursors[r.monitor] = cursor


def first_heard(s: ModelState, r: CallReport) -> None:
    """A call id never heard of: a call begins, or one that we missed shows itself."""
    now = r.received_us
    if r.happening not in CAN_BEGIN_CALL:
        s.mismatch(now, r.monitor, r.connection.call, f"{r.happening.name.lower()} of a call never begun")
        if r.happening not in PROVES or r.happening in _ENDS_LEG:
            s.heard_unknown[r.connection.call] = now
            s.ask_switch_id(r.connection.call, r.connection.key)
            return
    record = s.begin(r.connection.call, now)
    leg = new_leg(s, record, r)
    if r.happening in CAN_BEGIN_CALL:
        judge(s, record, leg, r)
    else:
        apply(s, record, leg, r, PROVES[r.happening], 1)
    if not record.is_published:
        s.forget(record)
    elif not s.link.state.is_up or r.happening not in CAN_BEGIN_CALL:
        s.ask_call(record, now)


def judge(s: ModelState, record: CallRecord, leg: Leg | None, r: CallReport) -> None:
    """New, repeat, late, double or impossible?"""
    if leg is None:
        leg = new_leg(s, record, r)
        if r.happening in _ENDS_LEG:
            leave_unseen(s, record, leg, r)
            return
    verdict, cursor = classify(leg, r.monitor, r.happening)
    is_unheard = verdict in (Verdict.NEW, Verdict.IMPOSSIBLE) or r.monitor in leg.deferred
    if is_unheard and waits_for_own_monitor(leg, r):
        s.counts["deferred"] += 1
        record.doubt(leg, r.monitor, Microseconds(r.received_us + DOUBT_US))
    elif verdict is Verdict.NEW:
        apply(s, record, leg, r, PROVES[r.happening], cursor)
    elif verdict is Verdict.IMPOSSIBLE:
        impossible(s, record, leg, r)
    else:
        s.counts[verdict.name.lower()] += 1
        if verdict is Verdict.LATE and (r.happening not in BEGINNINGS or leg.state is ConnectionState.NULL):
            record.doubt(leg, r.monitor, Microseconds(r.received_us + DOUBT_US))
        leg.cursors[r.monitor] = cursor
        s.touch(record, leg, r.received_us)
        if verdict is Verdict.REPEAT:
            join(leg, r.monitor, cursor - 1)
            catch_up(leg, r)
        learn(s, record, r)
        confirm_caller(s, record, leg, r)


def leave_unseen(s: ModelState, record: CallRecord, leg: Leg, r: CallReport) -> None:
    """Somebody left of whom we never heard: those who report that he came are late, or their reports are lost."""
    s.counts["left_unseen"] += 1
    leg.history.append(r.happening)
    leg.cursors[r.monitor] = 1
    record.verify_us = min(record.verify_us, Microseconds(r.received_us + DOUBT_US))


def waits_for_own_monitor(leg: Leg, r: CallReport) -> bool:
    """That a monitored device is connected is believed from its own monitor alone: others, who are in no order with
    it, would have it connected twice. What they say after that waits until its own monitor has caught up; if it does
    not, the switch is asked."""
    if leg.is_own_monitor(r.monitor):
        return False
    connects = PROVES[r.happening] is ConnectionState.CONNECTED and leg.monitored and not leg.trunk
    if not connects and not leg.deferred:
        return False
    leg.deferred.setdefault(r.monitor, []).append(r.happening)
    return True


def catch_up(leg: Leg, r: CallReport) -> None:
    """Its own monitor confirms what others said before: their cursors follow."""
    if not leg.deferred or not leg.is_own_monitor(r.monitor):
        return
    for monitor, said in list(leg.deferred.items()):
        if r.happening in said:
            del said[: said.index(r.happening) + 1]
            leg.cursors[monitor] = max(leg.cursors.get(monitor, 0), leg.cursors[r.monitor])
            if not said:
                del leg.deferred[monitor]


def impossible(s: ModelState, record: CallRecord, leg: Leg, r: CallReport) -> None:
    """Apply what the report proves, unless the device's own monitor knows better; say so and ask the switch."""
    text = f"{r.happening.name.lower()} of {leg.device or leg.key!r} while {leg.state.name.lower()}"
    if leg.is_own_monitor(r.monitor) or not leg.monitored:
        after = PROVES[r.happening]
        if after is not leg.state:
            apply(s, record, leg, r, after, len(leg.history) + 1)
    s.mismatch(r.received_us, r.monitor, record.switch_id, text)
    if record.ended_us is None:
        s.ask_call(record, r.received_us)


def apply(s: ModelState, record: CallRecord, leg: Leg, r: CallReport, after: ConnectionState, cursor: int) -> None:
    """News: move the leg, learn what else the report tells, publish one event."""
    now = r.received_us
    joins = leg.state is ConnectionState.NULL
    leg.history.append(r.happening)
    leg.cursors[r.monitor] = cursor
    catch_up(leg, r)
    if joins:
        index = len(leg.history) - 1
        leg.joins[index] = [(other, len(other.history)) for other in record.legs if other is not leg]
        join(leg, r.monitor, index)
    s.touch(record, leg, now)
    leg.is_implied = False
    s.set_leg(leg, after, now)
    s.touch_view(record)  # an answer by the network's leave changes no state, and is news all the same
    if r.happening is Happening.NETWORK_REACHED:
        s.rename_leg(leg, outside_number(s, r), r.subject or NO_DEVICE)
    elif r.subject:
        s.rename_leg(leg, r.subject, r.trunk or NO_DEVICE)
    learn(s, record, r)
    confirm_caller(s, record, leg, r)
    s.verify_later(record, now)
    if r.happening is Happening.DIVERTED and r.other:
        record.destinations.add(r.other)
    if after is ConnectionState.NULL:
        left(s, record, r)
    publish(s, r, leg.device)


def join(leg: Leg, monitor: DeviceNumber | None, index: int) -> None:
    """A device's own monitor tells that it joined: what the others did before, it will never tell."""
    if monitor is None or not leg.is_own_monitor(monitor):
        return
    for other, length in leg.joins.get(index, ()):
        other.cursors[monitor] = max(other.cursors.get(monitor, 0), length)


def left(s: ModelState, record: CallRecord, r: CallReport) -> None:
    """A party left. Is anybody there who will report the rest?"""
    live = record.live()
    if not live:
        s.end(record, r.received_us)
    elif r.monitor is not None and not record.is_watched():
        if len(live) == 1 and r.happening is Happening.CONNECTION_CLEARED:
            s.end(record, r.received_us)
        elif r.happening is Happening.DIVERTED:
            record.verify_us = Microseconds(r.received_us + DOUBT_US)
    elif all(leg.is_implied for leg in live):
        record.verify_us = Microseconds(r.received_us + DOUBT_US)


def publish(s: ModelState, r: CallReport, device: DeviceNumber = NO_DEVICE) -> None:
    """The event of a report."""
    s.publish(
        KIND[r.happening],
        r.received_us,
        r.subject or device,
        r.cause,
        happened_us=r.happened_us,
        other=r.other,
        number_queued=r.number_queued,
        calls_in_front=r.calls_in_front,
        digits=r.digits,
        request=r.request,
    )
