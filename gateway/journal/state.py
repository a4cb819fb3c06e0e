"""The journal's state: what must be known about numbers even when no event can be written. Pure.

It stands twice in a file of fixed size, so that it is written in place, which a full disk does not prevent. Both places
are written one after the other, each made safe before the next: one that is torn or damaged costs nothing, for either
the other is the same or what it was to say was not acted upon yet.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final
from zlib import crc32

from gateway.journal.limits import EPOCH_MAX, NUMBER_MAX
from gateway.journal.segment_header import Unusable

MAGIC: Final = b"ULTRASTA"
STATE_VERSION: Final = 1
PLACES: Final = (0, 4096)
"""Where the two copies stand: on different pages, so that no torn write meets both."""
STATE_FILE_BYTES: Final = 8192

BOOT_ID_BYTES_MAX: Final = 64
"""A boot id is a UUID in text, 36 bytes."""

_FIELDS: Final = Struct(">8sHHQQQQQB64s")
"""magic, version, flags, sequence, epoch, last, reserved, segment, boot id length, boot id."""
_CRC: Final = Struct(">I")
COPY_BYTES: Final = _FIELDS.size + _CRC.size

_CLEAN, _UNWRITABLE, _FSYNCED = 1, 2, 4


@dataclass(frozen=True, slots=True)
class State:
    """`sequence` rises with each writing. Numbers up to `reserved` may have been used; `last` and `segment` are the
    last number and the newest segment's first number when this was written (0: none).

    `is_clean`: the journal was closed in order, and `reserved` is the last number used. `is_unwritable`: events may
    have been sent that are not in the journal. `is_fsynced`: nothing was sent before the disk had made sure.
    """

    sequence: int
    epoch: int
    last: int = 0
    reserved: int = 0
    segment: int = 0
    boot_id: str = ""
    is_clean: bool = False
    is_unwritable: bool = False
    is_fsynced: bool = False


def pack_state(state: State) -> bytes:
    """One copy. ValueError for a boot id that is none."""
    boot_id = state.boot_id.encode()
    if len(boot_id) > BOOT_ID_BYTES_MAX:
        raise ValueError(f"a boot id of {len(boot_id)} bytes")
    flags = _CLEAN * state.is_clean | _UNWRITABLE * state.is_unwritable | _FSYNCED * state.is_fsynced
    fields = _FIELDS.pack(
        MAGIC,
        STATE_VERSION,
        flags,
        state.sequence,
        state.epoch,
        state.last,
        state.reserved,
        state.segment,
        len(boot_id),
        boot_id,
    )
    return fields + _CRC.pack(crc32(fields))


def read_copy(content: bytes) -> State | Unusable:
    """The state in one copy's bytes."""
    if len(content) < COPY_BYTES or _CRC.unpack_from(content, _FIELDS.size)[0] != crc32(content[: _FIELDS.size]):
        return Unusable.DAMAGED
    magic, version, flags, sequence, epoch, last, reserved, segment, length, boot_id = _FIELDS.unpack_from(content)
    if magic != MAGIC:
        return Unusable.DAMAGED
    if version > STATE_VERSION:
        return Unusable.NEWER_VERSION
    believable = 0 < epoch <= EPOCH_MAX and max(last, reserved, segment) <= NUMBER_MAX and length <= BOOT_ID_BYTES_MAX
    if not believable or version != STATE_VERSION:
        return Unusable.DAMAGED
    return State(
        sequence=sequence,
        epoch=epoch,
        last=last,
        reserved=reserved,
        segment=segment,
        boot_id=boot_id[:length].decode("utf-8", "replace"),
        is_clean=bool(flags & _CLEAN),
        is_unwritable=bool(flags & _UNWRITABLE),
        is_fsynced=bool(flags & _FSYNCED),
    )


def read_state(content: bytes) -> State | Unusable:
    """The state in the file's bytes: the later of the good copies."""
    copies = [read_copy(content[place : place + COPY_BYTES]) for place in PLACES]
    if Unusable.NEWER_VERSION in copies:
        return Unusable.NEWER_VERSION
    good = [copy for copy in copies if isinstance(copy, State)]
    return max(good, key=lambda state: state.sequence) if good else Unusable.DAMAGED
