"""A subscription that outlives connections: the last good server, then the others, never a silent hole."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from model.ids import EventId
from protocol.client.address import Address
from protocol.client.connection import UlpClient
from protocol.client.tls import Tls
from protocol.client_events import (
    CentreEventSeen,
    CentreSnapshotTaken,
    EventSeen,
    Item,
    PositionSeen,
    SnapshotTaken,
    SubscriptionBegan,
    SubscriptionRefused,
)
from protocol.client_log_in import Credentials
from protocol.errors import Code, Refused, SessionEnded, UlpError, code_of
from protocol.limits import RECONNECT_JITTER_SHARE, RECONNECT_RESET_SECONDS, RECONNECT_SECONDS
from protocol.messages import Hello, Welcome

CONFIRM_EVENTS_MAX: Final = 1_000
"""Events that a durable consumer takes without confirming, while more are there to take."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone or was not to be had; the next try is ``retry_seconds`` away."""

    error: UlpError
    retry_seconds: float


def waits(jitter: Callable[[], float], schedule: Sequence[float] = RECONNECT_SECONDS) -> Iterator[float]:
    """A daemon's waits, the last one repeated, each spread to either side; ``jitter`` gives 0 … 1."""
    at = 0
    while True:
        yield schedule[min(at, len(schedule) - 1)] * (1 + RECONNECT_JITTER_SHARE * (2 * jitter() - 1))
        at += 1


def place_after(item: Item, place: EventId | None) -> EventId | None:
    """Where a subscription goes on after an item has been taken."""
    match item:
        case EventSeen(epoch, event):
            return EventId(epoch, event.number)
        case CentreEventSeen(epoch, told):
            return EventId(epoch, told.number)
        case SnapshotTaken(epoch, snapshot):
            return EventId(epoch, snapshot.number)
        case CentreSnapshotTaken(epoch, state):
            return EventId(epoch, state.number)
        case PositionSeen(epoch, number):
            return EventId(epoch, number)
        case SubscriptionBegan(answer) if answer.after is not None and not answer.snapshot:
            return EventId(answer.epoch, answer.after)
    return place


class Servers:
    """Where one stream can be had: the last good server is tried first, then the others in their order, none whose term
    is lower than one that was seen. ``jitter`` gives 0 … 1."""

    def __init__(
        self,
        addresses: Sequence[Address],
        hello: Hello,
        *,
        jitter: Callable[[], float],
        schedule: Sequence[float] = RECONNECT_SECONDS,
        credentials: Credentials | None = None,
        tls: Tls | None = None,
    ) -> None:
        self._order = list(addresses)
        self._hello = hello
        self._jitter = jitter
        self._schedule = schedule
        self._credentials = credentials
        self._tls = tls
        self._pauses = waits(jitter, schedule)
        self._term = 0
        self._began = 0.0

    async def connect(self) -> UlpClient:
        """A session with the first server that gives one; the last one's error when none does."""
        loop = asyncio.get_running_loop()
        for address in list(self._order):
            self._began = loop.time()
            try:
                client = await UlpClient.connect(
                    address, self._hello, term_lowest=self._term, credentials=self._credentials, tls=self._tls
                )
            except UlpError:
                if address == self._order[-1]:
                    raise
                continue
            self._order.remove(address)
            self._order.insert(0, address)
            self._term = client.welcome.term
            return client
        raise ValueError("there is no server to connect to")

    def pause_seconds(self) -> float:
        """How long to wait now that a session has ended or none was to be had; after a long one as at first."""
        if asyncio.get_running_loop().time() - self._began >= RECONNECT_RESET_SECONDS:
            self._pauses = waits(self._jitter, self._schedule)
        return next(self._pauses)


async def follow(
    addresses: Sequence[Address],
    hello: Hello,
    *,
    jitter: Callable[[], float],
    after: EventId | None = None,
    devices: frozenset[str] | None = None,
    agents: frozenset[str] = frozenset(),
    queues: frozenset[str] = frozenset(),
    consumer: str = "",
    first_failure_raises: bool = False,
    schedule: Sequence[float] = RECONNECT_SECONDS,
    credentials: Credentials | None = None,
    tls: Tls | None = None,
) -> AsyncGenerator[Item | Lost | Welcome, None]:
    """A subscription over reconnects: the last good server first, then the others in order; never a silent hole.

    Yields ``Welcome`` for each session, then its items, and ``Lost`` when it ends. A refusal of the subscription
    raises ``Refused``. As a durable ``consumer`` an item is confirmed once the next one is asked for: it has been taken
    then. ``first_failure_raises``: an error before the first WELCOME is raised, not retried.
    """
    servers = Servers(addresses, hello, jitter=jitter, schedule=schedule, credentials=credentials, tls=tls)
    place = after
    was_open = False
    while True:
        try:
            client = await servers.connect()
        except UlpError as error:
            if first_failure_raises and not was_open:
                raise
            failure = error
        else:
            was_open = True
            try:
                yield client.welcome
                client.subscribe(place, devices, agents=agents, queues=queues, consumer=consumer)
                confirmed = 0
                async for item in client.items():
                    if isinstance(item, SubscriptionRefused):
                        raise Refused(code_of(item.reply.code) or Code.NOT_SUPPORTED, item.reply.text)
                    place = place_after(item, place)
                    yield item
                    if consumer and place and (not client.waiting or place.number >= confirmed + CONFIRM_EVENTS_MAX):
                        if place.number != confirmed:
                            client.consumed(place.number)
                        confirmed = place.number
            except SessionEnded as error:
                failure = error
            finally:
                client.leave()
        pause = servers.pause_seconds()
        yield Lost(failure, pause)
        await asyncio.sleep(pause)
