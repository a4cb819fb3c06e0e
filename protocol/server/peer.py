"""One connection of the server: bytes between its socket and its session, and the writes of its subscription.

The transport's own water marks are the bounds: low while a snapshot or catch-up is pulled, the waiting limit once
live. Nothing here knows what a frame means; that is ``session.py``, ``subscriber.py`` and ``stream.py``.
"""

import asyncio
from typing import TYPE_CHECKING, cast

from protocol.errors import TEXT, Code
from protocol.kinds import Role
from protocol.limits import CATCH_UP_BYTES_WAITING, CATCH_UP_PIECE_BYTES
from protocol.requests import Reply, SessionRow
from protocol.server.entrance import Origin
from protocol.server.lag import Lag
from protocol.server.session_log import log_answered, log_ended, log_lost, log_opened, log_refused, log_slow
from protocol.session import Consumed, Ended, Opened, RequestAsked, RequestDenied, ServerSession, Stage, SubscribeAsked
from protocol.subscriber import Subscriber, begin

if TYPE_CHECKING:
    from protocol.server.ulp_server import UlpServer


class Peer(asyncio.Protocol):
    """A client's connection, from accept to the last byte."""

    def __init__(self, server: "UlpServer", session_id: int, binding: bytes | None = None) -> None:
        self._server = server
        self.session_id = session_id
        self._origin = origin = Origin(binding)
        # The session is given nothing that knows the peer: two that know each other wait for the garbage collector.
        self._session = ServerSession(
            lambda hello: server.welcome(session_id, hello), server.limits, server.now(), lambda: server.log_in(origin)
        )
        self._transport: asyncio.Transport | None = None
        self._subscriber: Subscriber[Peer] | None = None
        self.address = ""
        self._connected_us = server.now_us()
        self._is_full = False
        self._full_since = 0.0
        self._lag = Lag(0, 0.0)
        self._closing_since: float | None = None
        self._was_open = False
        self._gone: list[asyncio.Future[None]] = []

    # Session facts.

    @property
    def role(self) -> Role:
        return self._session.role or Role.CONSUMER

    @property
    def name(self) -> str:
        return self._session.hello.name if self._session.hello is not None else ""

    @property
    def user(self) -> str:
        """Who has logged in, before WELCOME who claims to; empty without a log-in."""
        return self._session.user

    @property
    def client(self) -> str:
        """Whose idempotency keys are this session's: a name in HELLO can be anybody's, a user's cannot."""
        return f"{self.user}\0{self.name}"

    @property
    def own_device(self) -> str | None:
        """The only device this session may see, None when it sees all."""
        hello = self._session.hello
        return hello.device if hello is not None and self.role is Role.AGENT else None

    def row(self) -> SessionRow | None:
        """This session as QUERY_SESSIONS lists it; None before its HELLO and after its end."""
        if self._session.stage is not Stage.OPEN:
            return None
        subscriber = self._subscriber
        return SessionRow(
            session=self.session_id,
            role=self.role,
            connected_us=self._connected_us,
            behind_events=self.behind_events,
            waiting_bytes=self.waiting_bytes,
            filter_devices=0 if subscriber is None else len(subscriber.wanted or ()),
            peer=self.address,
            name=self.name,
            events=0 if subscriber is None else subscriber.events,
            user=self.user,
            consumer=self.consumer,
        )

    @property
    def consumer(self) -> str:
        """The durable consumer that this session is; empty for none."""
        return "" if self._subscriber is None else self._subscriber.consumer

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    @property
    def behind_events(self) -> int:
        """Events between the newest one and what has been written to this subscriber and left."""
        subscriber = self._subscriber
        if subscriber is None:
            return 0
        if subscriber.is_live:
            return self._lag.events(self.waiting_bytes, subscriber.stream.last)
        return subscriber.behind_events

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        address = transport.get_extra_info("peername")
        self._origin.host = str(address[0]) if address else ""
        self.address = f"{address[0]}:{address[1]}" if address else ""
        transport.set_write_buffer_limits(high=CATCH_UP_BYTES_WAITING)
        if self._server.is_too_many():
            self._session.end(Code.TOO_MANY_SESSIONS, "too many connections without HELLO")
            self._after_session()

    def data_received(self, data: bytes) -> None:
        self._session.receive(data, self._server.now())
        self._after_session()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._is_full = True
        self._full_since = self._server.now()
        if self._subscriber is not None and self._subscriber.is_live:
            self._slow("live")
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._transport is None or self._transport.is_closing():
            return
        self._session.not_listening(self._server.now())
        self._transport.resume_reading()
        self._ask_for_a_turn()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unsubscribe()
        self._transport = None
        self._server.gone(self, self._was_open)
        if self._was_open and self._closing_since is None:
            log_lost(self, str(exc or "closed"))
        self._session.end(Code.CONNECTION_LOST)
        for future in self._gone:
            if not future.done():
                future.set_result(None)

    # The server's side.

    def write_live(self, joined: bytes) -> None:
        """The turn's buffer of this subscriber's audience."""
        if self._transport is not None and self._closing_since is None:
            self._transport.write(joined)

    def reply(self, number: int, reply: Reply) -> None:
        """Answer a request, if the session is still there."""
        self._session.reply(number, reply)
        self._after_session()

    def close(self, code: Code, text: str = "") -> None:
        """Say BYE or REFUSED with a code and close once it has left."""
        self._session.end(code, text)
        self._after_session()

    def when_gone(self, future: "asyncio.Future[None]") -> None:
        """Set a future when the connection is gone."""
        self._gone.append(future)

    def tick(self, now: float) -> None:
        """Look at everything that has a deadline."""
        transport = self._transport
        limits = self._server.limits
        if transport is None:
            return
        if self._closing_since is not None:
            if now - self._closing_since >= limits.goodbye_seconds:
                transport.abort()
            return
        subscriber = self._subscriber
        if self._is_full and now - self._full_since >= limits.catch_up_progress_seconds_max:
            self._slow("standstill")
            return
        if subscriber is not None and not subscriber.is_live and now - subscriber.began >= limits.catch_up_seconds_max:
            self._slow("catch-up")
            return
        if subscriber is not None and subscriber.is_live:
            self._lag.look(transport.get_write_buffer_size(), subscriber.stream.last, now)
        deadline = self._session.deadline()
        if deadline is not None and now >= deadline and not self._is_full:
            live = subscriber is not None and subscriber.is_live
            stream = self._server.stream
            self._session.time_passed(now, (stream.index, stream.last) if live else None)
            self._after_session()

    # Helpers.

    def _after_session(self) -> None:
        """Act on what the session says, and write what it has to say."""
        for event in self._session.events():
            match event:
                case Opened():
                    self._was_open = True
                    self._server.opened()
                    log_opened(self)
                case SubscribeAsked():
                    self._write_session()
                    self._subscribe(event)
                case Consumed(number):
                    self._consumed(number)
                case RequestAsked():
                    self._server.ask(self, event)
                case RequestDenied(request):
                    log_answered(self, request, Code.NOT_PERMITTED)
                case Ended():
                    self._end(event)
        self._write_session()

    def _write_session(self) -> None:
        data = self._session.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _subscribe(self, asked: SubscribeAsked) -> None:
        server = self._server
        if asked.stream != server.stream.index:
            self._session.reply(asked.number, Reply(Code.UNKNOWN_STREAM, TEXT[Code.UNKNOWN_STREAM]), asked.stream)
            return
        if not server.stream.may_join(asked.subscribe.wanted):
            self._session.reply(asked.number, Reply(Code.FILTER_TOO_LARGE, TEXT[Code.FILTER_TOO_LARGE]), asked.stream)
            return
        if asked.subscribe.consumer and not server.begin_consumer(self, asked.subscribe.consumer):
            text = f"no durable consumer {asked.subscribe.consumer} in [journal] consumers"
            self._session.reply(asked.number, Reply(Code.UNKNOWN_CONSUMER, text), asked.stream)
            return
        self._unsubscribe()
        server.flush()
        self._subscriber, opening = begin(server.stream, server.snapshots, asked.subscribe, asked.number, server.now())
        if self._transport is not None:
            self._transport.set_write_buffer_limits(high=CATCH_UP_BYTES_WAITING)
            self._transport.write(opening)
        self._ask_for_a_turn()

    def _ask_for_a_turn(self) -> None:
        if self._subscriber is not None and not self._subscriber.is_live:
            self._server.catch_up.ask(self)

    def _consumed(self, number: int) -> None:
        stream = self._server.stream
        if not self.consumer:
            self._session.end(Code.UNEXPECTED_FRAME, "CONSUMED comes from a durable consumer")
        elif number > stream.last:
            self._session.end(Code.BAD_FRAME, f"CONSUMED {number}: the last event is {stream.last}")
        else:
            stream.confirm(self.consumer, number)

    def _unsubscribe(self) -> None:
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None and subscriber.audience is not None:
            subscriber.stream.leave(self, subscriber.audience)

    def pull(self) -> int:
        """A turn of the catching up: the next piece, and live at the head. The bytes handed over.

        A commit may lose the epoch, and with it this session: what it is subscribed to is looked at after that.
        """
        self._server.stream.commit()
        subscriber, transport = self._subscriber, self._transport
        if subscriber is None or subscriber.is_live or transport is None or transport.is_closing() or self._is_full:
            return 0
        handed_over = 0
        while handed_over < CATCH_UP_PIECE_BYTES and not subscriber.is_at_head and not self._is_full:
            data = subscriber.more(CATCH_UP_PIECE_BYTES, self._server.now())
            if data is None:
                self._slow("fell out of what is held")
                return 0
            if not data:
                break  # a filter that little passes: the others' turn
            transport.write(data)
            handed_over += len(data)
        if subscriber.is_at_head and not self._is_full:
            self._go_live(subscriber, transport)
        elif not self._is_full:  # else resume_writing goes on
            self._server.catch_up.ask(self)
        return handed_over

    def _go_live(self, subscriber: "Subscriber[Peer]", transport: asyncio.Transport) -> None:
        self._server.flush()
        if self._subscriber is not subscriber:
            return
        transport.set_write_buffer_limits(high=self._server.limits.waiting_bytes_max)
        subscriber.go_live(self)
        self._lag = Lag(subscriber.stream.last, self._server.now())

    def _slow(self, where: str) -> None:
        now, subscriber = self._server.now(), self._subscriber
        since = self._full_since if subscriber is None else subscriber.began
        log_slow(self, where, self._lag.seconds(now) if subscriber is not None and subscriber.is_live else now - since)
        self._server.slow_consumers += 1
        self.close(Code.SLOW_CONSUMER)

    def _end(self, ended: Ended) -> None:
        self._unsubscribe()
        if self._closing_since is not None or self._transport is None:
            return
        self._closing_since = self._server.now()
        if self._was_open:
            log_ended(self, ended)
        else:
            self._server.refused_sessions += 1
            log_refused(self, ended, self._session.log_in_failure)
        data = self._session.data_to_send()
        if data:
            self._transport.write(data)
        self._transport.close()
