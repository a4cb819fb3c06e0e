"""One session with one server, on asyncio. Decides nothing: that is ``protocol.client_session``.

What arrives waits in a bounded queue; when the application does not take it, reading stops and TCP tells the server.
"""

import asyncio
import errno
import secrets
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final, cast

from model.ids import EventId
from protocol.client.address import Address
from protocol.client.tls import Tls, binding_of, why_not_tls
from protocol.client_events import ClientEvent, Ended, Item, Replied, Welcomed
from protocol.client_log_in import ClientLogIn, Credentials
from protocol.client_session import ClientSession
from protocol.errors import Code, Refused, SessionEnded, UlpError, Unreachable, WrongProtocol, code_of
from protocol.messages import Hello, Subscribe, Welcome
from protocol.requests import Reply, Request

ITEMS_WAITING_MAX: Final = 10_000
"""Items the application has not taken before reading stops: some 20 MB of events."""

CONNECT_SECONDS_MAX: Final = 5
"""Time for the TCP connection and its TLS; the HELLO has its own."""

NONCE_BYTES: Final = 18
"""Of chance in our part of a log-in's nonce: none comes twice (RFC 5802, section 5.1)."""


class UlpClient(asyncio.Protocol):
    """One session with one server. Made by ``connect``; every failure is a ``UlpError`` with its code."""

    def __init__(
        self,
        address: Address,
        begin: Callable[[bytes | None], ClientSession],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """``begin`` makes the session once there is a connection; its TLS binds the log-in."""
        self.address = address
        self._begin = begin
        self._hint = "; does it ask for TLS?"
        self._session: ClientSession
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._opened: asyncio.Future[Welcome] = loop.create_future()
        self._items: deque[Item] = deque()
        self._arrived = asyncio.Event()
        self._is_paused = False
        self._requests: dict[int, asyncio.Future[Reply]] = {}
        self._end: UlpError | None = None
        self._closed = loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def connect(
        cls,
        address: Address,
        hello: Hello,
        *,
        term_lowest: int = 0,
        credentials: Credentials | None = None,
        tls: Tls | None = None,
    ) -> "UlpClient":
        """Open a session: Unreachable, WrongProtocol or Refused when there is none to be had.

        With ``tls`` it runs over TLS, with ``credentials`` it begins with a log-in: a server that does not ask for it
        or does not know the password is left, SessionEnded(LOG_IN_FAILED). ValueError for credentials that have a
        ``problem``.
        """
        loop = asyncio.get_running_loop()

        def begin(binding: bytes | None) -> ClientSession:
            log_in = None
            if credentials is not None:
                log_in = ClientLogIn(credentials, nonce=secrets.token_urlsafe(NONCE_BYTES), binding=binding)
            return ClientSession(hello, loop.time(), term_lowest=term_lowest, log_in=log_in)

        if credentials is not None and (unfit := credentials.problem()) is not None:
            raise ValueError(unfit.text)
        try:
            context = None if tls is None else tls.context()
        except OSError as error:
            raise Unreachable(Code.CONNECTION_LOST, f"{address}: files of TLS: {error.strerror or error}") from error
        server_name = None if tls is None else tls.server_name or address.host
        client = cls(address, begin, loop)
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await loop.create_connection(
                    lambda: client, address.host, address.port, ssl=context, server_hostname=server_name
                )
        except TimeoutError:
            raise Unreachable(
                Code.CONNECTION_LOST, f"{address}: no answer within {CONNECT_SECONDS_MAX} s; is the host up?"
            ) from None
        except ssl.SSLError as error:
            raise Unreachable(Code.CONNECTION_LOST, f"{address}: {why_not_tls(error)}") from error
        except OSError as error:
            raise Unreachable(Code.CONNECTION_LOST, f"{address}: {_why(error)}") from error
        try:
            await client._opened
        except BaseException:
            client.abort()
            raise
        return client

    @property
    def welcome(self) -> Welcome:
        """What the server said of itself."""
        return self._opened.result()

    @property
    def place(self) -> EventId | None:
        """Where a subscription goes on after a reconnect; None before its snapshot."""
        return self._session.place

    @property
    def waiting(self) -> int:
        """Items that have come and were not taken yet."""
        return len(self._items)

    def subscribe(
        self,
        after: EventId | None = None,
        devices: frozenset[str] | None = None,
        *,
        agents: frozenset[str] = frozenset(),
        queues: frozenset[str] = frozenset(),
        consumer: str = "",
        stream: int = 1,
    ) -> None:
        """Ask for a stream; what comes of it is read from ``items``. A durable ``consumer`` without a place of its own
        goes on after what it has confirmed."""
        self._session.subscribe(stream, Subscribe(after, devices, consumer, agents, queues))
        self._write()

    def consumed(self, number: int, *, stream: int = 1) -> None:
        """Confirm, as the durable consumer that this session subscribed as, everything up to a number."""
        self._session.consumed(stream, number)
        self._write()

    async def request(self, request: Request) -> Reply:
        """Ask something and wait for the answer; SessionEnded when the session ends before it."""
        if self._end is not None:
            raise self._end
        number = self._session.request(request)
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._requests[number] = answer
        self._write()
        try:
            return await answer
        finally:
            self._requests.pop(number, None)

    async def next_item(self) -> Item:
        """The next item of the subscription; raises the session's end once all items before it are taken."""
        while not self._items:
            if self._end is not None:
                raise self._end
            self._arrived.clear()
            await self._arrived.wait()
        item = self._items.popleft()
        if self._is_paused and len(self._items) < ITEMS_WAITING_MAX // 2 and self._transport is not None:
            self._is_paused = False
            self._session.not_listening(self._loop.time())
            self._transport.resume_reading()
        return item

    async def items(self) -> AsyncIterator[Item]:
        """The items of the subscription until the session ends, which raises ``SessionEnded``."""
        while True:
            yield await self.next_item()

    async def close(self) -> None:
        """Say BYE and wait until the connection is gone."""
        self.leave()
        await asyncio.shield(self._closed)

    def leave(self) -> None:
        """Say BYE and close, without waiting for it."""
        self._session.end(Code.NORMAL)
        self._after_session()

    def abort(self) -> None:
        """Cut the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        binding = binding_of(transport)
        self._hint = self._hint if binding is None else ""
        self._session = self._begin(binding)
        self._write()
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        self._session.receive(data, self._loop.time())
        self._after_session()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        why = str(exc) if exc is not None else "the server closed the connection"
        if isinstance(exc, ssl.SSLError):
            why = why_not_tls(exc)
        if not self._opened.done():
            self._ended(WrongProtocol(Code.NOT_ULP, f"{self.address}: {why} without a word of ULP{self._hint}"))
        self._ended(SessionEnded(Code.CONNECTION_LOST, f"{self.address}: {why}"))
        if not self._closed.done():
            self._closed.set_result(None)

    # Helpers.

    def _write(self) -> None:
        data = self._session.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _after_session(self) -> None:
        self._write()
        for event in self._session.events():
            self._take(event)
        if self._items:
            self._arrived.set()
            if len(self._items) > ITEMS_WAITING_MAX and not self._is_paused and self._transport is not None:
                self._is_paused = True
                self._transport.pause_reading()

    def _take(self, event: ClientEvent) -> None:
        if isinstance(event, Replied):
            answer = self._requests.get(event.number)
            if answer is not None and not answer.done():
                answer.set_result(event.reply)
        elif isinstance(event, Welcomed):
            if not self._opened.done():
                self._opened.set_result(event.welcome)
            self._set_timer()
        elif isinstance(event, Ended):
            code = code_of(event.code) or Code.NORMAL
            text = f"{self.address}: {event.text}"
            if event.refused:
                self._ended(Refused(code, text))
            elif code is Code.NOT_ULP:
                self._ended(WrongProtocol(code, f"{self.address} does not speak ULP: {event.text}"))
            else:
                self._ended(SessionEnded(code, text))
            if self._transport is not None:
                self._transport.close()
        else:
            self._items.append(event)

    def _ended(self, error: UlpError) -> None:
        if self._end is not None:
            return
        self._end = error
        if not self._opened.done():
            self._opened.set_exception(error)
        for answer in self._requests.values():
            if not answer.done():
                answer.set_exception(error)
        self._arrived.set()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        deadline = self._session.deadline()
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._time_passed)

    def _time_passed(self) -> None:
        if self._is_paused:
            self._session.not_listening(self._loop.time())
        self._session.time_passed(self._loop.time())
        self._after_session()
        self._set_timer()


def _why(error: OSError) -> str:
    """What an operator understands of a failed connection."""
    if isinstance(error, ConnectionRefusedError) or error.errno == errno.ECONNREFUSED:
        return "connection refused; is the daemon running, and on this port?"
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return "host unreachable"
    if error.errno is not None and error.errno < 0:
        return "name not found"
    return error.strerror or str(error)
