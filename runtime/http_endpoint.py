"""A few pages over HTTP on a loopback port, served by the daemon's own event loop.

Why not a library: the answer must come from the loop whose health it tells, and from its thread, since the pages read
state that only the loop changes. prometheus_client's server is a thread for each request without any limit, its ASGI
application needs an ASGI server, and an HTTP framework is more code facing a hostile peer than GET of three pages. So:
asyncio's transports, one request a connection, then close. `http_request` reads; nothing here knows what a page says.

A peer can make the daemon hold CONNECTIONS_MAX times HEAD_BYTES_MAX, for CONNECTION_SECONDS_MAX. When all places are
taken the oldest connection makes room, so that whoever asks at once is answered however many idlers there are.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, cast

import structlog

from runtime.http_page import Page, packed
from runtime.http_request import BadRequest, Request, RequestReader
from runtime.loopback import LoopbackAddress

log = structlog.get_logger("runtime.http")

CONNECTIONS_MAX: Final = 64
"""Held at a time: two monitoring systems and a few people need ten."""

CONNECTION_SECONDS_MAX: Final = 5.0
"""From connect to the last byte of the answer: both are one turn of the loop for a peer that means it."""

BACKLOG: Final = 64
"""Connections the kernel holds for us: as many are taken in one turn of the loop, a few milliseconds. Of a flood the
rest waits, and the daemon's work does not."""

Route = Callable[[Request], Page]


class HttpEndpoint:
    """Serves pages by their path. A route that raises is a bug of ours: it is logged and answered 500, since who asks
    how the daemon is must not be able to end it."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        *,
        connections_max: int = CONNECTIONS_MAX,
        connection_seconds_max: float = CONNECTION_SECONDS_MAX,
    ) -> None:
        self._routes = routes
        self._connections_max = connections_max
        self.connection_seconds_max = connection_seconds_max
        self.refused: Counter[str] = Counter()
        """Connections not answered with a page, by reason: `too_late`, `crowded_out`, or the name of the status."""
        self._held: dict[_Connection, None] = {}
        self._listener: asyncio.Server | None = None

    async def start(self, address: LoopbackAddress) -> LoopbackAddress:
        """Listen; where, with the port that the system chose for 0. OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Connection(self), address.host, address.port, backlog=BACKLOG
        )
        return LoopbackAddress(address.host, self._listener.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and cut what is open."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._held):
            connection.abort()

    @property
    def connection_count(self) -> int:
        """Connections held now."""
        return len(self._held)

    def opened(self, connection: "_Connection") -> None:
        """A connection was made; the oldest makes room for it."""
        if len(self._held) >= self._connections_max:
            self.cut_off(next(iter(self._held)), "crowded_out")
        self._held[connection] = None

    def closed(self, connection: "_Connection") -> None:
        """A connection is gone, or about to be."""
        self._held.pop(connection, None)

    def cut_off(self, connection: "_Connection", why: str) -> None:
        """Count a connection as not answered, and cut it."""
        self.refused[why] += 1
        log.debug("http_connection_cut", reason=why)
        connection.abort()

    def answer(self, outcome: Request | BadRequest) -> bytes:
        """The whole answer to a request."""
        if isinstance(outcome, BadRequest):
            return self._refusal(outcome)
        route = self._routes.get(outcome.path)
        if route is None:
            there = " ".join(sorted(self._routes))
            return self._refusal(BadRequest(HTTPStatus.NOT_FOUND, f"there is: {there}"), is_head=outcome.is_head)
        try:
            page = route(outcome)
        except Exception:
            log.exception("http_page_failed", path=outcome.path)
            self.refused["internal_server_error"] += 1
            page = Page(b"a bug; the log has it\n", HTTPStatus.INTERNAL_SERVER_ERROR)
        return packed(page, is_head=outcome.is_head)

    def _refusal(self, refused: BadRequest, *, is_head: bool = False) -> bytes:
        status = HTTPStatus(refused.status)
        self.refused[status.name.lower()] += 1
        log.debug("http_request_refused", status=status.value, reason=refused.text)
        return packed(Page(f"{refused.text}\n".encode(), status), is_head=is_head)


class _Connection(asyncio.Protocol):
    """One connection: a request in, an answer out, within its time."""

    def __init__(self, endpoint: HttpEndpoint) -> None:
        self._endpoint = endpoint
        self._reader = RequestReader()
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._is_answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        seconds = self._endpoint.connection_seconds_max
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._time_is_up)
        self._endpoint.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._is_answered or self._transport is None:
            return
        outcome = self._reader.receive(data)
        if outcome is not None:
            self._is_answered = True
            self._transport.write(self._endpoint.answer(outcome))
            self._transport.close()  # once the answer has left

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._transport = None
        self._endpoint.closed(self)

    def abort(self) -> None:
        """Cut it at once."""
        self._endpoint.closed(self)
        if self._transport is not None:
            self._transport.abort()

    def _time_is_up(self) -> None:
        self._endpoint.cut_off(self, "too_late")
