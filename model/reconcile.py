"""Snapshots: comparing what the switch says is there with what we hold, without racing the events.

A difference is applied only where no event came after the question left; otherwise the question is asked again. A call
or party that is missing from one answer is asked for again; only a second absence ends it.
"""

from collections.abc import Iterable

from model.causes import Cause
from model.events import CallEventKind
from model.ids import NO_DEVICE, DeviceNumber, Microseconds, SwitchCallId
from model.record import NO_KEY, CallRecord, Leg
from model.reports import CallSnapshot, DeviceSnapshot, PartySnapshot
from model.state import ASK_AGAIN_US, VERIFY_UNWATCHED_US, ModelState
from model.states import ConnectionState
from model.switch_ids import is_of_another_call

ABSENCES_TO_END = 2
"""One absent answer may have been on its way while the call began; two cannot."""


def take_call_snapshot(s: ModelState, snap: CallSnapshot) -> None:
    """Compare one call."""
    now = snap.received_us
    record = s.ids.live(snap.call)
    if record is None:
        if s.heard_unknown.get(snap.call, snap.asked_us - 1) >= snap.asked_us:
            s.ask_switch_id(snap.call, NO_KEY)
        elif snap.parties and not ended_since(s, snap.call, snap.asked_us):
            begin_found(s, snap)
        return
    record.asked_us = None
    s.verify_later(record, now)
    if not snap.parties:
        absent(s, record, snap.asked_us, now)
        return
    if is_of_another_call(record, snap):
        end_found(s, record, now)
        begin_found(s, snap)
        return
    differences = compare(record, snap.parties)
    if record.touched_us < snap.asked_us:
        record.told_by_switch()
    record.is_unproven = record.is_unproven and record.touched_us >= snap.asked_us
    if not differences:
        confirm(record, snap.asked_us)
    elif record.touched_us >= snap.asked_us:
        s.ask_call(record, now)
    else:
        settle(s, record, snap, differences)


def ended_since(s: ModelState, switch_id: SwitchCallId, asked_us: Microseconds) -> bool:
    """Whether a call with this id ended after the question left: then the answer is stale."""
    record = s.ids.meant_by(switch_id, None)
    return record is not None and record.ended_us is not None and record.ended_us >= asked_us


def confirm(record: CallRecord, asked_us: Microseconds) -> None:
    """The switch agrees."""
    record.proven_us = max(record.proven_us, asked_us)
    record.negatives = 0
    for leg in record.legs:
        leg.negatives = 0
        leg.deferred.clear()


def absent(s: ModelState, record: CallRecord, asked_us: Microseconds, now: Microseconds) -> None:
    """The switch does not know this call."""
    if record.touched_us >= asked_us:
        s.ask_call(record, now)
        return
    record.negatives += 1
    if record.negatives + max((leg.negatives for leg in record.live()), default=0) < ABSENCES_TO_END:
        s.ask_call(record, now)
        return
    end_found(s, record, now, next((leg.device for leg in record.live() if leg.device), NO_DEVICE))


def end_found(s: ModelState, record: CallRecord, now: Microseconds, subject: DeviceNumber = NO_DEVICE) -> None:
    """The call is found to be over; when it ended nobody knows."""
    proof = record.proven_us
    s.end(record, now)
    s.publish(CallEventKind.RECONCILED, now, subject, Cause.RECONCILED, last_proof_us=proof)


def begin_found(s: ModelState, snap: CallSnapshot) -> None:
    """The switch has a call we never heard of."""
    now = snap.received_us
    record = s.begin(snap.call, now)
    record.has_caller = True
    record.calling, record.called = snap.calling or NO_DEVICE, snap.called or NO_DEVICE
    for party in snap.parties:
        if party.state is not ConnectionState.NULL:
            leg = add_party(s, record, party, now)
            s.set_leg(leg, party.state, now)
    if not record.live():
        s.end(record, now)
        return
    s.publish(CallEventKind.RECONCILED, now, record.legs[0].device, Cause.RECONCILED)


def add_party(s: ModelState, record: CallRecord, party: PartySnapshot, now: Microseconds) -> Leg:
    """A connection that only the snapshot names."""
    trunk = party.trunk or NO_DEVICE
    return s.add_leg(record, party.key or NO_KEY, party.device or NO_DEVICE, now, trunk=trunk)


def compare(record: CallRecord, parties: Iterable[PartySnapshot]) -> list[tuple[Leg | None, PartySnapshot | None]]:
    """Pairs that differ: (leg, party), (leg, None) for a leg the switch does not name, (None, party) for a new one."""
    differences: list[tuple[Leg | None, PartySnapshot | None]] = []
    matched: set[Leg] = set()
    for party in parties:
        leg = match(record, party, matched)
        if leg is not None:
            matched.add(leg)
            if leg.state is not party.state or (party.key and leg.key != party.key):
                differences.append((leg, party))
        elif party.state is not ConnectionState.NULL:
            differences.append((None, party))
    differences += [(leg, None) for leg in record.live() if leg not in matched]
    return differences


