"""The journal of a stream: an append-only store of event frames, so that nothing is lost without saying so.

Only the store: it is given frames and checkpoints, knows no call, reads no clock, logs nothing. The format, what each
policy promises and what operators do with it are in docs/journal.md.
"""

from gateway.journal.journal import Journal
from gateway.journal.limits import Fsync, JournalLimits
from gateway.journal.opening import Opened, Start, open_journal
from gateway.journal.values import (
    Begun,
    Checkpoint,
    Committed,
    ConsumerBehind,
    EpochReason,
    NotBegun,
    NotHeld,
    Recovered,
    Retained,
    Unwritable,
)
from protocol.archive import Frames, Hole

__all__ = [
    "Begun",
    "Checkpoint",
    "Committed",
    "ConsumerBehind",
    "EpochReason",
    "Frames",
    "Fsync",
    "Hole",
    "Journal",
    "JournalLimits",
    "NotBegun",
    "NotHeld",
    "Opened",
    "Recovered",
    "Retained",
    "Start",
    "Unwritable",
    "open_journal",
]
