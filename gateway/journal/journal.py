"""The journal of a stream: events in before they are sent, events out for who resumes, nothing lost without saying so.

One thread owns it. The order of a turn: `append` every event, `commit`, send; then `begin_segment` if `needs_segment`,
`sync` when due, `retain` now and then. What the disk does wrong is a value; what the caller does wrong is an exception.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gateway.journal import files
from gateway.journal.catalogue import Catalogue
from gateway.journal.consumers import Consumers
from gateway.journal.housekeeping import Housekeeping
from gateway.journal.limits import CHECKPOINT_BYTES_MAX, EPOCH_MAX, LOOK_ON_BYTES, JournalLimits
from gateway.journal.outage import Outage, is_due
from gateway.journal.record import pack_events, pack_hole
from gateway.journal.reservation import Reservation
from gateway.journal.segment import Segment
from gateway.journal.segment_header import SegmentHeader
from gateway.journal.tail import Tail
from gateway.journal.values import Begun, Committed, NotBegun, NotHeld, Retained, Unwritable
from protocol.archive import Frames, Hole
from runtime.texts import Text, text

NOTHING_MAY_BE_APPENDED = -1


class Journal:
    """An open journal; `gateway.journal.opening.open_journal` makes one.

    `epoch` is the stream's. Times are microseconds since 1970; a clock that is turned back does no harm.
    """

    def __init__(
        self,
        folder: Path,
        limits: JournalLimits,
        *,
        lock: files.Lock,
        reading: files.Reading,
        catalogue: Catalogue,
        reservation: Reservation,
        consumers: Consumers,
        next_number: int,
        tail: Tail,
        outage: Outage | None,
        has_hole: bool,
    ) -> None:
        self.epoch = catalogue.epoch
        self._folder = folder
        self._limits = limits
        self._lock = lock
        self._reading = reading
        self._catalogue = catalogue
        self._reservation = reservation
        self._housekeeping = Housekeeping(folder, limits, reading, catalogue, consumers)
        self._next = next_number
        self._settled = next_number - 1
        self._gathered: list[bytes] = []
        self._tail = tail
        self._outage = outage
        self._epoch_lost = False
        self._has_hole = has_hole
        self._is_closed = False
        self._not_begun_us: int | None = None
        self._now_us = 0
        self._problems: list[Text] = []
        self._said: Text | None = None

    # -- what is known -------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The last number that was committed or lost; 0: none."""
        return self._settled

    @property
    def next_number(self) -> int:
        """The number to append next."""
        return self._settled + len(self._gathered) + 1

    @property
    def first(self) -> int:
        """The oldest number that may be read; `last` + 1 when none may."""
        return self._catalogue.first_held() or self._settled + 1

    @property
    def held_bytes(self) -> int:
        """Size of all segments together."""
        return sum(segment.size for segment in self._catalogue.segments)

    @property
    def unwritable(self) -> Unwritable | None:
        """What is wrong while the journal cannot be written."""
        outage = self._outage
        if outage is None:
            return None
        return Unwritable(outage.reason, outage.since_us, outage.first, self._settled, self._epoch_lost)

    @property
    def needs_segment(self) -> bool:
        """Whether `begin_segment` is to be called, as of the last commit's time: there is none to write on, it is full
        or old, or events are missing since its checkpoint."""
        if self._epoch_lost or not is_due(self._not_begun_us, self._now_us):
            return False
        if not self._tail.is_there:
            return self._outage is None or self._outage.is_due(self._now_us)
        if self._outage is not None:
            return False
        segment = self._catalogue.segments[-1]
        if self._has_hole or self._tail.is_doubtful:
            return True
        age_us = self._now_us - segment.header.created_us
        full = max(self._limits.segment_bytes, segment.header.checkpoint_bytes)
        is_old = age_us > self._limits.segment_seconds * 1_000_000 and segment.event_bytes > 0
        return segment.event_bytes >= full or is_old

    @property
    def sync_due_us(self) -> int | None:
        """When `sync` is to be called at the latest; None: not before another commit."""
        since_us = self._tail.unsynced_since_us
        return None if since_us is None else since_us + self._limits.fsync_interval_ms * 1_000

    def take_problems(self) -> list[Text]:
        """In words what went wrong beside what was returned, each once: damage that readers met, a state or a list of
        consumers that cannot be written."""
        problems, self._problems = self._problems, []
        said = self._reservation.problem
        if said != self._said and said is not None:
            problems.append(said)
        self._said = said
        return problems + self._catalogue.take_problems()

    # -- writing -------------------------------------------------------------------------------------------------

    def append(self, number: int, frame: bytes) -> None:
        """Gather an event: its whole frame as it goes on the wire. ValueError unless `number` is the next one."""
        if number != self._next:
            raise ValueError(self._why_not(number))
        self._next = number + 1
        self._gathered.append(frame)

    def commit(self, now_us: int) -> Committed | Unwritable:
        """Write what was gathered, in one write; only then it may be sent. No OSError. ValueError for a frame that is
        none or bears another number; RuntimeError when no segment was ever begun."""
        self._now_us = now_us
        if self._outage is not None:
            return self._commit_in_outage(self._outage, now_us)
        if not self._gathered:
            return Committed(self._settled)
        self._reservation.keep_ahead(self._next - 1, self._settled, now_us)
        reason = self._write(pack_events(self._settled + 1, self._gathered), now_us)
        if reason is None:
            return Committed(self._settled)
        self._outage = Outage(reason, now_us, self._settled + 1, now_us)
        return self._lose(self._outage, now_us)

    def begin_segment(self, checkpoint: bytes, now_us: int) -> Begun | NotBegun:
        """Begin a segment with the state after event `last`. No OSError. RuntimeError with events not committed,
        ValueError for a checkpoint beyond `CHECKPOINT_BYTES_MAX`."""
        self._now_us = now_us
        if self._gathered or self._epoch_lost or self._is_closed:
            raise RuntimeError("a segment begins after a commit, in an epoch that is not lost, and before the end")
        if len(checkpoint) > CHECKPOINT_BYTES_MAX:
            raise ValueError(f"a checkpoint of {len(checkpoint)} bytes, at most {CHECKPOINT_BYTES_MAX}")
        header = SegmentHeader(self.epoch, self._settled + 1, now_us, len(checkpoint))
        self._sync_before_leaving()
        reason = self._tail.begin(header, checkpoint)
        if reason is not None:
            self._not_begun_us = now_us
            if self._outage is not None:
                self._outage.failed(reason, now_us)
            elif not self._tail.is_there:
                self._outage = Outage(reason, now_us, header.first, now_us)
            return NotBegun(reason)
        self._reading.forget(header.name)
        self._catalogue.add(Segment(header, self._tail.size))
        hole = None if self._outage is None else self._outage.lost(self._settled)
        self._outage = self._not_begun_us = None
        self._has_hole = False
        self._reservation.begin_segment(header.first, now_us)
        return Begun(header.first, hole)

    def give_up_next(self, now_us: int) -> None:
        """Never use the next number: who resumes from before it is told of a hole, and gets a snapshot. For a start
        with less than the whole state, before anything is appended: RuntimeError after it."""
        if self._gathered or self._epoch_lost or self._is_closed:
            raise RuntimeError("a number is given up before anything is appended")
        if self._tail.is_there and self._outage is None:
            reason = text("number {number} is given up: who resumes gets a snapshot", number=self._next)
            self._outage = Outage(reason, now_us, self._next, None)
        self._settled, self._next = self._next, self._next + 1

    def begin_epoch(self, epoch: int, now_us: int) -> None:
        """Begin numbers anew at 1, after `epoch_lost` or because the caller must; a segment is needed next. What was
        gathered is dropped. ValueError for an epoch that is not greater, RuntimeError after the end."""
        if self._is_closed:
            raise RuntimeError("the journal is closed")
        if not self.epoch < epoch <= EPOCH_MAX:
            raise ValueError(f"epoch {epoch} after {self.epoch}, at most {EPOCH_MAX}")
        self._now_us = now_us
        self.epoch = self._catalogue.epoch = epoch
        self._housekeeping.consumers.begin(epoch)
        self._tail.leave()
        self._next, self._settled, self._gathered = 1, 0, []
        self._epoch_lost = self._has_hole = False
        if self._outage is not None:
            self._outage.first = 1
        self._reservation.begin_epoch(epoch, now_us)

    def look_on(self) -> None:
        """Call once a second: look for damage in some more of what the last run left; `take_problems` tells it."""
        self._catalogue.look_on(LOOK_ON_BYTES)

    def sync(self, now_us: int) -> Text | None:
        """Make safe what was written (policy `interval`); why it failed, then a new segment is needed. No OSError."""
        self._now_us = now_us
        return self._tail.sync()

    def close(self, now_us: int) -> Committed | Unwritable:
        """Commit, make everything safe, and give the folder free; nothing can be done with the journal afterwards, nor
        need be about `epoch_lost`. No OSError."""
        committed = self._outage_value() if self._epoch_lost else self.commit(now_us)
        is_safe, reason = self._tail.close()
        if reason is not None:
            self._problems.append(text("the journal was not made safe: {reason}", reason=reason))
        self._housekeeping.remember()
        self._reservation.close(self._settled, now_us, is_safe=is_safe)
        self._is_closed = True
        self._reading.close()
        self._lock.close()
        return committed

    # -- reading and keeping -------------------------------------------------------------------------------------

    def read(self, after: int, bytes_max: int) -> Frames | Hole | NotHeld:
        """Committed events after a number: about `bytes_max` bytes, at least one event; none at the end (`last` is then
        the journal's), or when much had to be looked through: then call again, after the others' turn."""
        return self._catalogue.read(after, self._settled, bytes_max)

    def confirm(self, consumer: str, number: int) -> bool:
        """A durable consumer has taken everything up to a number. False, and nothing is changed, for a number that was
        not used yet, and for a consumer that the settings do not name."""
        return self._housekeeping.confirm(consumer, number, self._settled)

    @property
    def consumers(self) -> Mapping[str, int]:
        """The durable consumers and their places; 0: at the beginning of the epoch."""
        return MappingProxyType(self._housekeeping.consumers.places)

    def remember_places(self) -> None:
        """Write the consumers' places down if they changed; why that fails is told by ``retain``. No OSError."""
        self._housekeeping.remember()

    def retain(self, now_us: int) -> Retained:
        """Delete what is too much or too old and nobody waits for; say who is behind. No OSError."""
        return self._housekeeping.retain(self._settled, now_us)

    # -- inside --------------------------------------------------------------------------------------------------

    def _commit_in_outage(self, outage: Outage, now_us: int) -> Committed | Unwritable:
        if self._epoch_lost:
            return self._outage_value()
        if not self._tail.is_there or not outage.is_due(now_us):
            return self._lose(outage, now_us)
        batch = pack_events(self._settled + 1, self._gathered)
        hole = outage.lost(self._settled)
        reason = self._write(batch if hole is None else pack_hole(hole) + batch, now_us)
        if reason is not None:
            outage.failed(reason, now_us)
            return self._lose(outage, now_us)
        self._outage = None
        self._has_hole = self._has_hole or hole is not None
        self._reservation.keep_ahead(self._settled, self._settled, now_us)
        return Committed(self._settled, hole)

    def _write(self, batch: bytes, now_us: int) -> Text | None:
        """Write records of everything gathered; why it failed, and then it does not count."""
        reason = self._tail.write(batch, now_us)
        if reason is not None:
            return reason
        self._settled = self._next - 1
        self._gathered = []
        self._catalogue.segments[-1].grown(self._tail.size, self._next)
        return None

    def _lose(self, outage: Outage, now_us: int) -> Unwritable:
        """What was gathered is lost; it may be sent when a restart will know of its numbers."""
        last, held_last = self._next - 1, outage.first - 1
        if last <= held_last or self._reservation.cover_outage(last, held_last, now_us):
            self._settled = last
        else:
            self._epoch_lost = True
            self._next = NOTHING_MAY_BE_APPENDED
        self._gathered = []
        return self._outage_value()

    def _outage_value(self) -> Unwritable:
        found = self.unwritable
        assert found is not None
        return found

    def _sync_before_leaving(self) -> None:
        if not self._tail.is_doubtful and (reason := self._tail.sync()) is not None:
            self._problems.append(text("the journal was not made safe: {reason}", reason=reason))

    def _why_not(self, number: int) -> str:
        if self._next == NOTHING_MAY_BE_APPENDED:
            return "the epoch is lost: begin_epoch comes first"
        return f"event {number} appended where {self._next} comes next"
