"""Every limit and default of the journal, each with its reason. Must not know how they are kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocol.frame import HEADER_BYTES
from protocol.limits import BODY_BYTES_MAX_SERVER

FRAME_BYTES_MAX: Final = HEADER_BYTES + BODY_BYTES_MAX_SERVER
"""Largest event frame: what a server may send. A length beyond it on disk is damage."""

CHECKPOINT_BYTES_MAX: Final = 256 * 1024 * 1024
"""Largest checkpoint: 100,000 calls and devices at two kilobytes each, with room. A length beyond it is damage."""

EPOCH_MAX: Final = 2**53 - 2
"""Largest epoch believed from disk: below 2^53, with one left that is greater."""

NUMBER_MAX: Final = 2**62
"""Largest number believed from disk: no stream gets there, and what is added to it still fits a u64."""

SEGMENT_BYTES: Final = 64 * 1024 * 1024
"""Event bytes of a segment: seven minutes at 500 events a second, a tenth of a second to look through."""

SEGMENT_SECONDS: Final = 3600
"""Longest life of a segment: a restart replays an hour at most, and retention by age is exact to an hour."""

KEEP_BYTES: Final = 4 * 1024 * 1024 * 1024
"""Bytes kept for resumes: ten million events of a call centre, most of a busy day."""

KEEP_SECONDS: Final = 7 * 24 * 3600
"""Age up to which events are kept: a week covers every holiday of a subscriber that is worth a catch-up."""

HARD_BYTES: Final = 16 * 1024 * 1024 * 1024
"""Bytes beyond which durable consumers hold nothing back any more: a full disk would lose events of everybody."""

FSYNC_INTERVAL_MS: Final = 1_000
"""Between two fsyncs of the policy `interval`: what a power cut may cost, against one stall of the disk a second."""

RESERVE_NUMBERS: Final = 65_536
"""Numbers reserved ahead at a time: two minutes at 500 events a second, so that the state file is rarely written."""

RETRY_US: Final = 1_000_000
"""Between two attempts on a journal that cannot be written: a full disk is not hammered, and used within a second."""

INDEX_BYTES: Final = 64 * 1024
"""Between two entries of a segment's index: what a resume reads in vain at most; 1,000 entries for a full segment."""

PIECE_BYTES: Final = 2 * (FRAME_BYTES_MAX + 16)
"""Read from a file at a time: the largest record and, when that one is damaged, the record after it, whole."""

LOOK_THROUGH_BYTES: Final = 8 * PIECE_BYTES
"""Looked through by one call in a segment without an index: some 10 ms, then others have their turn."""

LOOK_ON_BYTES: Final = 1024 * 1024
"""Looked through a second after a start, until all is: three milliseconds each, and four gigabytes in an hour or so."""

OPEN_READERS_MAX: Final = 16
"""Segment files that readers hold open: resumes are mostly of the newest few, and a file is reopened in 20 µs."""

CONSUMERS_MAX: Final = 64
"""Durable consumers: a site has a handful, each named in its settings."""

ROOM_BYTES: Final = 1024 * 1024
"""Free bytes without which a journal does not begin: a first segment with a small checkpoint and some minutes."""


class Fsync(StrEnum):
    """When the disk is told to make sure. The value is what settings say."""

    NEVER = "never"
    INTERVAL = "interval"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """The limits of one journal; settings and tests may set others than the defaults."""

    fsync: Fsync = Fsync.INTERVAL
    fsync_interval_ms: int = FSYNC_INTERVAL_MS
    segment_bytes: int = SEGMENT_BYTES
    segment_seconds: int = SEGMENT_SECONDS
    keep_bytes: int = KEEP_BYTES
    keep_seconds: int = KEEP_SECONDS
    hard_bytes: int = HARD_BYTES
    reserve_numbers: int = RESERVE_NUMBERS
    room_bytes: int = ROOM_BYTES
