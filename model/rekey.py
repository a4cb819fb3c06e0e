"""Transfer and conference: connections change their call, in one happening and one event.

Every monitor in either call reports it, by its own time and under the old ids until then; the old ids stay as
tombstones whose legs are the new call's legs, so that late reports find them.
"""

from model.events import CallEventKind
from model.ids import NO_DEVICE, ConversationId, Microseconds, SwitchCallId
from model.record import CallRecord, Leg, Transfer
from model.reports import Happening, Rekeying, TransferReport
from model.state import DOUBT_US, ModelState
from model.states import ConnectionState


def take_transfer(s: ModelState, r: TransferReport) -> None:
    """Apply one monitor's report of a transfer or conference."""
    old_ids = frozenset(c.call for c in (r.primary_old, r.secondary_old) if c is not None)
    new_id = r.connections[0].new.call if r.connections else r.primary_old.call
    if repeats(s, r, old_ids, new_id):
        return
    sources = [record for record in map(s.ids.live, sorted(old_ids)) if record is not None]
    primary = s.ids.live(r.primary_old.call)
    now = r.received_us
    if not sources:
        s.mismatch(now, r.monitor, r.primary_old.call, "transfer of calls never begun")
    result = s.ids.live(new_id)
    if result is None and sources and (over := ended_already(s, r, new_id)) is not None:
        follow_to_the_end(s, r, sources, over)
        return
    conversation = min((one.conversation_id for one in [*sources, *([result] if result else [])]), default=None)
    if result is None:
        result = s.begin(new_id, now, conversation)
    joined = merge_stories(result, sources, conversation)
    adopt(result, primary or (sources[0] if sources else result))
    first_heard = move_legs(s, r, result, sources)
    rings = r.target if r.secondary_old is None else None  # its ringing is reported after the transfer
    marks = [(leg, len(leg.history)) for source in sources for leg in source.legs if leg.device != rings]
    marks += [(leg, 1) for leg in first_heard]
    if not r.is_conference:
        for record in dict.fromkeys([*sources, result]):
            marks += went_unseen(s, r, record, record.switch_id)
    transfer = Transfer(old_ids, new_id, r.acting, r.target, marks, {r.monitor})
    result.transfers.append(transfer)
    for source in sources:
        if source is not result:
            source.transfers.append(transfer)
            s.end(source, now)
    s.touch(result, None, now)
    if result.live():
        s.verify_later(result, now)
    else:
        s.end(result, now)
    heard = {source.switch_id for source in sources}
    for unheard in sorted(old_ids - heard - {result.switch_id}):
        stand_in(s, unheard, transfer, r, result)
        result.verify_us = Microseconds(now + DOUBT_US)
    start_cursors(transfer, r)
    s.touch_view(result)
    s.publish(
        CallEventKind.CONFERENCED if r.is_conference else CallEventKind.TRANSFERRED,
        now,
        r.acting or NO_DEVICE,
        r.cause,
        happened_us=r.happened_us,
        other=r.target,
        joined=joined,
        request=r.request,
    )
    if not sources or not s.link.state.is_up:
        s.ask_call(result, now)


def went_unseen(s: ModelState, r: TransferReport, record: CallRecord, switch_id: SwitchCallId) -> list[tuple[Leg, int]]:
    """Who transfers was in this call, though nobody has told so yet: those who will are late."""
    marks: list[tuple[Leg, int]] = []
    for old in (r.primary_old, r.secondary_old):
        if old is not None and old.call == switch_id and r.acting and record.leg_of(r.acting) is None:
            leg = s.add_leg(record, old.key, r.acting, r.received_us)
            leg.history.append(Happening.TRANSFERRED_AWAY)
            marks.append((leg, 1))
    return marks


def stand_in(s: ModelState, switch_id: SwitchCallId, transfer: Transfer, r: TransferReport, result: CallRecord) -> None:
    """A call first heard of by the transfer that ended it: what its other monitors still have to say is late."""
    record = s.bury_unseen(switch_id, r.received_us)
    record.transfers.append(transfer)
    transfer.marks += went_unseen(s, r, record, switch_id)
    for row in r.connections:
        moved = result.legs_by_key.get(row.new.key)
        if moved is not None and row.old is not None and row.old.call == switch_id:
            record.legs.append(moved)
            record.legs_by_key[row.old.key] = moved


def repeats(s: ModelState, r: TransferReport, old_ids: frozenset[SwitchCallId], new_id: SwitchCallId) -> bool:
    """Whether another monitor told this transfer already (or this one did); then its monitor's cursors move."""
    for switch_id in sorted(old_ids | {new_id}):
        record = s.ids.meant_by(switch_id, r.monitor)
        for transfer in record.transfers if record is not None else ():
            if (transfer.old_ids, transfer.new_id, transfer.acting, transfer.target) != (
                old_ids,
                new_id,
                r.acting,
                r.target,
            ):
                continue
            if r.monitor not in transfer.reported_by:
                s.counts["repeat"] += 1
                transfer.reported_by.add(r.monitor)
                start_cursors(transfer, r)
                return True
            acting = None if record is None or r.acting is None else record.leg_of(r.acting)
            if acting is None or acting.state is ConnectionState.NULL:
                s.counts["double"] += 1
                return True
    return False


