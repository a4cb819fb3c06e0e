"""The server: its listener, the turn's writes, the deadlines of its sessions. It decides nothing about calls.

One write per subscriber and turn of the event loop. A slow or dead subscriber is closed and changes nothing for the
others. Whoever owns the model calls ``publish`` in number order; everything else of the daemon comes in as ``Hooks``.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from model.centre_events import CentreEvent
from model.events import Event
from protocol.answers import answer_query
from protocol.archive import Archive
from protocol.errors import Code, Problem
from protocol.kinds import QUERIES, Kind, Role
from protocol.limits import SESSIONS_LISTED_MAX, ServerLimits
from protocol.lock_out import LockOut, source_of
from protocol.messages import Hello, Welcome
from protocol.requests import ConsumerRow, Reply, Request, SessionRow
from protocol.server.asking import Asking
from protocol.server.catch_up import CatchUp
from protocol.server.entrance import Entrance, Origin, check_address
from protocol.server.hooks import Hooks
from protocol.server.peer import Peer
from protocol.server.tls import Failed, TlsConnection
from protocol.server_log_in import ServerLogIn
from protocol.session import RequestAsked
from protocol.snapshot_cache import SnapshotCache
from protocol.stream import Stream

log = structlog.get_logger("protocol.server")

LOOKS_PER_HEARTBEAT: Final = 10
"""How often a session's deadlines are looked at: a heartbeat is at most a tenth of its interval late."""

TICK_SHARES: Final = 25
"""Each look is spread over so many ticks, a share of the sessions in each: 5,000 sessions looked at in one go would
hold up the events by tens of milliseconds."""

TICK_SECONDS_MIN: Final = 0.002
"""Shortest pause between two ticks, however short the heartbeat."""

NONCE_BYTES: Final = 18
"""Of chance in our part of a log-in's nonce: none comes twice (RFC 5802, section 5.1)."""

BACKLOG: Final = 1_024
"""Connections the kernel holds for us: a burst of reconnects while one turn of the loop runs."""


