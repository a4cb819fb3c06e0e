"""A part of a capture as bytes: magic, then records, each with its length and checksum. Pure.

    part   = "ULTRACAP" version(u16) record(HEADER) record(CHECKPOINT) record(step)… record(END)
    record = length(u32) crc32(u32) kind(u8) content        length counts kind and content, crc32 is of both

A file may end anywhere, since a process may be killed: a record that is not whole at the end is *torn* and is left
out. A record that is whole and damaged is an error, and says where it stands.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"ULTRACAP"
VERSION = 1
SUFFIX = ".ultracap"

HEADER = 64
CHECKPOINT = 65
END = 66
"""Kinds of record beside the steps, which bear the numbers of ``gateway.intake.Door``."""

RECORD_BYTES_MAX = 256 * 1024 * 1024
"""A checkpoint of 100,000 ports has some forty megabytes; a longer record is none."""

_OPENING = struct.Struct(">8sH")
_ENVELOPE = struct.Struct(">II")
OPENING_BYTES = _OPENING.size
ENVELOPE_BYTES = _ENVELOPE.size


@dataclass(frozen=True, slots=True)
class Record:
    """One record and the offset of its first byte in the file."""

    offset: int
    kind: int
    content: bytes


class BadCapture(Exception):
    """A file that is no capture, or is damaged: its name, the offset, what is wrong there."""

    def __init__(self, file: str, offset: int, text: str) -> None:
        super().__init__(f"{file}: byte {offset}: {text}")
        self.file = file
        self.offset = offset
        self.text = text


def opening() -> bytes:
    """The first bytes of a part."""
    return _OPENING.pack(MAGIC, VERSION)


def pack_record(kind: int, content: bytes) -> bytes:
    """A record's bytes; ValueError for one that is longer than any."""
    body = bytes((kind,)) + content
    if len(body) > RECORD_BYTES_MAX:
        raise ValueError(f"a record of {len(body)} bytes")
    return _ENVELOPE.pack(len(body), zlib.crc32(body)) + body


class RecordReader:
    """Cuts what was read of a part into records, whatever the pieces it is read in. ``file`` is the name to show."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._held = bytearray()
        self._offset = 0
        self._is_open = False

    @property
    def offset(self) -> int:
        """Of the first byte that is not yet handed out."""
        return self._offset

    @property
    def torn_bytes(self) -> int:
        """Bytes of a record that is not whole so far."""
        return len(self._held)

    def receive(self, piece: bytes) -> Iterator[Record]:
        """The records that are whole now. BadCapture for what cannot be one."""
        self._held += piece
        if not self._is_open and not self._open():
            return
        while len(self._held) >= ENVELOPE_BYTES:
            length, crc = _ENVELOPE.unpack_from(self._held)
            if not 0 < length <= RECORD_BYTES_MAX:
                raise self._bad(f"a record of {length} bytes is expected nowhere; the file is damaged here")
            end = ENVELOPE_BYTES + length
            if len(self._held) < end:
                return
            body = bytes(self._held[ENVELOPE_BYTES:end])
            if zlib.crc32(body) != crc:
                raise self._bad(f"a record of {length} bytes with another checksum; the file is damaged here")
            record = Record(self._offset, body[0], body[1:])
            del self._held[:end]
            self._offset += end
            yield record

    def _open(self) -> bool:
        if len(self._held) < OPENING_BYTES and MAGIC.startswith(self._held[: len(MAGIC)]):
            return False
        if not self._held.startswith(MAGIC):
            raise self._bad("this is no capture: it does not begin with ULTRACAP")
        version = int.from_bytes(self._held[len(MAGIC) : OPENING_BYTES])
        if version != VERSION:
            raise self._bad(f"a capture of form {version}; this software reads form {VERSION}")
        del self._held[:OPENING_BYTES]
        self._offset = OPENING_BYTES
        self._is_open = True
        return True

    def _bad(self, text: str) -> BadCapture:
        return BadCapture(self._file, self._offset, text)
