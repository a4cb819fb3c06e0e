"""Frames: a header of 16 bytes and a body. No I/O and no knowledge of what a body holds.

The header is read by ``struct`` because it is read for every frame; bodies are construct's (``protocol.bodies``).
"""

from struct import Struct
from typing import Final, NamedTuple

from protocol.errors import Code, Problem

HEADER: Final = Struct(">IHBBQ")
"""body_length, kind, flags, stream, number (docs/protocol.md, Frame)."""
HEADER_BYTES: Final = HEADER.size
_pack_header = HEADER.pack


class Frame(NamedTuple):
    """One frame as received: ``kind`` is the raw number, for a newer peer may send one we do not know."""

    kind: int
    stream: int
    number: int
    body: bytes


def pack_frame(kind: int, stream: int, number: int, body: bytes = b"") -> bytes:
    """The bytes of a frame; flags are zero."""
    return _pack_header(len(body), kind, 0, stream, number) + body


class FrameReader:
    """Cuts received bytes into frames, whatever the pieces they come in.

    ``receive`` returns the frames now complete. After a frame that cannot be, ``problem`` is set and nothing more is
    read: a length beyond ``body_bytes_max`` is refused before its body arrives.
    """

    def __init__(self, body_bytes_max: int) -> None:
        self._body_bytes_max = body_bytes_max
        self._buffer = bytearray()
        self.problem: Problem | None = None

    @property
    def waiting_bytes(self) -> int:
        """Bytes of a frame begun and not complete."""
        return len(self._buffer)

    def receive(self, received: bytes | bytearray | memoryview) -> list[Frame]:
        if self.problem is not None:
            return []
        buffer = self._buffer
        buffer += received
        frames: list[Frame] = []
        at = 0
        end = len(buffer)
        while end - at >= HEADER_BYTES:
            body_length, kind, flags, stream, number = HEADER.unpack_from(buffer, at)
            self.problem = self._check(body_length, flags)
            if self.problem is not None:
                break
            after = at + HEADER_BYTES + body_length
            if after > end:
                break
            frames.append(Frame(kind, stream, number, bytes(buffer[at + HEADER_BYTES : after])))
            at = after
        del buffer[:at]
        if self.problem is not None:
            buffer.clear()
        return frames

    def _check(self, body_length: int, flags: int) -> Problem | None:
        if body_length > self._body_bytes_max:
            return Problem(Code.BODY_TOO_LARGE, f"body of {body_length} bytes, at most {self._body_bytes_max} allowed")
        if flags:
            return Problem(Code.BAD_FRAME, f"flags {flags:#04x}, must be zero")
        return None