def start_cursors(transfer: Transfer, r: TransferReport) -> None:
    """A monitor begins on the legs that came from the other call where they stood at the transfer."""
    if r.monitor is not None:
        for leg, length in transfer.marks:
            leg.cursors[r.monitor] = max(leg.cursors.get(r.monitor, 0), length)


def ended_already(s: ModelState, r: TransferReport, new_id: SwitchCallId) -> CallRecord | None:
    """The resulting call, if its end was told before the transfer that made it."""
    record = s.ids.meant_by(new_id, None)
    if record is None or record.ended_us is None or r.received_us - record.ended_us > DOUBT_US:
        return None
    if new_id in (r.primary_old.call, r.secondary_old and r.secondary_old.call):
        return None
    parties = {row.device for row in r.connections} | {r.target}
    return record if any(leg.device in parties for leg in record.legs) else None


def follow_to_the_end(s: ModelState, r: TransferReport, sources: list[CallRecord], over: CallRecord) -> None:
    """The calls went into one that is over: so are they."""
    now = r.received_us
    old_ids = frozenset(source.switch_id for source in sources)
    transfer = Transfer(old_ids, over.switch_id, r.acting, r.target, [], {r.monitor})
    joined = tuple((sources[0].conversation_id, one.conversation_id) for one in [*sources[1:], over])
    for source in sources:
        for leg in source.live():
            leg.history.append(Happening.TRANSFERRED_AWAY)
        source.transfers.append(transfer)
        s.end(source, now)
    over.transfers.append(transfer)
    s.publish(
        CallEventKind.TRANSFERRED, now, r.acting or NO_DEVICE, r.cause, other=r.target, joined=joined, request=r.request
    )


def merge_stories(
    result: CallRecord, sources: list[CallRecord], winner: ConversationId | None
) -> tuple[tuple[ConversationId, ConversationId], ...]:
    """The earliest conversation goes on; the others point to it."""
    if winner is None:
        return ()
    losers = sorted({one.conversation_id for one in [*sources, result]} - {winner})
    result.conversation_id = winner
    return tuple((winner, loser) for loser in losers)


def adopt(result: CallRecord, primary: CallRecord) -> None:
    """The call goes on with the first call's caller and number dialled."""
    result.has_caller = True
    result.calling = primary.calling or result.calling
    result.called = primary.called or result.called


def move_legs(s: ModelState, r: TransferReport, result: CallRecord, sources: list[CallRecord]) -> list[Leg]:
    """Bring the listed legs, and those of bystanders the list forgot, into the resulting call; the rest end. Returns
    the legs that were first heard of by this transfer."""
    now = r.received_us
    candidates = [leg for source in sources for leg in source.live()]
    if result not in sources:
        candidates += result.live()
    placed: set[Leg] = set()
    first_heard: list[Leg] = []
    for item in r.connections:
        leg = listed_leg(item, candidates, sources, placed)
        if leg is None:
            leg = s.add_leg(result, item.new.key, item.device or NO_DEVICE, now, trunk=item.trunk or NO_DEVICE)
            leg.history.append(Happening.REKEYED_HERE)
            s.set_leg(leg, ConnectionState.CONNECTED, now)
            first_heard.append(leg)
        for source in sources:  # who has yet to tell the transfer names it by its old key
            if item.old is not None and source.switch_id == item.old.call:
                source.legs_by_key.setdefault(item.old.key, leg)
        place(s, leg, result, item)
        placed.add(leg)
    for leg in candidates:
        if leg in placed:
            continue
        twin = any(other.device == leg.device and leg.device for other in placed)
        if leg.is_implied and leg.record is result and result not in sources:
            s.set_leg(leg, ConnectionState.NULL, now)
            result.remove(leg)  # the caller was a guess; now we know who came
        elif twin or (leg.device == r.acting and not r.is_conference):
            leg.history.append(Happening.TRANSFERRED_AWAY)
            s.set_leg(leg, ConnectionState.NULL, now)
        elif leg.record is not result:
            place(s, leg, result, None)
            placed.add(leg)
    for leg in placed:
        if r.is_conference and leg.device == r.acting:
            leg.history.append(Happening.REKEYED_HERE)
            s.set_leg(leg, ConnectionState.CONNECTED, now)
    return first_heard


def listed_leg(item: Rekeying, candidates: list[Leg], sources: list[CallRecord], placed: set[Leg]) -> Leg | None:
    """The leg that a row of the connection list is about."""
    for source in sources:
        if item.old is not None and source.switch_id == item.old.call:
            leg = source.legs_by_key.get(item.old.key)
            if leg in candidates and leg not in placed:
                return leg
    for leg in candidates:
        if leg not in placed and item.device and item.device in (leg.device, leg.trunk):
            return leg
    return None


def place(s: ModelState, leg: Leg, result: CallRecord, item: Rekeying | None) -> None:
    """Make a leg one of the resulting call, under its new key."""
    if leg.record is not result:
        s.touch_view(leg.record)
        leg.record.parties_changed()
        leg.record = result
        result.legs.append(leg)
        result.parties_changed()
    if item is not None:
        leg.key = item.new.key
        leg.shown = None
        s.rename_leg(leg, item.device or NO_DEVICE, item.trunk or NO_DEVICE)
    if leg.key:
        result.legs_by_key[leg.key] = leg
    s.touch_view(result)
