"""Who comes and goes at a gateway all day, and what each holds against what it was told before.

Everybody's clock is the stream itself: one waits until so many events have passed, never for a time.
"""

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any

from model.events import CallEvent, LinkEvent, MismatchEvent
from model.ids import DeviceNumber, EventId
from model.mirror import Mirror
from protocol.client import Address, EventSeen, Gap, SnapshotTaken, UlpClient, place_after
from protocol.client_events import Item
from protocol.errors import Code, UlpError
from protocol.frame import FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe
from protocol.requests import Request
from runtime.tasks import Spawn
from tests.asking import said
from ultra.demo_stage import log_entry
from ultra.processes import Child

PAUSE_SHARE = 0.2
"""Of the longest stay: the longest pause between two."""
GUEST_BYTES_MAX = 400
RECEIVE_BYTES_SMALL = 4_096
"""Of a sleeper's socket: what waits for it waits in the gateway and not in the kernel."""


STARVED = (Code.CONNECTION_LOST, Code.HEARTBEAT_LOST)
"""How a session ends on a machine that has no time for one of its two sides for many seconds; both go on after it."""


def is_starved(error: UlpError) -> bool:
    """Whether a session ended for want of time, and not for a reason."""
    return error.code in STARVED


class Witness:
    """There from the first event to the last: nothing may be missing. Others wait here for events to pass."""

    def __init__(self, server: Address) -> None:
        self.server = server
        self.interruptions = 0
        self.mirror: Mirror | None = None
        self.number = 0
        self.ended = 0
        self.downs = 0
        """How often the link was told to be down: it may be up again before anybody looks."""
        self.mismatches: list[MismatchEvent] = []
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._turn = count()
        self._place: EventId | None = None

    async def listen(self) -> None:
        """Take the stream for ever, and go on after the last event if the session was lost for want of time."""
        while True:
            try:
                client = await UlpClient.connect(self.server, Hello("witness", Role.CONSUMER))
                with _cut(client):
                    client.subscribe(self._place)
                    async for item in client.items():
                        self._take(item)
            except UlpError as error:
                if not is_starved(error):
                    raise
                self.interruptions += 1

    def _take(self, item: Item) -> None:
        assert not isinstance(item, Gap), item
        if isinstance(item, SnapshotTaken):
            assert self.mirror is None, "a second snapshot: something was lost"
            self.mirror = Mirror(item.snapshot)
            self.number = item.snapshot.number
        elif isinstance(item, EventSeen):
            assert self.mirror is not None
            assert item.event.number == self.number + 1, "a hole in the stream"
            self.mirror.apply(item.event)
            self.number = item.event.number
            self._note(item)
        self._place = place_after(item, self._place)

    def _note(self, seen: EventSeen) -> None:
        if isinstance(seen.event, CallEvent):
            self.ended += sum(call.ended for call in seen.event.calls)
        elif isinstance(seen.event, LinkEvent):
            self.downs += not seen.event.link.state.is_up
        elif isinstance(seen.event, MismatchEvent):
            self.mismatches.append(seen.event)
        while self._waiting and self._waiting[0][0] <= self.number:
            _, _, waiting = heappop(self._waiting)
            if not waiting.done():
                waiting.set_result(None)

    async def passed(self, events: int) -> None:
        """Wait until so many more events have passed."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (self.number + events, next(self._turn), waiting))
        await waiting

    @property
    def is_up(self) -> bool:
        return self.mirror is not None and self.mirror.link.state.is_up


@dataclass(slots=True)
class Visitor:
    """A subscriber's place from visit to visit, and what it wants; None for everything."""

    devices: frozenset[str] | None
    place: EventId | None = None

    def take(self, item: Item) -> None:
        """Hold an item against the place before it."""
        assert not isinstance(item, Gap), item
        if isinstance(item, SnapshotTaken):
            assert self.place is None, "a snapshot for somebody who goes on where it was"
        elif isinstance(item, EventSeen):
            assert self.place is not None
            assert item.epoch == self.place.epoch
            step = item.event.number - self.place.number
            assert step == 1 or (step > 1 and self.devices), f"after {self.place} came {item.event.number}"
        self.place = place_after(item, self.place)


