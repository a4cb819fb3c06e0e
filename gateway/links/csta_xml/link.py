"""The link to a CSTA XML switch over TCP: connects, connects again, moves bytes. What is said is ``session``'s.

The only asyncio of this package.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

import structlog

from gateway.links.base import CommandTarget, LinkSink
from gateway.links.csta_xml.connection import Connection
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
        self._connection: Connection | None = None
        self._ended_counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        self._sink.link_state(LinkState.CONNECTING, f"connecting to {self._host}:{self._port}")
        try:
            while True:
                began = self._now()
                await self._one_connection()
                self._backoff.session_ended(self._now() - began)
                await asyncio.sleep(self._backoff.next_wait_seconds())
        finally:
            if self._connection is not None:
                await self._connection.say_goodbye()
                self._connection_ended(self._connection)
            self._sink.link_state(LinkState.DOWN, "stopped")

    @property
    def counts(self) -> Counter[str]:
        """What was odd since the start, by name: ``links_failed`` are bugs of ours, the rest is the switch's."""
        now = Counter() if self._connection is None else self._connection.counts
        return self._ended_counts + now

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        self._ports = tuple(ports)
        self._act(lambda session: session.serve(self._ports))

    async def execute(self, command: Command, target: CommandTarget, request: RequestRef) -> Outcome:
        """Ask the switch to act; never raises."""
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        if not self._act(lambda session: session.execute(command, target, done)):
            done(Outcome(Refusal.LINK_DOWN, "the link to the switch is down"))
        return await answered

    def verify_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask the switch for this call."""
        self._act(lambda session: session.ask_call(call, key))

    def verify_device(self, device: DeviceNumber) -> None:
        """Ask the switch for this device's calls."""
        self._act(lambda session: session.ask_device(device))

    def _act(self, what: Callable[[SwitchSession], None]) -> bool:
        return self._connection is not None and self._connection.act(what)

    async def _one_connection(self) -> None:
        loop = asyncio.get_running_loop()

        def new_connection() -> Connection:
            clock = self._clock
            session = SwitchSession(self._traits, self._limits, self._ports, self._sink, self._now, clock.wall_us)
            self._connection = Connection(session, loop, self._now, self._sink.alarm)
            return self._connection

        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(new_connection, self._host, self._port)
        except (OSError, TimeoutError) as error:
            self._connection = None
            self._sink.link_state(LinkState.DOWN, why_not_connected(error, self._host, self._port))
            return
        reason, is_refused = await connection.ended
        self._connection_ended(connection)
        log.warning("link_lost", peer=f"{self._host}:{self._port}", reason=reason)
        self._sink.link_state(LinkState.REFUSED if is_refused else LinkState.DOWN, reason)

    def _connection_ended(self, connection: Connection) -> None:
        self._connection = None
        self._ended_counts += connection.counts

    def _now(self) -> float:
        return self._clock.monotonic_us() / 1_000_000
