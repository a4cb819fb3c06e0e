"""The numbers that are reserved on disk, and whether what is about to be sent is covered by them.

Decides when the state file must be written; a failure is a value and is kept in `problem`.
"""

from dataclasses import replace

from gateway.journal.outage import is_due
from gateway.journal.refusals import why_unwritable
from gateway.journal.state import State
from gateway.journal.state_file import StateFile
from runtime.texts import Text, text


class Reservation:
    """The state of an open journal. `block` numbers are reserved at a time, the next ones when half are used."""

    def __init__(self, file: StateFile, block: int) -> None:
        self._file = file
        self._block = block
        self._wanted = file.held
        self._failed_us: int | None = None
        self.problem: Text | None = None
        """Why the state could not be written at the last attempt."""

    @property
    def held(self) -> State:
        """What stands on disk."""
        return self._file.held

    def keep_ahead(self, last: int, held_last: int, now_us: int) -> None:
        """While events go into the journal: reserve the next block in time before numbers up to `last` are used, of
        which the journal holds those up to `held_last`. A failure does no harm yet, so it is tried again at most once a
        second."""
        held = self.held
        is_ahead = last + self._block // 2 <= held.reserved
        if is_ahead and held.epoch == self._wanted.epoch and not held.is_unwritable:
            return
        if is_due(self._failed_us, now_us):
            self._reserve(replace(self._wanted, is_unwritable=False, last=held_last), last, now_us)

    def cover_outage(self, last: int, held_last: int, now_us: int) -> bool:
        """While events do not go into the journal: whether a restart would know that numbers up to `last` may have been
        used. `held_last` is the last number that the journal holds.

        An epoch that the disk never heard of needs no cover: a restart goes on with the one before, whose numbers were
        not used.
        """
        held = self.held
        is_unknown = held.epoch != self._wanted.epoch
        is_covered = held.is_unwritable and not is_unknown and last <= held.reserved
        if is_covered and last + self._block // 2 <= held.reserved:
            return True
        if (is_unknown or is_covered) and not is_due(self._failed_us, now_us):
            return True
        is_written = self._reserve(replace(self._wanted, is_unwritable=True, last=held_last), last, now_us)
        return is_written or is_unknown or is_covered

    def begin_segment(self, first: int, now_us: int) -> None:
        """A segment stands, whose loss a restart must notice."""
        self._reserve(replace(self._wanted, is_unwritable=False, segment=first, last=first - 1), first - 1, now_us)

    def begin_epoch(self, epoch: int, now_us: int) -> None:
        """Nothing of the epoch is used yet."""
        fresh = replace(self._wanted, epoch=epoch, is_unwritable=False, segment=0, last=0, reserved=0)
        self._reserve(fresh, 0, now_us)

    def close(self, last: int, now_us: int, *, is_safe: bool) -> None:
        """Closed in order after number `last`, if the disk made sure of everything."""
        if is_safe and self.held.epoch == self._wanted.epoch:
            self._write(replace(self._wanted, last=last, reserved=last, is_clean=True), now_us)
        self._file.close()

    def _reserve(self, state: State, last: int, now_us: int) -> bool:
        """Write a state with a block reserved behind `last`."""
        return self._write(replace(state, reserved=max(state.reserved, last + self._block)), now_us)

    def _write(self, state: State, now_us: int) -> bool:
        self._wanted = replace(state, sequence=self._wanted.sequence + 1)
        try:
            self._file.write(self._wanted)
        except OSError as error:
            self._failed_us = now_us
            self.problem = text("the journal's state cannot be written: {reason}", reason=why_unwritable(error))
            return False
        self._failed_us = self.problem = None
        return True
