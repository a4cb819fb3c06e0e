"""The link to a CSTA XML switch over TCP: connects, connects again, moves bytes. What is said is ``session``'s.

The only asyncio of this package.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import structlog

from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.base import CommandTarget, Done, LinkSink
from gateway.links.csta_xml.connection import Connection
from gateway.links.csta_xml.profiles import ProfileTraits
from gateway.links.csta_xml.session import SessionLimits, SwitchSession
from gateway.links.played import Wire
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
        intake: Intake | None = None,
    ) -> None:
        self._intake = intake or Intake(clock)
        self._host = host
        self._port = port
        self._traits = traits
        self._limits = limits
        self._connect_seconds = connect_seconds
        self._ports = tuple(ports)
        self._sink = sink
        self._clock = self._intake.clock
        self._backoff = backoff
        self._connection: Connection | None = None
        self._ended_counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        self._connecting()
        try:
            while True:
                began = self._now()
                await self._one_connection()
                self._backoff.session_ended(self._now() - began)
                await asyncio.sleep(self._backoff.next_wait_seconds())
        finally:
            if self._connection is not None:
                await self._connection.say_goodbye()
            self._stopped()

    @property
    def counts(self) -> Counter[str]:
        """What was odd since the start, by name: ``links_failed`` are bugs of ours, the rest is the switch's."""
        now = Counter() if self._connection is None else self._connection.counts
        return self._ended_counts + now

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        self._ports = tuple(ports)
        self._act(lambda session: session.serve(self._ports))

    def execute(self, command: Command, target: CommandTarget, request: RequestRef, done: Done) -> None:
        """Ask the switch to act; never raises."""
        once = Once(done)
        if not self._act(lambda session: session.execute(command, target, once)):
            once(Outcome(Refusal.LINK_DOWN, "the link to the switch is down"))

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
        try:
            async with asyncio.timeout(self._connect_seconds):
                new_connection = partial(self._new_connection, loop)
                _, connection = await loop.create_connection(new_connection, self._host, self._port)
        except (OSError, TimeoutError) as error:
            self._not_connected(why_not_connected(error, self._host, self._port))
            return
        reason, is_refused = await connection.ended
        log.warning("link_lost", peer=f"{self._host}:{self._port}", reason=reason)
        self._over(LinkState.REFUSED if is_refused else LinkState.DOWN, reason)

    # -- what happens to the link: each is a door of the gateway --------------------------------------------------

    def take_unread(self) -> bytes:
        """See ``gateway.links.base.Link``."""
        return b"" if self._connection is None else self._connection.take_unread()

    def play(self, door: Door, brought: tuple[Any, ...], wire: Wire) -> None:
        """See ``gateway.links.base.Link``."""
        if door is Door.CONNECTING:
            self._connecting()
        elif door is Door.NOT_CONNECTED:
            self._not_connected(*brought)
        elif door is Door.SESSION:
            self._new_connection(cast(asyncio.AbstractEventLoop, wire))
        elif door is Door.OVER:
            self._over(*brought)
        elif door is Door.STOPPED:
            self._stopped()
        elif self._connection is None or door not in _OF_A_CONNECTION:
            raise ValueError(f"{door.name} on a link without a connection")
        elif door is Door.CONNECTED:
            self._connection.connection_made(cast(asyncio.Transport, wire))
        else:
            _OF_A_CONNECTION[door](self._connection, *brought)

    def _connecting(self) -> None:
        reason = f"connecting to {self._host}:{self._port}"
        self._intake.take(Door.CONNECTING, partial(self._sink.link_state, LinkState.CONNECTING, reason))

    def _new_connection(self, loop: asyncio.AbstractEventLoop) -> Connection:
        return self._intake.take(Door.SESSION, partial(self._open_session, loop))

    def _open_session(self, loop: asyncio.AbstractEventLoop) -> Connection:
        wall_us = self._clock.wall_us
        session = SwitchSession(self._traits, self._limits, self._ports, self._sink, self._now, wall_us)
        self._connection = Connection(session, loop, self._now, self._sink.alarm, self._intake)
        return self._connection

    def _not_connected(self, reason: str) -> None:
        self._intake.take(Door.NOT_CONNECTED, partial(self._ended, LinkState.DOWN, reason), (reason,))

    def _over(self, state: LinkState, reason: str) -> None:
        self._intake.take(Door.OVER, partial(self._ended, state, reason), (state, reason))

    def _stopped(self) -> None:
        self._intake.take(Door.STOPPED, partial(self._ended, LinkState.DOWN, "stopped"))

    def _ended(self, state: LinkState, reason: str) -> None:
        if self._connection is not None:
            self._connection.disown()
            self._ended_counts += self._connection.counts
        self._connection = None
        self._sink.link_state(state, reason)

    def _now(self) -> float:
        return self._clock.monotonic_us() / 1_000_000


class Once:
    """Hands on the first outcome, and no other."""

    __slots__ = ("_done", "_is_done")

    def __init__(self, done: Done) -> None:
        self._done = done
        self._is_done = False

    def __call__(self, outcome: Outcome) -> None:
        if not self._is_done:
            self._is_done = True
            self._done(outcome)


_OF_A_CONNECTION: dict[Door, Callable[..., None]] = {
    Door.CONNECTED: Connection.connection_made,
    Door.RECEIVED: Connection.data_received,
    Door.DUE: Connection.time_passed,
    Door.LATER: Connection.later_turn,
    Door.UNREAD: Connection.unread,
    Door.GOODBYE: Connection.goodbye,
    Door.BROKEN: Connection.broken,
}
"""What a connection takes in by each door."""
