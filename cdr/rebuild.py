"""Records made again from what the streams have told, and held against those in a database.

The ledger is the daemon's own: from the same events come the same rows, whatever happened to daemon and database in
between. Only conversations that began within what is told can be made again whole; the others are left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

from cdr.ledger.ledger import Ledger
from cdr.records import (
    ConversationRecord,
    LegRecord,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
)
from model.centre_events import CentreEvent
from model.events import Event
from model.ids import EventId
from model.view import Snapshot

Key = tuple[type[Record], str]
"""A row: its table by the record's type, and its identity."""

OF_A_CONVERSATION = (ConversationRecord, LegRecord, SegmentRecord, QueueVisitRecord, ProblemRecord)


class Rebuild:
    """``take`` the gateway's events in their order; ``centre`` are the other streams' events, each in its order."""

    def __init__(self, stream: str, centre: dict[str, Iterable[CentreEvent]] | None = None) -> None:
        given = centre or {}
        self._ledger = Ledger(given)
        self._ledger.stream = stream
        self._centre = {name: iter(events) for name, events in given.items()}
        self._next: dict[str, CentreEvent] = {}
        for name in self._centre:
            self._read_on(name)
        self._begins: EventId | None = None
        self._rows: dict[Key, tuple[Record, EventId]] = {}
        self.events = 0

    def take_snapshot(self, epoch: int, snapshot: Snapshot) -> None:
        """The state before the first event, or after some that are lost."""
        if self._begins is None:
            self._begins = EventId(epoch, snapshot.number)
        self._ledger.take_snapshot(epoch, snapshot)
        self._keep()

    def take(self, epoch: int, event: Event) -> None:
        """The next event; before it what the others told without having seen it."""
        at = EventId(epoch, event.number)
        for name in self._centre:
            while name in self._next and self._next[name].seen < at:
                self._tell(name)
        self._ledger.take(epoch, event)
        self.events += 1
        self._keep()

    def close(self) -> None:
        """Nothing more comes: whatever the others have still to say is said."""
        for name in self._centre:
            while name in self._next:
                self._tell(name)
        self._keep()

    def rows(self, up_to: EventId | None = None) -> dict[Key, Record]:
        """The rows in their last revision. ``up_to``: only those for which no later event of the gateway was needed."""
        return {key: record for key, (record, at) in self._rows.items() if up_to is None or at <= up_to}

    def later(self, up_to: EventId) -> set[str]:
        """The conversations that were not over there, or are not at all."""
        unfinished = {str(one) for one in self._ledger.unfinished_ids}
        ended = ((record, at) for record, at in self._rows.values() if isinstance(record, ConversationRecord))
        return unfinished | {record.conversation_id for record, at in ended if at > up_to}

    def _tell(self, name: str) -> None:
        event = self._next.pop(name)
        self._ledger.take_centre(name, 1, event)
        self._read_on(name)

    def _read_on(self, name: str) -> None:
        event = next(self._centre[name], None)
        if event is not None:
            self._next[name] = event

    def _keep(self) -> None:
        for record in self._ledger.take_records():
            if self._is_whole(record):
                self._rows[key_of(record)] = (record, self._ledger.taken)

    def _is_whole(self, record: Record) -> bool:
        if self._begins is None or not isinstance(record, OF_A_CONVERSATION):
            return True
        return EventId.parse(record.conversation_id) > self._begins


def key_of(record: Record) -> Key:
    """Which row a record is."""
    return type(record), getattr(record, fields(record)[0].name)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as it should be. ``expected`` None: it should not be there; ``found`` None: it is missing."""

    key: Key
    expected: Record | None
    found: Record | None

    def __str__(self) -> str:
        kind, identity = self.key
        what = kind.__name__.removesuffix("Record").lower()
        if self.found is None:
            return f"{what} {identity} is missing"
        if self.expected is None:
            return f"{what} {identity} should not be there"
        unlike = [
            f"{one.name} is {getattr(self.found, one.name)!r} and should be {getattr(self.expected, one.name)!r}"
            for one in fields(self.expected)
            if getattr(self.found, one.name) != getattr(self.expected, one.name) and one.name != "revision"
        ]
        return f"{what} {identity}: {'; '.join(unlike)}"


def differences(expected: dict[Key, Record], found: dict[Key, Record]) -> Iterator[Difference]:
    """Row by row; how often one was written does not count."""
    for key, record in expected.items():
        held = found.get(key)
        if held is None or without_revision(held) != without_revision(record):
            yield Difference(key, record, held)
    for key, record in found.items():
        if key not in expected:
            yield Difference(key, None, record)


def without_revision(record: Record) -> Record:
    """The same as if it had been written once."""
    return record if isinstance(record, ProblemRecord) else replace(record, revision=0)