@dataclass(slots=True)
class Company:
    """All of them at one gateway; ``did`` counts what they did. ``stay_events``: the longest stay of a visitor."""

    witness: Witness
    server: Address
    metrics_port: int
    folder: Path
    devices: list[str]
    spawn: Spawn
    stay_events: int
    did: Counter[str] = field(default_factory=Counter)

    async def _pause(self, dice: random.Random) -> None:
        await self.witness.passed(dice.randrange(1, int(self.stay_events * PAUSE_SHARE)))

    async def tried(self, attempt: Coroutine[Any, Any, None]) -> None:
        """Do it; a session that is lost for want of time is counted, and nothing more."""
        try:
            await attempt
        except (UlpError, TimeoutError) as error:
            if isinstance(error, UlpError) and not is_starved(error):
                raise
            self.did["sessions lost for want of time"] += 1

    async def visit(self, dice: random.Random) -> None:
        """A subscriber that comes, stays, leaves in one way or another, and goes on where it was."""
        everything = dice.random() < 0.5
        visitor = Visitor(None if everything else frozenset(dice.sample(self.devices, dice.randrange(1, 20))))
        while True:
            await self._pause(dice)
            await self.tried(self._stay(visitor, dice.randrange(1, self.stay_events), dice.random() < 0.5))

    async def _stay(self, visitor: Visitor, events: int, says_goodbye: bool) -> None:
        client = await UlpClient.connect(self.server, Hello("visitor", Role.CONSUMER))
        with _cut(client):
            client.subscribe(visitor.place, visitor.devices)
            goal = self.witness.number + events
            while visitor.place is None or visitor.place.number < goal:
                visitor.take(await client.next_item())
            if says_goodbye:
                await client.close()
        self.did["visits"] += 1

    async def tail(self, dice: random.Random) -> None:
        """``ultra tail --place`` as a process, again and again: each run goes on after the last one's last line."""
        last: list[int] = []

        def take(line: str) -> None:
            number = log_entry(line)["number"]
            assert not last or number == last[-1] + 1, f"after {last[-1]} came {line}"
            last[:] = [number]

        said_beside: list[str] = []
        while True:
            wanted = dice.randrange(1, self.stay_events)
            options = ["--json", "--place", str(self.folder / "tail.place"), "--count", str(wanted)]
            child = await Child.start(
                "tail",
                "ultra",
                ["tail", "--server", str(self.server), *options],
                self.spawn,
                output=take,
                errors=said_beside.append,
            )
            try:
                exit_code = await child.wait()
            finally:
                child.kill()
            assert exit_code == 0, (exit_code, said_beside[-5:])
            said_beside.clear()
            self.did["tails"] += 1

    async def sleep(self, dice: random.Random) -> None:
        """A subscriber that does not read: it is closed with a code, and nothing of it stays."""
        while True:
            await self._pause(dice)
            await self.tried(self._sleep())

    async def _sleep(self) -> None:
        raw = socket.socket(socket.AF_INET6 if ":" in self.server.host else socket.AF_INET)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES_SMALL)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, (self.server.host, self.server.port))
        reader, writer = await asyncio.open_connection(sock=raw, limit=RECEIVE_BYTES_SMALL)
        try:
            writer.write(pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("sleeper", Role.CONSUMER))))
            writer.write(pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())))
            await self._until_closed("sleeper", writer)
            await _read_to_the_end(reader)
        finally:
            writer.transport.abort()
        self.did["slow consumers"] += 1

    async def _until_closed(self, name: str, writer: asyncio.StreamWriter) -> None:
        """Until the gateway lists no session of that name any more; meanwhile it is alive, and reads nothing."""
        listed = True
        while listed:
            await self.witness.passed(int(self.stay_events * PAUSE_SHARE))
            if not writer.transport.is_closing():
                writer.write(pack_frame(Kind.HEARTBEAT, 0, 0))
            client = await UlpClient.connect(self.server, Hello("look-out", Role.ADMIN))
            with _cut(client):
                reply = await client.request(Request(Kind.QUERY_SESSIONS))
                listed = any(row.name == name for row in reply.sessions)

    async def ask(self, dice: random.Random) -> None:
        """Requests of every sort, some of them twice under one key."""
        for number in count():
            await self._pause(dice)
            device, other = map(DeviceNumber, dice.sample(self.devices, 2))
            call = Request(Kind.MAKE_CALL, device, destination=other, idempotency_key=f"call {number}")
            await self.tried(self._ask(call, dice.randrange(1, 3)))

    async def _ask(self, call: Request, times: int) -> None:
        client = await UlpClient.connect(self.server, Hello("asker", Role.ADMIN))
        with _cut(client):
            replies = [await client.request(call) for _ in range(times)]
            assert replies.count(replies[0]) == len(replies), replies
            await client.request(Request(Kind.CLEAR_CONNECTION, call.device))
            assert (await client.request(Request(Kind.QUERY_DEVICE, call.device))).accepted
            assert (await client.request(Request(Kind.QUERY_LINK))).accepted
            self.did["calls asked for"] += replies[0].accepted

    async def guess(self, dice: random.Random) -> None:
        """Somebody who speaks no ULP and no HTTP, or leaves in the middle of it."""
        while True:
            await self._pause(dice)
            port = dice.choice([self.server.port, self.metrics_port])
            if dice.random() < 0.5:
                await self.tried(self._talk(port, dice.randbytes(dice.randrange(1, GUEST_BYTES_MAX))))
            else:
                _, writer = await asyncio.open_connection(self.server.host, port)
                try:
                    writer.write(dice.randbytes(3))
                    await self._pause(dice)
                finally:
                    writer.transport.abort()
            self.did["guests"] += 1

    async def _talk(self, port: int, words: bytes) -> None:
        await said(port, words, self.server.host)


async def _read_to_the_end(reader: asyncio.StreamReader) -> None:
    """All that still came; a BYE at its end, if any came whole, says why."""
    frames = FrameReader(BODY_BYTES_MAX_SERVER)
    try:
        while received := await reader.read(64 * 1024):
            for frame in frames.receive(received):
                if frame.kind == Kind.BYE:
                    assert int.from_bytes(frame.body[:2], "big") == Code.SLOW_CONSUMER, frame
    except ConnectionResetError:
        return


@contextmanager
def _cut(client: UlpClient) -> Iterator[None]:
    """Whatever happens, the connection does not outlive the block."""
    try:
        yield
    finally:
        client.abort()
