"""Cuts CSTA XML messages out of a TCP byte stream and puts them into one (ECMA-323 Annex J.2).

A frame is: format indicator 00 00, length (u16, big-endian, header included, in bytes), four ASCII digits of invoke id,
then the XML body. This module moves bytes only: it opens no socket, reads no XML, and a peer's mistake is a value
(`FrameProblem`), never an exception. Both ends of the link use it, the gateway and the simulated switch.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass
from struct import Struct

HEADER_BYTES = 8
FRAME_BYTES_MAX = 0xFFFF
"""The length is an unsigned 16-bit number and counts the header."""
BODY_BYTES_MAX = FRAME_BYTES_MAX - HEADER_BYTES
EVENT_INVOKE_ID = 9999
"""Events carry this id, always; no request may."""
REQUEST_INVOKE_ID_MAX = 9998
LATE_RESPONSE_SECONDS = 60.0
"""A number whose request timed out stays unused this long: a late response must not meet a new request."""

_EXCERPT_BYTES = 16
_INDICATOR = b"\x00\x00"
_HEADER = Struct(">2sH4s")


class FrameFault(enum.Enum):
    """What is wrong with a header; the stream cannot be followed past it."""

    FORMAT_INDICATOR = "format indicator is not 0000"
    LENGTH = "length is shorter than the header"
    INVOKE_ID = "invoke id is not four digits"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as it travelled: its invoke id (0…9999) and its undecoded XML body (possibly empty)."""

    invoke_id: int
    body: bytes

    @property
    def is_event(self) -> bool:
        return self.invoke_id == EVENT_INVOKE_ID


@dataclass(frozen=True, slots=True)
class FrameProblem:
    """The peer sent bytes that are no frame. `excerpt` is the header and a little more, in hex."""

    fault: FrameFault
    excerpt: str

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.excerpt}"


class Deframer:
    """Collects received bytes and hands out whole frames; a segment may hold a part of one or many.

    After a `FrameProblem` the boundary of the next message is lost: `broken` is true and everything later is ignored.
    Holds at most one incomplete frame (65,535 bytes) between calls.
    """

    __slots__ = ("_pending", "broken")

    def __init__(self) -> None:
        self._pending = b""
        self.broken = False

    @property
    def pending_bytes(self) -> int:
        """How many received bytes wait for the rest of their frame."""
        return len(self._pending)

    def take_unread(self) -> bytes:
        """The bytes of a frame that is not whole yet; they are to be given again."""
        unread, self._pending = self._pending, b""
        return unread

    def receive(self, received: bytes) -> list[Frame | FrameProblem]:
        """Take what a read returned (any size, also empty); return the frames it completes, in order."""
        if self.broken:
            return []
        pending = self._pending + received if self._pending else received
        frames: list[Frame | FrameProblem] = []
        start, end = 0, len(pending)
        while end - start >= HEADER_BYTES:
            indicator, length, digits = _HEADER.unpack_from(pending, start)
            fault = _fault_in(indicator, length, digits)
            if fault is not None:
                frames.append(FrameProblem(fault, pending[start : start + _EXCERPT_BYTES].hex()))
                self.broken = True
                self._pending = b""
                return frames
            if end - start < length:
                break
            frames.append(Frame(int(digits), pending[start + HEADER_BYTES : start + length]))
            start += length
        self._pending = pending[start:]
        return frames


def frame(invoke_id: int, body: bytes) -> bytes:
    """Return `body` with its header. Raises ValueError for an id outside 0…9999 or a body over 65,527 bytes."""
    if not 0 <= invoke_id <= EVENT_INVOKE_ID:
        raise ValueError(f"invoke id {invoke_id} is not within 0…{EVENT_INVOKE_ID}")
    if len(body) > BODY_BYTES_MAX:
        raise ValueError(f"body of {len(body)} bytes is over the {BODY_BYTES_MAX} that a frame can hold")
    return b"%b%b%04d%b" % (_INDICATOR, (len(body) + HEADER_BYTES).to_bytes(2, "big"), invoke_id, body)


class InvokeIds:
    """Hands out request numbers 0…9998 in turn, never one still pending or that timed out a short while ago.

    Each side numbers its own requests; keep one of these per direction and connection.
    """

    __slots__ = ("_next", "_pending", "_quarantine", "_quarantined", "_quiet_seconds")

    def __init__(self, quiet_seconds: float = LATE_RESPONSE_SECONDS) -> None:
        self._next = 0
        self._pending: set[int] = set()
        self._quarantined: set[int] = set()
        self._quarantine: deque[tuple[float, int]] = deque()
        self._quiet_seconds = quiet_seconds

    @property
    def pending(self) -> frozenset[int]:
        """The numbers whose response is awaited."""
        return frozenset(self._pending)

    def allocate(self, now: float) -> int | None:
        """Return a free number and hold it as pending, or None when none is free. `now` in seconds, monotonic."""
        self._end_quarantines(now)
        for _ in range(REQUEST_INVOKE_ID_MAX + 1):
            candidate = self._next
            self._next = 0 if candidate == REQUEST_INVOKE_ID_MAX else candidate + 1
            if candidate not in self._pending and candidate not in self._quarantined:
                self._pending.add(candidate)
                return candidate
        return None

    def answered(self, invoke_id: int) -> bool:
        """Free a number whose response came; False when nothing was pending under it (late or invented)."""
        if invoke_id not in self._pending:
            return False
        self._pending.remove(invoke_id)
        return True

    def timed_out(self, invoke_id: int, now: float) -> None:
        """Give up waiting; the number stays out of use for `quiet_seconds`. Call with `now` never decreasing."""
        if invoke_id in self._pending:
            self._pending.remove(invoke_id)
            self._quarantined.add(invoke_id)
            self._quarantine.append((now + self._quiet_seconds, invoke_id))

    def _end_quarantines(self, now: float) -> None:
        while self._quarantine and self._quarantine[0][0] <= now:
            self._quarantined.discard(self._quarantine.popleft()[1])


def _fault_in(indicator: bytes, length: int, digits: bytes) -> FrameFault | None:
    if indicator != _INDICATOR:
        return FrameFault.FORMAT_INDICATOR
    if length < HEADER_BYTES:
        return FrameFault.LENGTH
    # bytes.isdigit accepts ASCII digits only, unlike str.isdigit.
    if not digits.isdigit():
        return FrameFault.INVOKE_ID
    return None
