"""Which epoch and number a start goes on with, from what the last run left. Pure: no number is used twice here.

nothing there at all                                        a new epoch: first
state missing or both copies damaged                        a new epoch: state_lost
state older than the journal beside it                      a new epoch: state_stale
no segment of the state's epoch                             a new epoch: journal_lost
not closed, machine restarted since, not fsynced            a new epoch: power_lost
else, all that was sent is in the journal                   the epoch and the next number
else                                                        the epoch, behind the reserved numbers; a hole before
"""

from dataclasses import dataclass

from gateway.journal.state import State
from gateway.journal.values import EpochReason
from protocol.archive import Hole


@dataclass(frozen=True, slots=True)
class Left:
    """What the last run left. `epoch` and `segment` are those of the newest segment (0: there is none), `last` the last
    number it holds or says to be missing, `is_damaged` whether something after that was there and cannot be read;
    `highest_epoch` the greatest epoch found anywhere."""

    state: State | None
    epoch: int = 0
    segment: int = 0
    last: int = 0
    is_damaged: bool = False
    highest_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Numbering:
    """How to go on; `hole` ends just before `next_number`. `reason` is set when the epoch is new."""

    epoch: int
    next_number: int
    hole: Hole | None = None
    reason: EpochReason | None = None


def numbering(left: Left, boot_id: str, new_epoch: int) -> Numbering:
    """Go on, or begin a new epoch: `new_epoch`, or the next one above every epoch found."""
    reason = _why_new(left, boot_id)
    state = left.state
    if reason is not None or state is None:
        return Numbering(max(new_epoch, left.highest_epoch + 1), 1, reason=reason)
    may_be_used = state.reserved if state.is_clean or _is_missing(left, state) else left.last
    hole = Hole(left.last + 1, may_be_used) if may_be_used > left.last else None
    return Numbering(state.epoch, may_be_used + 1, hole)


def _why_new(left: Left, boot_id: str) -> EpochReason | None:
    state = left.state
    if state is None:
        return EpochReason.STATE_LOST if left.highest_epoch else EpochReason.FIRST
    if left.epoch > state.epoch:
        return EpochReason.STATE_STALE
    if left.epoch < state.epoch:
        return EpochReason.JOURNAL_LOST
    if state.is_clean:
        return EpochReason.STATE_STALE if left.last > state.reserved else None
    if not state.is_fsynced and (boot_id != state.boot_id or not boot_id):
        return EpochReason.POWER_LOST
    # What was reserved must lie ahead of what is held, or it says nothing about what is missing.
    return EpochReason.STATE_STALE if _is_missing(left, state) and state.reserved <= left.last else None


def _is_missing(left: Left, state: State) -> bool:
    """Whether events may have been sent, before a stop that was not in order, that the journal does not hold."""
    return state.is_unwritable or left.is_damaged or left.segment < state.segment or left.last < state.last
