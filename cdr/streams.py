"""A stream of events, followed over every loss of its connection: what is taken of it goes to one function.

Whoever takes an item may wait before it does: then reading stops, TCP tells the server, and when the server gives us up
as too slow, the stream goes on where it was left. So nothing is lost and nothing piles up while the database is away.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog

from cdr.site_files import StreamAccess
from model.ids import EventId
from protocol.client import Item, Servers, SubscriptionBegan, SubscriptionRefused, UlpClient, place_after
from protocol.errors import Code, Refused, SessionEnded, UlpError, code_name, code_of
from protocol.kinds import Role
from protocol.messages import Hello

log = structlog.get_logger("cdr.streams")

ITEMS_AT_A_TIME: Final = 100
"""Taken before others get their turn."""


class StreamState(StrEnum):
    """Where a stream's link is; each is a metric's label and stands in the log."""

    CONNECTING = "connecting"
    """Nothing has been tried to its end yet."""
    DOWN = "down"
    CATCHING_UP = "catching_up"
    """The session is open, and what happened before it is still being read."""
    UP = "up"


@dataclass(slots=True)
class StreamStatus:
    """What is known of a stream's link: its state, in words why, when that began (of the loop's clock), its server."""

    state: StreamState
    reason: str
    since: float
    server: str = ""
    is_durable: bool = True
    """Whether the server holds events back for us."""
    losses: int = 0
    """Sessions that ended, since the start."""
    gaps: int = 0
    """Times that the stream had lost something."""


TakeItem = Callable[["StreamReader", Item], Awaitable[None]]


class StreamReader:
    """Follows one stream, ``name`` (gateway, cti, ivr), after a ``place``. ``stream`` is the name that the server gives
    it."""

    def __init__(self, name: str, access: StreamAccess, place: EventId | None, stream: str, take: TakeItem) -> None:
        self.name = name
        self.place = place
        self.stream = stream
        self._access = access
        self._take = take
        self._servers = Servers(
            access.addresses,
            Hello(f"ultracdr {access.consumer}", Role.CONSUMER if access.credentials is None else None),
            jitter=random.random,
            credentials=access.credentials,
            tls=access.tls,
        )
        self._client: UlpClient | None = None
        self._goal = 0
        self.status = StreamStatus(StreamState.CONNECTING, "", asyncio.get_running_loop().time())

    async def run(self) -> None:
        """For ever; a lost session is told and tried again."""
        while True:
            try:
                client = await self._servers.connect()
                await self._session(client, self._access.consumer)
            except UlpError as error:
                pause = self._servers.pause_seconds()
                self._lost(error, pause)
                await asyncio.sleep(pause)

    async def _session(self, client: UlpClient, consumer: str) -> None:
        """One session to its end, which is raised."""
        self._client = client
        self._goal = 0
        self.status.server, self.status.is_durable = str(client.address), bool(consumer)
        self.stream = client.welcome.streams[0].name if client.welcome.streams else self.stream
        self._is(StreamState.CATCHING_UP, "")
        try:
            client.subscribe(self.place, consumer=consumer)
            taken = 0
            async for item in client.items():
                if isinstance(item, SubscriptionRefused):
                    code = code_of(item.reply.code) or Code.NOT_SUPPORTED
                    if code is not Code.UNKNOWN_CONSUMER or not consumer:
                        raise Refused(code, f"{client.address}: {item.reply.text}")
                    log.warning("stream_not_durable", stream=self.name, reason=item.reply.text)
                    break
                await self._take_one(item)
                taken += 1
                if taken % ITEMS_AT_A_TIME == 0:
                    await asyncio.sleep(0)
        finally:
            self._client = None
            client.leave()
        await self._session(await self._servers.connect(), "")

    async def _take_one(self, item: Item) -> None:
        if isinstance(item, SubscriptionBegan):
            self._goal = item.answer.last
        await self._take(self, item)
        self.place = place_after(item, self.place)
        if self.status.state is StreamState.CATCHING_UP and self.place and self.place.number >= self._goal:
            self._is(StreamState.UP, "")

    def confirm(self, place: EventId) -> None:
        """Everything up to there stands in the database: the server need not hold it any more."""
        if self._client is not None and self.status.is_durable:
            self._client.consumed(place.number)

    def _lost(self, error: UlpError, pause: float) -> None:
        if isinstance(error, SessionEnded):
            self.status.losses += 1
        if (self.status.state, self.status.reason) != (StreamState.DOWN, str(error)):
            log.warning(
                "stream_lost", stream=self.name, code=code_name(error.code), reason=str(error), again_in=round(pause, 1)
            )
        self._is(StreamState.DOWN, str(error))

    def _is(self, state: StreamState, reason: str) -> None:
        status = self.status
        if state is not status.state:
            status.since = asyncio.get_running_loop().time()
            if state is not StreamState.DOWN:
                log.info(
                    "stream_state", stream=self.name, state=state.value, server=status.server, place=str(self.place)
                )
        status.state, status.reason = state, reason
