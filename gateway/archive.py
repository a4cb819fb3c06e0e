"""The journal as the stream's archive: commits before the wire, begins segments, says what the disk does.

Trouble is said when it begins and when it ends, not with every event: through ``say`` (code, text) and, while it lasts,
``lasts`` (code, subject, text or None at its end), in the words of an operator. Decides nothing about what is kept;
that is ``gateway.journal``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from gateway.journal.journal import Journal
from gateway.journal.values import Committed, ConsumerBehind, NotBegun, NotHeld, Unwritable
from protocol.archive import Frames, Hole
from runtime.clock import Clock
from runtime.texts import Language, Text

log = structlog.get_logger("gateway.journal")

RETAIN_SECONDS = 60.0
"""Between two looks at what is too old: segments are minutes long at the least."""

SLOW_SECONDS = 0.25
"""For what the disk does in one go; the loop waits for it. A busy disk takes a tenth of it, and people notice more."""

SLOW_SAID_SECONDS = 60.0
"""Between two times that a slow disk is said."""

MUCH_IS_KEPT = "more than half of what the disk may hold for it is waiting; at the whole the oldest events are deleted"


class JournalArchive:
    """``protocol.archive.Archive`` over a journal. ``checkpoint`` gives the state as of the last number published;
    ``epoch_lost`` must begin a new epoch everywhere before it returns."""

    def __init__(
        self,
        journal: Journal,
        checkpoint: Callable[[], bytes],
        clock: Clock,
        say: Callable[[str, str], None],
        lasts: Callable[[str, str, str | None], None],
        epoch_lost: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._checkpoint = checkpoint
        self._wall_us = clock.wall_us
        self._monotonic_us = clock.monotonic_us
        self._slow_due_us = clock.monotonic_us()
        self._say = say
        self._lasts = lasts
        self._epoch_lost = epoch_lost
        self._is_closed = False
        self._is_in_trouble = False
        self._has_hole = False
        self._is_late = False
        self._is_doubtful = False
        self._behind: frozenset[str] = frozenset()
        self._retain_due_us = 0

    @property
    def journal(self) -> Journal:
        """Not to be written by others."""
        return self._journal

    # -- the stream's side ---------------------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """See ``Archive``."""
        return self._journal.first

    def append(self, number: int, frame: bytes) -> None:
        """See ``Archive``."""
        self._journal.append(number, frame)

    def commit(self) -> None:
        """See ``Archive``."""
        journal = self._journal
        if self._is_closed:
            return  # the last turn of the loop: nothing is published any more
        is_idle = journal.next_number - 1 == journal.last
        if is_idle and journal.unwritable is None and not journal.needs_segment:
            return
        self._commit()

    def read(self, after: int, bytes_max: int) -> Frames | Hole | None:
        """See ``Archive``."""
        read = self._journal.read(after, bytes_max)
        return None if isinstance(read, NotHeld) else read

    def consumers(self) -> Mapping[str, int]:
        """See ``Archive``."""
        return self._journal.consumers

    def confirm(self, consumer: str, number: int) -> None:
        """See ``Archive``."""
        self._journal.confirm(consumer, number)

    # -- the daemon's side ---------------------------------------------------------------------------------------

    def begin_segment(self) -> None:
        """A new segment from the state as it is; nothing may wait for a commit."""
        checkpoint = self._checkpoint()
        with self._timed():
            begun = self._journal.begin_segment(checkpoint, self._wall_us())
        if not isinstance(begun, NotBegun):
            self._recorded(begun.hole)
            self._is_late = self._is_doubtful = self._has_hole = False
            self._works()
        elif self._journal.unwritable is not None:
            self._trouble(begun.reason)
        elif not self._is_late:
            self._is_late = True
            self._say("journal_segment_late", f"{_english(begun.reason)}; events go on into the old segment")

    def tick(self) -> None:
        """Once a second: fsync when due, retention, a look for damage, and whatever went wrong beside."""
        if self._is_closed:
            return  # a daemon that stops ticks until its last task has ended
        now_us = self._wall_us()
        journal = self._journal
        self._commit()  # what could not be written, or begun, is tried again, events or none
        if journal.sync_due_us is not None and now_us >= journal.sync_due_us:
            with self._timed():
                reason = journal.sync(now_us)
            if reason is not None and not self._is_doubtful:
                self._is_doubtful = True
                self._say("journal_doubtful", f"{_english(reason)}; what was written last may not be on the disk")
        journal.remember_places()
        if now_us >= self._retain_due_us:
            self._retain_due_us = now_us + int(RETAIN_SECONDS * 1_000_000)
            self._retain(now_us)
        journal.look_on()
        for problem in journal.take_problems():
            self._say("journal_damaged", _english(problem))

    def close(self) -> None:
        """Everything is written and the folder given free; nothing may be appended after it."""
        self._is_closed = True
        closed = self._journal.close(self._wall_us())
        if isinstance(closed, Committed):
            self._recorded(closed.hole)
        else:
            self._trouble(closed.reason)  # a lost epoch is the next start's matter: nothing more is sent in this one

    def _retain(self, now_us: int) -> None:
        with self._timed():
            done = self._journal.retain(now_us)
        for problem in done.problems:
            self._say("journal_not_trimmed", _english(problem))
        for one in done.behind:
            if one.lost is not None or one.consumer not in self._behind:
                self._say("consumer_behind", _behind(one))
        behind = frozenset(one.consumer for one in done.behind)
        for consumer in behind - self._behind:
            self._lasts("consumer_behind", consumer, MUCH_IS_KEPT)
        for consumer in self._behind - behind:
            self._lasts("consumer_behind", consumer, None)
        self._behind = behind
        if done.deleted:
            log.info("journal_trimmed", files=len(done.deleted), first=self._journal.first)

    def _commit(self) -> None:
        with self._timed():
            committed = self._journal.commit(self._wall_us())
        self._judge(committed)
        if self._journal.needs_segment:
            self.begin_segment()

    # -- what the disk does --------------------------------------------------------------------------------------

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Around what the disk does."""
        began_us = self._monotonic_us()
        yield
        now_us = self._monotonic_us()
        seconds = (now_us - began_us) / 1_000_000
        if seconds >= SLOW_SECONDS and now_us >= self._slow_due_us:
            self._slow_due_us = now_us + int(SLOW_SAID_SECONDS * 1_000_000)
            self._say("journal_slow", f"the journal's disk took {seconds:.1f} s; everybody waited for it")

    def _judge(self, outcome: Committed | Unwritable) -> None:
        if isinstance(outcome, Committed):
            self._recorded(outcome.hole)
            self._works()
            return
        self._trouble(outcome.reason)
        if outcome.epoch_lost:
            self._epoch_lost()

    def _trouble(self, reason: Text) -> None:
        if not self._is_in_trouble:
            self._is_in_trouble = True
            outage = self._journal.unwritable
            first = self._journal.next_number if outage is None else outage.first
            said = f"{_english(reason)}; events from {first} on go out and are not kept"
            self._say("journal_unwritable", said)
            self._lasts("journal_unwritable", "", said)

    def _recorded(self, hole: Hole | None) -> None:
        if hole is not None:
            self._has_hole = True
            log.warning("journal_hole", first=hole.first, last=hole.last)

    def _works(self) -> None:
        """It does again when what was lost is behind a new segment: the last room of a full disk takes an event or two,
        and that is no end of the trouble."""
        if self._is_in_trouble and self._journal.unwritable is None and not self._has_hole:
            self._is_in_trouble = False
            self._lasts("journal_unwritable", "", None)
            log.info("journal_writable", number=self._journal.next_number)


def _behind(one: ConsumerBehind) -> str:
    if one.lost is not None:
        return f"{one.consumer} lost events {one.lost.first} to {one.lost.last}: it was away too long for the disk"
    share = 100 * one.bytes_behind // one.hard_bytes
    return f"{one.consumer} has taken events up to {one.confirmed}; {share} % of what the disk may hold for it is used"


def _english(said: Text) -> str:
    return said.render(Language.EN)
