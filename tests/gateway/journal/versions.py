"""Files as a later version would write them: the same beginnings with a higher version and a good CRC."""

from zlib import crc32

from gateway.journal.segment_header import SEGMENT_HEADER_BYTES, SegmentHeader, pack_segment_header
from gateway.journal.state import COPY_BYTES, PLACES, STATE_FILE_BYTES, State, pack_state

VERSION_AT = slice(8, 10)
"""Behind the magic, in both."""


def newer_segment(header: SegmentHeader) -> bytes:
    """A segment's header of the next version."""
    return _newer(pack_segment_header(header), SEGMENT_HEADER_BYTES)


def newer_state(state: State) -> bytes:
    """A state file of the next version."""
    content = bytearray(STATE_FILE_BYTES)
    for place in PLACES:
        content[place : place + COPY_BYTES] = _newer(pack_state(state), COPY_BYTES)
    return bytes(content)


def _newer(written: bytes, length: int) -> bytes:
    fields = bytearray(written[: length - 4])
    fields[VERSION_AT] = (int.from_bytes(fields[VERSION_AT]) + 1).to_bytes(2)
    return bytes(fields) + crc32(fields).to_bytes(4)
