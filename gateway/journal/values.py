"""What the journal answers: frozen values, no behaviour. Times are microseconds since 1970 UTC.

Events read, and those that are missing, are the stream's own values: `protocol.archive`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from protocol.archive import Hole
from runtime.texts import Text


class EpochReason(StrEnum):
    """Why an epoch is new; docs/journal.md says what each means. Codes are API."""

    FIRST = "first"
    STATE_LOST = "state_lost"
    STATE_STALE = "state_stale"
    JOURNAL_LOST = "journal_lost"
    POWER_LOST = "power_lost"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state before event `number` + 1 of `epoch`, as the caller gave it. The epoch may be an older one than the
    journal's: then it is the last that is known from before the new epoch."""

    epoch: int
    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found at the start.

    `last` is the last number whose event is held (0: none), `next_number` the one to use next: beyond `last` + 1 when
    numbers between may have been used. `checkpoint` is the newest good one, None when there is none; `frames` the
    event frames held after it, in order, to be taken before the first `retain`; `holes` the numbers that are missing
    after it, in order: with one, the state of checkpoint and frames is not the whole truth. After a new epoch
    (`reason` says why) checkpoint, frames and holes are those of the epoch before, and `last` is 0.
    `mended` says in words what was found broken and what was done. Only reading `frames` may raise OSError.
    """

    epoch: int
    reason: EpochReason | None
    last: int
    next_number: int
    checkpoint: Checkpoint | None
    frames: Iterator[bytes]
    holes: tuple[Hole, ...]
    mended: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """Everything up to `last` is in the journal, as safe as the policy promises, and may be sent. `hole` once, when
    the journal works again: what was sent meanwhile and is not held."""

    last: int
    hole: Hole | None = None


@dataclass(frozen=True, slots=True)
class Unwritable:
    """The journal cannot be written; `first` to `last` is what it lost so far (nothing while `last` is less),
    `since_us` when that began.

    What was appended may be sent all the same, unless `epoch_lost`: then nothing may be sent before `begin_epoch`,
    since a restart would use the numbers again.
    """

    reason: Text
    since_us: int
    first: int
    last: int
    epoch_lost: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A new segment stands; `hole` as in Committed."""

    first: int
    hole: Hole | None = None


@dataclass(frozen=True, slots=True)
class NotBegun:
    """The new segment cannot be written, now; the journal goes on in the old one if there is one."""

    reason: Text


@dataclass(frozen=True, slots=True)
class NotHeld:
    """The next event is older than everything held, which begins with `first`."""

    first: int


@dataclass(frozen=True, slots=True)
class ConsumerBehind:
    """A durable consumer that retention waits for: `bytes_behind` lie after its confirmed number, at `hard_bytes` they
    are deleted. `lost`: what was deleted just now and it had not confirmed."""

    consumer: str
    confirmed: int
    bytes_behind: int
    hard_bytes: int
    lost: Hole | None = None


@dataclass(frozen=True, slots=True)
class Retained:
    """What a round of retention did: names of files deleted, consumers to speak of, what went wrong in words."""

    deleted: tuple[str, ...] = ()
    behind: tuple[ConsumerBehind, ...] = ()
    problems: tuple[Text, ...] = ()
