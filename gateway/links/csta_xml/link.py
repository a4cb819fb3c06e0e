"""The link to a CSTA XML switch over TCP: connects, connects again, moves bytes. What is said is ``session``'s.

The only asyncio of this package.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable
from typing import cast

import structlog

from gateway.links.base import CommandTarget, LinkSink
from gateway.links.csta_xml.profiles import ProfileTraits
from gateway.links.csta_xml.session import SessionLimits, SwitchSession
from gateway.links.reachability import why_not_connected
from gateway.portcfg import Port
from model.commands import Command, Outcome, Refusal
from model.ids import ConnectionKey, DeviceNumber, RequestRef, SwitchCallId
from model.states import LinkState
from runtime.backoff import Backoff
from runtime.clock import Clock

log = structlog.get_logger("gateway.csta_xml")

GOODBYE_SECONDS = 1.0
"""For the last words to leave when the link is stopped."""


class CstaXmlLink:
    """Keeps a session with one switch. ``ports`` are those served (licensed); ``serve`` changes them."""

    def __init__(
        self,
        host: str,
        port: int,
        traits: ProfileTraits,
        limits: SessionLimits,
        connect_seconds: float,
        ports: Iterable[Port],
        sink: LinkSink,
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self._host = host
        self._port = port
        self._traits = traits
        self._limits = limits
        self._connect_seconds = connect_seconds
        self._ports = tuple(ports)
        self._sink = sink
        self._clock = clock
        self._backoff = backoff
        self._connection: _Connection | None = None

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        try:
            while True:
                began = self._now()
                await self._one_connection()
                self._backoff.session_ended(self._now() - began)
                await asyncio.sleep(self._backoff.next_wait_seconds())
        finally:
            if self._connection is not None:
                await self._connection.say_goodbye()
                self._connection = None
            self._sink.link_state(LinkState.DOWN, "stopped")

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        self._ports = tuple(ports)
        if self._connection is not None:
            self._connection.act(lambda session: session.serve(self._ports))

    async def execute(self, command: Command, target: CommandTarget, request: RequestRef) -> Outcome:
        """Ask the switch to act; never raises."""
        if self._connection is None:
            return Outcome(Refusal.LINK_DOWN, "the link to the switch is down")
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        self._connection.act(lambda session: session.execute(command, target, done))
        return await answered

    def verify_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask the switch for this call."""
        if self._connection is not None:
            self._connection.act(lambda session: session.questions.call(call, key))

    def verify_device(self, device: DeviceNumber) -> None:
        """Ask the switch for this device's calls."""
        if self._connection is not None:
            self._connection.act(lambda session: session.ask_device(device))

    async def _one_connection(self) -> None:
        loop = asyncio.get_running_loop()
        self._sink.link_state(LinkState.CONNECTING, f"connecting to {self._host}:{self._port}")

        def new_session() -> SwitchSession:
            clock = self._clock
            return SwitchSession(self._traits, self._limits, self._ports, self._sink, self._now, clock.wall_us)

        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(new_session(), loop, self._now), self._host, self._port
                )
        except (OSError, TimeoutError) as error:
            self._sink.link_state(LinkState.DOWN, why_not_connected(error, self._host, self._port))
            return
        self._connection = connection
        reason, is_refused = await connection.ended
        self._connection = None
        log.warning("link_lost", peer=f"{self._host}:{self._port}", reason=reason)
        self._sink.link_state(LinkState.REFUSED if is_refused else LinkState.DOWN, reason)

    def _now(self) -> float:
        return self._clock.monotonic_us() / 1_000_000


class _Connection(asyncio.Protocol):
    """One TCP connection and its session; ``ended`` gives the reason and whether the switch refused us."""

    def __init__(self, session: SwitchSession, loop: asyncio.AbstractEventLoop, now: Callable[[], float]) -> None:
        self.session = session
        self.ended: asyncio.Future[tuple[str, bool]] = loop.create_future()
        self._loop = loop
        self._now = now
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._turn_is_due = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.session.start()
        self._turn()

    def data_received(self, data: bytes) -> None:
        self.session.receive(data)
        self._turn()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.session.connection_lost()
        if not self.ended.done():
            reason = self.session.ended or (f"connection lost: {exc}" if exc else "the switch closed the connection")
            self.ended.set_result((reason, self.session.is_refused))

    def act(self, what: Callable[[SwitchSession], None]) -> None:
        """Let somebody use the session; what it wants to send leaves in the next turn of the loop."""
        what(self.session)
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_soon(self._turn)

    async def say_goodbye(self) -> None:
        """Stop the application session and close."""
        if self._transport is None or self._transport.is_closing():
            return
        self.session.stop()
        self._turn()
        self._transport.close()
        await asyncio.wait({self.ended}, timeout=GOODBYE_SECONDS)

    def _turn(self) -> None:
        """Send what is to be sent, close if the session is over, set the timer."""
        self._turn_is_due = False
        assert self._transport is not None
        if sent := self.session.bytes_to_send():
            self._transport.write(sent)
        if self.session.ended is not None:
            self._transport.abort()
            return
        due = self.session.deadline()
        if self._timer is not None:
            if self._timer_due <= due:
                return  # it wakes early enough and looks again
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_later(max(0.0, due - self._now()), self._time_passed)

    def _time_passed(self) -> None:
        self._timer = None
        self.session.tick()
        self._turn()
