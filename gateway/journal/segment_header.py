"""A segment's name and header. Pure."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from struct import Struct
from typing import Final
from zlib import crc32

from gateway.journal.limits import CHECKPOINT_BYTES_MAX, EPOCH_MAX, NUMBER_MAX
from gateway.journal.record import RECORD_BYTES

MAGIC: Final = b"ULTRAJNL"
FORMAT_VERSION: Final = 1
"""Rises when an older reader would misread; it then refuses."""

SUFFIX: Final = ".journal"
ASIDE: Final = ".broken"
"""Behind the name of a segment that cannot be used: kept for support, deleted with the oldest."""
UNFINISHED: Final = ".new"
"""Behind the name of a segment that is being written; left over by a crash it is deleted."""

_FIELDS: Final = Struct(">8sHQQqQ")
"""magic, version, epoch, first number, created, checkpoint bytes (docs/journal.md, Segment)."""
_CRC: Final = Struct(">I")
SEGMENT_HEADER_BYTES: Final = _FIELDS.size + _CRC.size
_NAME: Final = re.compile(r"(\d{16})-(\d{20})\.journal")


class Unusable(Enum):
    """Why a header is none."""

    DAMAGED = auto()
    NEWER_VERSION = auto()


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """Epoch, number of the first event, when the segment was begun, length of its checkpoint."""

    epoch: int
    first: int
    created_us: int
    checkpoint_bytes: int

    @property
    def name(self) -> str:
        """The file's name: by name is by time, across epochs."""
        return f"{self.epoch:016d}-{self.first:020d}{SUFFIX}"

    @property
    def events_at(self) -> int:
        """Where the first record after the checkpoint stands."""
        return SEGMENT_HEADER_BYTES + RECORD_BYTES + self.checkpoint_bytes


def pack_segment_header(header: SegmentHeader) -> bytes:
    """The first bytes of a segment."""
    fields = _FIELDS.pack(MAGIC, FORMAT_VERSION, header.epoch, header.first, header.created_us, header.checkpoint_bytes)
    return fields + _CRC.pack(crc32(fields))


def read_segment_header(name: str, head: bytes) -> SegmentHeader | Unusable:
    """The header of a file of that name. Every later version keeps the form and the CRC of this header, so that a newer
    one is told from a damaged one."""
    if len(head) < SEGMENT_HEADER_BYTES:
        return Unusable.DAMAGED
    magic, version, epoch, first, created_us, checkpoint_bytes = _FIELDS.unpack_from(head)
    sound = _CRC.unpack_from(head, _FIELDS.size)[0] == crc32(head[: _FIELDS.size])
    if sound and magic == MAGIC and version > FORMAT_VERSION:
        return Unusable.NEWER_VERSION
    header = SegmentHeader(epoch, first, created_us, checkpoint_bytes)
    believable = 0 < epoch <= EPOCH_MAX and 0 < first <= NUMBER_MAX and checkpoint_bytes <= CHECKPOINT_BYTES_MAX
    usable = sound and magic == MAGIC and version == FORMAT_VERSION and believable and header.name == name
    return header if usable else Unusable.DAMAGED


def named_epoch(name: str) -> int | None:
    """The epoch in a segment's name, None for another file."""
    found = _NAME.fullmatch(name)
    return None if found is None else int(found.group(1))
