"""One HTTP/1.1 request, read from bytes that come cut anywhere and mean no good (RFC 9112). Pure.

Only what a monitoring system, a browser and curl send: GET and HEAD, no body. Everything is bounded, and what does
not fit is answered with a status and never with an exception. Must not know which pages there are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runtime.loopback import is_loopback

HEAD_BYTES_MAX: Final = 8 * 1024
"""Request line and headers: Prometheus sends 400 bytes, a browser with cookies of other ports two thousand."""

HEADERS_MAX: Final = 64
"""Header lines: browsers send some twenty."""

_HEAD_END: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.([01])")
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT_IN_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CAPITALS: Final = range(ord("A"), ord("Z") + 1)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `path` has no query; `headers` has its names in lower case, repeated ones joined."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def is_head(self) -> bool:
        return self.method == "HEAD"

    @property
    def wants_json(self) -> bool:
        """Whether JSON is among what is accepted by name."""
        kinds = (one.partition(";")[0].strip().lower() for one in self.headers.get("accept", "").split(","))
        return "application/json" in kinds


@dataclass(frozen=True, slots=True)
class BadRequest:
    """A request that is turned away: the HTTP status, and why in words."""

    status: int
    text: str


class RequestReader:
    """Takes one request of a connection. After its outcome further bytes are no concern of it."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def receive(self, chunk: bytes) -> Request | BadRequest | None:
        """Take bytes; the outcome, or None while the head is not complete. Keeps HEAD_BYTES_MAX at most."""
        searched = max(0, len(self._held) - len(_HEAD_END) + 1)
        self._held += chunk[: HEAD_BYTES_MAX + len(_HEAD_END) - len(self._held)]
        if self._held and self._held[0] not in _CAPITALS:
            return BadRequest(400, "this is not HTTP; there is no TLS on this port")
        end = self._held.find(_HEAD_END, searched)
        if end >= 0:
            return _request(bytes(self._held[:end]))
        if len(self._held) > HEAD_BYTES_MAX:
            return BadRequest(431, f"more than {HEAD_BYTES_MAX} bytes of request line and headers")
        return None


def _request(head: bytes) -> Request | BadRequest:
    first, *lines = head.split(b"\r\n")
    asked = _REQUEST_LINE.fullmatch(first)
    if asked is None:
        return BadRequest(400, "the request line is not METHOD /path HTTP/1.1")
    if len(lines) > HEADERS_MAX:
        return BadRequest(431, f"more than {HEADERS_MAX} headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or _UNFIT_IN_VALUE.search(value):
            return BadRequest(400, "a header is not Name: value")
        key, said = name.decode("ascii").lower(), value.strip(b" \t").decode("latin-1")
        if key in headers and key == "host":
            return BadRequest(400, "two hosts are named")
        headers[key] = f"{headers[key]}, {said}" if key in headers else said
    method = asked[1].decode("ascii")
    if method not in ("GET", "HEAD"):
        return BadRequest(405, "only GET and HEAD are answered")
    if "host" not in headers and asked[3] == b"1":
        return BadRequest(400, "no host is named")
    if "host" in headers and not _is_here(headers["host"]):
        return BadRequest(421, "the host that is named is not this machine")
    return Request(method, asked[2].partition(b"?")[0].decode("ascii"), headers)


def _is_here(host: str) -> bool:
    """Whether a Host header names this machine. A web page of anybody, open in a browser here, can have its own name
    point to 127.0.0.1 and read what is served there; it cannot change what the browser says the host is."""
    name, _, port = host.rpartition(":")
    bare = name if name and port.isdigit() else host
    return is_loopback(bare.removeprefix("[").removesuffix("]").lower())
