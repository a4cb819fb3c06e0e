"""Which call a switch's call id means, now and for whom.

A switch uses its ids again, sometimes within seconds, while late reports of the old call are still to come. So an id
has generations: the newest is the call now; an ended or re-keyed one stays as a tombstone until every monitor has
finished with it or its time is over.
"""

from collections import deque

from model.ids import Microseconds, SwitchCallId
from model.record import CallRecord, Monitor
from model.reports import CallReport, CallSnapshot
from model.states import ConnectionState
from model.transitions import BEGINNINGS, CALLERS_OWN

TOMBSTONE_US = Microseconds(30_000_000)
"""How long late reports of an ended call are recognised: longer than any link delays an event (10 s), shorter than
the minutes in which small switches use an id again."""


class SwitchIds:
    """Generations of switch call ids."""

    def __init__(self) -> None:
        self._generations: dict[SwitchCallId, list[CallRecord]] = {}
        self._buried: deque[tuple[Microseconds, CallRecord]] = deque()

    def live(self, switch_id: SwitchCallId) -> CallRecord | None:
        """The call that has this id now."""
        generations = self._generations.get(switch_id)
        if generations and generations[-1].ended_us is None:
            return generations[-1]
        return None

    def meant_by(self, switch_id: SwitchCallId, monitor: Monitor) -> CallRecord | None:
        """The call a monitor means: an old one it has not finished with, else the newest; None if never heard of."""
        generations = self._generations.get(switch_id)
        if not generations:
            return None
        if len(generations) > 1:
            for record in generations[:-1]:
                if not is_finished(record, switch_id, monitor):
                    return record
        return generations[-1]

    def add(self, record: CallRecord) -> None:
        """A call begins under its ``switch_id``."""
        self._generations.setdefault(record.switch_id, []).append(record)

    def bury(self, record: CallRecord, now: Microseconds) -> None:
        """This call is over; keep it for late reports."""
        self._buried.append((Microseconds(now + TOMBSTONE_US), record))

    def prune(self, now: Microseconds) -> None:
        """Forget tombstones whose time is over."""
        while self._buried and self._buried[0][0] <= now:
            _, record = self._buried.popleft()
            self.remove(record)

    def forget_ended(self) -> None:
        """No late report can come any more."""
        for _, record in self._buried:
            record.dissolve()
        self._buried.clear()
        live = {one: [record for record in of if record.ended_us is None] for one, of in self._generations.items()}
        self._generations = {switch_id: records for switch_id, records in live.items() if records}

    def remove(self, record: CallRecord) -> None:
        """Nobody means this call any more: its time is over, or nobody has seen it and it is taken back."""
        generations = self._generations.get(record.switch_id)
        if generations and record in generations:
            generations.remove(record)
            if not generations:
                del self._generations[record.switch_id]
        record.dissolve()


def is_finished(record: CallRecord, switch_id: SwitchCallId, monitor: Monitor) -> bool:
    """Whether this monitor has reported its own end of the call, or never was in it."""
    if monitor is None:
        return True
    own = [leg for leg in record.legs if leg.is_own_monitor(monitor)]
    if not own:
        return monitor not in record.destinations
    if all(leg.state is ConnectionState.NULL and leg.cursors.get(monitor, 0) >= len(leg.history) for leg in own):
        return True
    return any(switch_id in one.old_ids and monitor in one.reported_by for one in record.transfers)


def is_another_call(record: CallRecord, r: CallReport) -> bool:
    """Whether a report cannot be about the call we hold under its id: the switch has given the id to another one.

    A device that has left a call does not begin in it. And while the connection was lost anything may have happened.
    """
    if r.subject is None or not (record.is_unproven or r.happening in CALLERS_OWN):
        return False
    leg = record.leg_of(r.subject)
    if leg is None or (record.is_unproven and leg.state is ConnectionState.QUEUED):  # a queue is in many calls
        return record.is_unproven and is_made_by_another(record, r)
    has_left = leg.state is ConnectionState.NULL and leg.cursors.get(r.monitor, 0) >= len(leg.history) > 0
    return has_left and r.happening in CALLERS_OWN and r.monitor is not None and leg.is_own_monitor(r.monitor)


def is_made_by_another(record: CallRecord, r: CallReport) -> bool:
    """Whether a stranger in a call is in one of his own: he begins, or is called by another; or whatever he does, a
    further stranger made it, to another number."""
    if r.happening in BEGINNINGS:
        return r.happening in CALLERS_OWN or (bool(r.calling) and r.calling != record.calling)
    is_told = bool(r.calling and r.called)
    return is_told and (r.calling, r.called) != (record.calling, record.called) and r.calling not in record.names()


def is_of_another_call(record: CallRecord, snap: CallSnapshot) -> bool:
    """Whether an answer cannot be about the call we hold under its id: other parties, and where it is told who called
    which number, not the same.

    While the connection was lost the switch may have been started anew and have given the id again; a call whose
    parties were all replaced meanwhile keeps who began it.
    """
    if not record.is_unproven or record.touched_us >= snap.asked_us:
        return False
    if snap.calling and (snap.calling, snap.called) == (record.calling, record.called):
        return False
    there = (one for one in snap.parties if one.state is not ConnectionState.QUEUED)
    ours, theirs = record.names(), {name for one in there for name in (one.key, one.device, one.trunk) if name}
    return bool(ours and theirs) and ours.isdisjoint(theirs)