class UlpServer:
    """Serves one stream. ``start`` listens, ``publish`` sends, ``stop`` says BYE to everybody."""

    def __init__(
        self,
        stream_name: str,
        epoch: int,
        hooks: Hooks,
        *,
        server_name: str = "gateway",
        limits: ServerLimits | None = None,
        term: int = 1,
        last: int = 0,
        archive: Archive | None = None,
        entrance: Entrance | None = None,
    ) -> None:
        """``last``: the number after which the stream goes on; ``archive`` holds what came before it. ``entrance``: who
        may come in; without one, everybody on loopback."""
        self.limits = limits or ServerLimits()
        self.stream: Stream[Peer] = Stream(
            stream_name,
            epoch,
            ring_events_max=self.limits.ring_events_max,
            ring_bytes_max=self.limits.ring_bytes_max,
            last=last,
            archive=archive,
        )
        self.snapshots = SnapshotCache(hooks.snapshot)
        self.refused_sessions = 0
        self.slow_consumers = 0
        self.tls_failed = Failed()
        self._hooks = hooks
        self._server_name = server_name
        self._term = term
        self._asking = Asking(hooks)
        self.catch_up = CatchUp(self._later)
        self._entrance = entrance or Entrance()
        self._lock_out = LockOut(self.limits.log_in_delay_seconds)
        self._host = "localhost"
        self._peers: dict[int, Peer] = {}
        self._next_session = 1
        self._half_open = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: asyncio.Server | None = None
        self._tick_handle: asyncio.TimerHandle | None = None
        self._turn_due = False
        self._shares: list[dict[int, Peer]] = [{} for _ in range(TICK_SHARES)]
        self._share_due = 0

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that is listened on (0 asks for a free one). NotLoopback for an address that others can
        reach while TLS or users are missing."""
        check_address(host, self._entrance)
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._listener = await self._loop.create_server(self._connected, host, port, backlog=BACKLOG)
        self._tick()
        bound: int = self._listener.sockets[0].getsockname()[1]
        log.info("server_listening", host=host, port=bound, stream=self.stream.name, epoch=self.stream.epoch)
        return bound

    def publish(self, event: Event | CentreEvent) -> None:
        """Send an event to everybody it concerns, at the end of this turn of the loop. Numbers have no hole."""
        self.stream.publish(event)
        self._turn_is_due()

    def publish_body(self, kind: int, body: bytes) -> int:
        """As ``publish``, for an event that is encoded already (a relay, a replay): it gets the next number."""
        number = self.stream.last + 1
        self.stream.publish_body(kind, number, body)
        self._turn_is_due()
        return number

    def begin_epoch(self, epoch: int) -> None:
        """Numbers begin anew: every session is told so, closed, and finds a gap and a snapshot when it comes back."""
        self.stream.begin_epoch(epoch)
        self.snapshots.forget()
        for peer in list(self._peers.values()):
            peer.close(Code.EPOCH_CHANGED)

    async def stop(self, code: Code = Code.SHUTTING_DOWN) -> None:
        """Close the listener, say BYE with a code, wait until the sessions are gone (``goodbye_seconds`` at most)."""
        if self._listener is None:
            return
        self._listener.close()
        self.flush()
        for peer in list(self._peers.values()):
            peer.close(code)
        while self._peers:
            gone = asyncio.get_running_loop().create_future()
            self._peers[next(iter(self._peers))].when_gone(gone)
            await gone
        if self._tick_handle is not None:
            self._tick_handle.cancel()
        await self._listener.wait_closed()
        self._listener = None

    def admit(self, entrance: Entrance) -> None:
        """Let in by other rules from the next connection on (its users: from the next HELLO on). NotLoopback leaves the
        old ones in force."""
        check_address(self._host, entrance)
        self._entrance = entrance

    @property
    def session_count(self) -> int:
        """Open connections, those still without HELLO included."""
        return len(self._peers)

    @property
    def arrived(self) -> int:
        """Connections since the start."""
        return self._next_session - 1

    def sessions(self) -> list[SessionRow]:
        """Every open session, those furthest behind first."""
        rows = [row for peer in self._peers.values() if (row := peer.row()) is not None]
        return sorted(rows, key=lambda row: (-row.behind_events, -row.waiting_bytes, row.session))

    # What peers need of the server.

    def flush(self) -> None:
        """Write what gathered in this turn: one buffer per audience, one write per subscriber."""
        self._turn_due = False
        self.stream.commit()
        for audience, joined in self.stream.take_turn():
            for peer in tuple(audience.members):
                peer.write_live(joined)

    def welcome(self, session_id: int, hello: Hello) -> Welcome | Problem:
        """Open a session for a HELLO whose role is granted, or say why not."""
        assert hello.role is not None, "protocol.accounts.granted gives one"
        if hello.role is Role.AGENT and not hello.device:
            return Problem(Code.ROLE_REFUSED, "an agent names its device")
        if len(self._peers) - self._half_open >= self.limits.sessions_max:
            return Problem(Code.TOO_MANY_SESSIONS, f"{self.limits.sessions_max} sessions are open")
        return Welcome(
            name=self._server_name,
            session=session_id,
            role=hello.role,
            heartbeat_ms=self.limits.heartbeat_ms,
            term=self._term,
            streams=(self.stream.place,),
        )

    def log_in(self, origin: Origin) -> ServerLogIn | None:
        """The server's half of a log-in; None where none is demanded."""
        accounts = self._entrance.accounts
        if accounts is None:
            return None
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        return ServerLogIn(accounts, self._lock_out, source_of(origin.host), nonce=nonce, binding=origin.binding)

    def begin_consumer(self, peer: Peer, consumer: str) -> bool:
        """A session goes on as a durable consumer: whoever was it before is told so and closed. False when the
        settings name none so."""
        if consumer not in self.stream.consumers():
            return False
        for other in list(self._peers.values()):
            if other is not peer and other.consumer == consumer:
                other.close(Code.CONSUMER_TAKEN_OVER)
        return True

    def consumers(self) -> list[ConsumerRow]:
        """Every durable consumer, there or not."""
        sessions = {peer.consumer: peer.session_id for peer in self._peers.values() if peer.consumer}
        return [
            ConsumerRow(confirmed, self.stream.last - confirmed, sessions.get(name, 0), name)
            for name, confirmed in sorted(self.stream.consumers().items())
        ]

    def opened(self) -> None:
        """A half-open connection became a session."""
        self._half_open -= 1

    def gone(self, peer: Peer, was_open: bool) -> None:
        """A connection is gone."""
        self._shares[peer.session_id % TICK_SHARES].pop(peer.session_id, None)
        if self._peers.pop(peer.session_id, None) is not None and not was_open:
            self._half_open -= 1

    def ask(self, peer: Peer, asked: RequestAsked) -> None:
        """Answer a request: queries at once, the rest when the daemon has."""
        request = asked.request
        if request.kind in QUERIES:
            self.stream.commit()  # what an answer tells must not be forgotten
            peer.reply(asked.number, self._query(peer, request))
            return
        self._asking.ask(peer, asked, self.now())

    def now(self) -> float:
        """Seconds of the loop's clock."""
        if self._loop is None:
            raise RuntimeError("the server is not started")
        return self._loop.time()

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._hooks.now_us()

    def _query(self, peer: Peer, request: Request) -> Reply:
        if request.kind is Kind.QUERY_SESSIONS:
            rows = self.sessions()
            listed = tuple(rows[:SESSIONS_LISTED_MAX])
            return Reply(sessions=listed, sessions_total=len(rows), consumers=tuple(self.consumers()))
        reply = answer_query(request, self.snapshots.at(self.stream.last), peer.own_device)
        if request.kind is Kind.QUERY_LINK and peer.own_device is None:
            reply = replace(reply, alarms=self._hooks.alarms())
        return reply

    def _later(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            self._loop.call_soon(call)

    def _turn_is_due(self) -> None:
        if not self._turn_due and self._loop is not None:
            self._turn_due = True
            self._loop.call_soon(self.flush)

    def _connected(self) -> asyncio.Protocol:
        tls = self._entrance.tls
        peer = Peer(self, self._next_session, None if tls is None else tls.binding)
        self._next_session += 1
        self._peers[peer.session_id] = peer
        self._shares[peer.session_id % TICK_SHARES][peer.session_id] = peer
        self._half_open += 1
        return peer if tls is None else TlsConnection(peer, tls, self.tls_failed)

    def is_too_many(self) -> bool:
        """Whether a connection just made is one too many without a HELLO."""
        return self._half_open > self.limits.half_open_max

    def _tick(self) -> None:
        if self._loop is None:
            return
        self.flush()
        now = self._loop.time()
        share = self._shares[self._share_due]
        self._share_due = (self._share_due + 1) % TICK_SHARES
        for peer in tuple(share.values()):
            peer.tick(now)
        pause = self.limits.heartbeat_ms / 1000 / LOOKS_PER_HEARTBEAT / TICK_SHARES
        self._tick_handle = self._loop.call_later(max(pause, TICK_SECONDS_MIN), self._tick)
