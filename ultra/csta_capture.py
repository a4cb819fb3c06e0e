"""Cuts a capture of CSTA XML into messages: framed as on the wire, or bare documents one after the other. Pure.

A capture may begin or end in the middle and may hold what is no CSTA at all: each such stretch is a ``Flaw`` with its
place, and reading goes on behind it. Nothing here understands a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.links.csta_xml.framing import FRAME_BYTES_MAX, HEADER_BYTES

_HEADER: Final = re.compile(rb"\x00\x00([\x00-\xff]{2})([0-9]{4})", re.DOTALL)
"""Format indicator, length, invoke id (ECMA-323 Annex J.2)."""

_TOKEN: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
    rb"|<(?P<end>/)?[A-Za-z_:\x80-\xff](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL,
)
_BLANKS: Final = re.compile(rb"[ \t\r\n\0]*")
_MARK: Final = b"\xef\xbb\xbf"
_EXCERPT_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """One message body; ``offset`` is its first byte in the capture, its header included. ``invoke_id`` None: bare."""

    offset: int
    body: bytes
    invoke_id: int | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """Bytes that are no message, why, and how many; ``excerpt`` is their beginning in hex."""

    offset: int
    bytes_skipped: int
    reason: str
    excerpt: str


def pieces(capture: bytes) -> Iterator[Piece | Flaw]:
    """The messages of a capture in their order, and what lies between them."""
    return _framed(capture) if is_framed(capture) else _bare(capture)


def is_framed(capture: bytes) -> bool:
    """Whether the capture was taken from the wire: somewhere in it a header stands in front of XML."""
    return _next_header(capture, 0) is not None


def _framed(capture: bytes) -> Iterator[Piece | Flaw]:
    at = 0
    while at < len(capture):
        found = _HEADER.match(capture, at)
        length = 0 if found is None else int.from_bytes(found[1], "big")
        if found is None or length < HEADER_BYTES:
            onward = _next_header(capture, at + 1)
            end = len(capture) if onward is None else onward
            yield _flaw(capture, at, end, "no frame begins here")
            at = end
        elif at + length > len(capture):
            yield _flaw(capture, at, len(capture), f"the frame has {length} bytes, the capture ends before")
            return
        else:
            yield Piece(at, capture[at + HEADER_BYTES : at + length], int(found[2]))
            at += length


def _next_header(capture: bytes, at: int) -> int | None:
    """The next place that looks like a header with XML behind it, within the capture."""
    for found in _HEADER.finditer(capture, at):
        length = int.from_bytes(found[1], "big")
        body = capture[found.end() : found.end() + len(_MARK) + 1]
        if HEADER_BYTES < length <= FRAME_BYTES_MAX and body.removeprefix(_MARK).startswith(b"<"):
            return found.start()
    return None


def _bare(capture: bytes) -> Iterator[Piece | Flaw]:
    """Each document ends where its first element does; what stands before it (prolog, comments) belongs to it."""
    at = _after_blanks(capture, 0)
    while at < len(capture):
        end, ends_whole = _end_of_document(capture, at)
        if not ends_whole:
            yield _flaw(capture, at, end, "no XML document that ends")
        else:
            start = _start_of_document(capture, at, end)
            if start > at:
                yield _flaw(capture, at, start, "no XML")
            yield Piece(start, capture[start:end])
        at = _after_blanks(capture, end)


def _end_of_document(capture: bytes, begin: int) -> tuple[int, bool]:
    """Where the document that begins here ends, and whether it does so by itself: it cannot hold another's prolog."""
    depth = 0
    for token in _TOKEN.finditer(capture, begin):
        if depth > 0 and token[0].startswith(b"<?xml "):
            return token.start(), False
        depth = _depth_after(token, depth)
        if depth <= 0 and not token[0].startswith((b"<?", b"<!")):
            return token.end(), True
    return len(capture), False


def _after_blanks(capture: bytes, at: int) -> int:
    blanks = _BLANKS.match(capture, at)
    return at if blanks is None else blanks.end()


def _depth_after(token: re.Match[bytes], depth: int) -> int:
    whole = token[0]
    if whole.startswith((b"<?", b"<!")) or whole.endswith(b"/>"):
        return depth
    return depth - 1 if token["end"] else depth + 1


def _start_of_document(capture: bytes, begin: int, end: int) -> int:
    """The first byte of a document in a stretch: its byte order mark or its first <."""
    start = capture.find(b"<", begin, end)
    return start - len(_MARK) if capture[begin:start].endswith(_MARK) else start


def _flaw(capture: bytes, begin: int, end: int, reason: str) -> Flaw:
    return Flaw(begin, end - begin, reason, capture[begin : min(begin + _EXCERPT_BYTES, end)].hex())
