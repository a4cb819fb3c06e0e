"""Sessions of the IVR with callers: a row for each, when it has ended."""

from dataclasses import dataclass, field, replace

from cdr.ledger.desks import LOST_SIGHT_OF, NOTHING_SEEN
from cdr.records import IvrSessionRecord
from model.centre import CentreSnapshot, IvrOutcome, IvrSession
from model.centre_events import IvrEvent, IvrEventKind, SeenEvent
from model.ids import EventId, Microseconds


@dataclass(slots=True)
class IvrSessions:
    """Those that go on, and how far of the gateway's stream the IVR has said everything."""

    mark: EventId = NOTHING_SEEN
    running: dict[EventId, IvrSession] = field(default_factory=dict)

    touched: set[EventId] = field(default_factory=set)
    """What has changed since the last batch."""

    def seen(self, event: IvrEvent | SeenEvent) -> None:
        """Move the mark, as ``Desks.seen`` does."""
        mark = event.seen if isinstance(event, SeenEvent) else EventId(event.seen.epoch, max(event.seen.number - 1, 0))
        self.mark = max(self.mark, mark)

    def take_snapshot(self, snapshot: CentreSnapshot, now: Microseconds) -> list[IvrSessionRecord]:
        """What is so after events that are lost: the records of sessions that ended meanwhile, nobody knows when."""
        here = {session.session_id: session for session in snapshot.ivr_sessions}
        records: list[IvrSessionRecord] = []
        for session in [one for one in self.running.values() if one.session_id not in here]:
            lost = replace(session, outcome=IvrOutcome.FAILED, ended_us=now, reason=LOST_SIGHT_OF)
            event = IvrEvent(IvrEventKind.IVR_SESSION_ENDED, snapshot.number, now, snapshot.seen, lost)
            records += [replace(record, complete=False) for record in self.take(event)]
        self.running |= here
        self.touched.update(here)
        self.mark = max(self.mark, snapshot.seen)
        return records

    def take(self, event: IvrEvent) -> list[IvrSessionRecord]:
        """An event; the record of the session that it ends."""
        session = event.session
        self.touched.add(session.session_id)
        if event.kind is not IvrEventKind.IVR_SESSION_ENDED:
            self.running[session.session_id] = session
            return []
        self.running.pop(session.session_id, None)
        return [
            IvrSessionRecord(
                session_id=str(session.session_id),
                conversation_id=str(session.conversation_id),
                port=session.port,
                flow=session.flow,
                outcome=(IvrOutcome.FAILED if session.outcome is IvrOutcome.RUNNING else session.outcome).name.lower(),
                node=session.node,
                nodes=session.nodes,
                digits=session.digits,
                destination=session.destination,
                reason=session.reason,
                began_us=session.began_us,
                ended_us=session.ended_us if session.ended_us is not None else event.received_us,
            )
        ]