def match(record: CallRecord, party: PartySnapshot, matched: set[Leg]) -> Leg | None:
    """The leg a party of a snapshot is, by key, else by device, else the one whose key nobody told."""
    if party.key and (leg := record.legs_by_key.get(party.key)) is not None and leg.record is record:
        return leg
    live = [leg for leg in record.live() if leg not in matched]
    for leg in live:
        if party.device and party.device in (leg.device, leg.trunk) and (not leg.key or not party.key):
            return leg
    guesses = [leg for leg in live if not leg.key and not leg.device]
    return guesses[0] if len(guesses) == 1 else None


def settle(
    s: ModelState, record: CallRecord, snap: CallSnapshot, differences: list[tuple[Leg | None, PartySnapshot | None]]
) -> None:
    """Make the call what the switch says it is; parties missing once are asked for again."""
    now, proof, again, subject = snap.received_us, record.proven_us, False, NO_DEVICE
    for one in record.legs:
        one.deferred.clear()
    for leg, party in differences:
        if party is None and leg is not None:
            leg.negatives += 1
            if leg.negatives < ABSENCES_TO_END:
                again = True
                continue
            s.set_leg(leg, ConnectionState.NULL, now)
        elif party is not None:
            if leg is None:
                leg = add_party(s, record, party, now)
            elif party.key and leg.key != party.key:
                record.bind(leg, party.key)
                s.touch_view(record)
            s.set_leg(leg, party.state, now)
            s.rename_leg(leg, party.device or NO_DEVICE, party.trunk or NO_DEVICE)
        subject = subject or (leg.device if leg is not None else NO_DEVICE)
    if not record.live():
        s.end(record, now)
    elif again:
        s.ask_call(record, now)
    if s.has_changes():
        s.publish(CallEventKind.RECONCILED, now, subject, Cause.RECONCILED, last_proof_us=proof)


def take_device_snapshot(s: ModelState, snap: DeviceSnapshot) -> None:
    """Compare the calls of one device; each difference becomes a question about that call."""
    now = snap.received_us
    listed: set[SwitchCallId] = set()
    for connection, state in snap.connections:
        listed.add(connection.call)
        record = s.ids.live(connection.call)
        if record is None:
            if state is not ConnectionState.NULL and not ended_since(s, connection.call, snap.asked_us):
                s.ask_switch_id(connection.call, connection.key)
            continue
        leg = record.legs_by_key.get(connection.key) or record.leg_of(snap.device)
        if leg is None or leg.state is not state or record.verify_us <= now:
            s.ask_call(record, now)
    for leg in s.devices.legs_of(snap.device):
        if leg.record.switch_id not in listed and leg.touched_us < snap.asked_us:
            leg.negatives += 1
            s.ask_call(leg.record, now)


def take_whole_switch(
    s: ModelState, snapshots: Iterable[CallSnapshot], asked_us: Microseconds, now: Microseconds
) -> None:
    """All calls of the switch in one answer; what is not in it is absent."""
    named: set[SwitchCallId] = set()
    for snap in snapshots:
        named.add(snap.call)
        take_call_snapshot(s, snap)
    for record in list(s.calls.values()):
        if record.switch_id not in named:
            record.asked_us = None
            absent(s, record, asked_us, now)


def verify_due(s: ModelState, now: Microseconds) -> None:
    """Ask for every call of which nothing was heard for too long."""
    for record in s.calls.values():
        if record.verify_us <= now or record.has_due_doubt(now):
            s.ask_call(record, now)
            record.verify_us = Microseconds(now + VERIFY_UNWATCHED_US)


def forget_unknown(s: ModelState, now: Microseconds) -> None:
    """What was said of calls that we do not hold matters while answers may be on their way."""
    for switch_id in [one for one, heard_us in s.heard_unknown.items() if heard_us + ASK_AGAIN_US <= now]:
        del s.heard_unknown[switch_id]


def prove_watched(s: ModelState) -> None:
    """The link was up until now: what monitors watch was as we hold it when the switch last said anything."""
    for record in s.calls.values():
        if record.is_watched():
            record.proven_us = max(record.proven_us, s.heard_us)


def must_verify_all(s: ModelState, now: Microseconds) -> None:
    """The link was lost: every call is to be asked for when it is back."""
    for record in s.calls.values():
        record.verify_us = now
        record.asked_us = None
