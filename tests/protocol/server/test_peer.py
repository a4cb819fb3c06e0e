"""One connection's limits: a slow or dead reader is closed with a code and changes nothing for the others."""

import asyncio

import pytest

from model.ids import EventId
from protocol.client import Credentials, EventSeen, PositionSeen, SnapshotTaken, UlpClient
from protocol.errors import Code, SessionEnded
from protocol.kinds import Kind, Role
from protocol.limits import ServerLimits
from protocol.messages import Hello, Subscribe, read_coded
from protocol.requests import Request
from protocol.server import Entrance
from protocol.server.peer import Peer
from protocol.session import ServerSession
from protocol.subscriber import Subscriber
from tests.protocol.log_ins import PASSWORD, accounts
from tests.protocol.running import WAIT_SECONDS, Site, raw_client, serving
from tests.protocol.samples import EPOCH
from tests.uncollected import uncollected
from tests.waiting import until

SMALL_BUFFER = 4096
LARGER_BUFFER = 256 * 1024
LIMITS = ServerLimits(waiting_bytes_max=64 * 1024, goodbye_seconds=0.2)


async def next_number(client: UlpClient) -> int:
    """The number of the next event."""
    while True:
        item = await client.next_item()
        if isinstance(item, EventSeen):
            return item.event.number
        assert isinstance(item, PositionSeen)


async def flood(site: Site, *, rounds: int = 400) -> None:
    """Publish until the slow one is found out, letting the loop turn."""
    for _ in range(rounds):
        site.publish_many(100)
        await asyncio.sleep(0)
        if site.server.slow_consumers:
            return
    raise AssertionError("nobody was slow")


async def test_a_slow_consumer_is_closed_and_the_others_lose_nothing() -> None:
    async with serving(LIMITS) as site, raw_client(site, SMALL_BUFFER) as slow:
        await slow.open(name="slow")
        slow.subscribe()
        await slow.frames_until(Kind.SNAPSHOT_END)
        slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
        quick = await site.client(Role.CONSUMER)
        quick.subscribe()
        await quick.next_item()
        taken = await quick.next_item()
        assert isinstance(taken, SnapshotTaken)
        last = taken.snapshot.number
        for _ in range(400):
            site.publish_many(100)
            for _ in range(100):
                last += 1
                assert await next_number(quick) == last
            if site.server.slow_consumers:
                break
        assert site.server.slow_consumers == 1
        await until(lambda: site.server.session_count == 1)
        assert [row.name for row in site.server.sessions()] == ["test"]
        await quick.close()


async def test_a_slow_consumer_that_wakes_in_time_reads_whole_frames_and_why() -> None:
    limits = ServerLimits(waiting_bytes_max=64 * 1024, goodbye_seconds=WAIT_SECONDS)
    async with serving(limits) as site, raw_client(site, LARGER_BUFFER) as slow:
        await slow.open()
        slow.subscribe()
        await slow.frames_until(Kind.SNAPSHOT_END)
        slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await flood(site)
        slow.reader._transport.resume_reading()  # type: ignore[attr-defined]
        frames = await slow.frames_until(Kind.BYE)
        numbers = [frame.number for frame in frames[:-1]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert read_coded(Kind.BYE, frames[-1].body).code == Code.SLOW_CONSUMER
        last = numbers[-1]
        site.publish_many(1)
        again = await site.client()
        again.subscribe(EventId(EPOCH, last))
        await again.next_item()
        assert await next_number(again) == last + 1
        await again.close()


async def test_a_snapshot_is_pulled_at_the_reader_s_speed_outside_the_waiting_limit() -> None:
    async with serving(ServerLimits(waiting_bytes_max=16 * 1024)) as site:
        site.publish_many(20_000)
        async with raw_client(site, SMALL_BUFFER) as reader:
            await reader.open()
            reader.subscribe(Subscribe(EventId(EPOCH, 0)))
            reader.reader._transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: site.server.sessions()[0].waiting_bytes > 0)
            row = site.server.sessions()[0]
            assert 0 < row.behind_events < 20_000
            reader.reader._transport.resume_reading()  # type: ignore[attr-defined]
            await reader.frames_until(Kind.SUBSCRIBED)
            for number in range(1, 20_001):
                frame = await reader.frame()
                assert frame is not None
                assert frame.number == number
            site.publish_many(1)
            frame = await reader.frame()
            assert frame is not None
            assert frame.number == 20_001
        assert site.server.slow_consumers == 0


@pytest.mark.parametrize(
    "limits",
    [
        ServerLimits(catch_up_progress_seconds_max=0.1, heartbeat_ms=500, goodbye_seconds=0.1),
        ServerLimits(catch_up_seconds_max=0.1, heartbeat_ms=500, goodbye_seconds=0.1),
    ],
    ids=["standstill", "too long"],
)
async def test_who_takes_nothing_of_its_snapshot_is_closed(limits: ServerLimits) -> None:
    async with serving(limits) as site:
        site.publish_many(50_000)
        async with raw_client(site, SMALL_BUFFER) as reader:
            await reader.open()
            reader.subscribe(Subscribe(EventId(EPOCH, 0)))
            reader.reader._transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: site.server.slow_consumers == 1)
            await until(lambda: site.server.session_count == 0)


async def test_who_falls_out_of_what_is_held_is_closed() -> None:
    async with serving(ServerLimits(ring_events_max=30_000, goodbye_seconds=WAIT_SECONDS)) as site:
        site.publish_many(30_000)
        async with raw_client(site, LARGER_BUFFER) as reader:
            await reader.open()
            reader.subscribe(Subscribe(EventId(EPOCH, 0)))
            reader.reader._transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: site.server.sessions()[0].waiting_bytes > 0)
            site.publish_many(40_000)
            reader.reader._transport.resume_reading()  # type: ignore[attr-defined]
            frames = await reader.frames_until(Kind.BYE)
            assert read_coded(Kind.BYE, frames[-1].body).code == Code.SLOW_CONSUMER


async def test_who_asks_and_does_not_listen_is_not_read_any_more() -> None:
    limits = ServerLimits(catch_up_progress_seconds_max=0.2, heartbeat_ms=500, goodbye_seconds=0.1)
    async with serving(limits) as site, raw_client(site, SMALL_BUFFER) as raw:
        await raw.open()
        raw.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(40):
            for number in range(5_000):
                raw.say(0x01FF, number)
            await asyncio.sleep(0)
        await until(lambda: site.server.slow_consumers == 1)
        await until(lambda: site.server.session_count == 0)


async def test_a_client_that_closes_its_side_is_gone() -> None:
    async with serving() as site, raw_client(site) as raw:
        await raw.open()
        raw.writer.write_eof()
        assert await raw.frame() is None
        await until(lambda: site.server.session_count == 0)


async def test_a_reply_to_a_session_that_is_gone_goes_nowhere() -> None:
    released = asyncio.Event()

    async def answer(_: object) -> object:
        await released.wait()
        from model.commands import Outcome

        return Outcome()

    async with serving() as site:
        site.answer = answer  # type: ignore[assignment]
        client = await site.client()
        from model.ids import DeviceNumber
        from protocol.requests import Request

        async def ask() -> Code:
            try:
                await client.request(Request(Kind.ANSWER_CALL, DeviceNumber("8001")))
            except SessionEnded as error:
                return error.code
            return Code.ACCEPTED

        async with asyncio.TaskGroup() as group:
            asked = group.create_task(ask())
            await until(lambda: site.asked)
            client.abort()
            await until(lambda: site.server.session_count == 0)
            released.set()
        assert asked.result() is Code.CONNECTION_LOST


@pytest.mark.parametrize("entrance", [Entrance(), Entrance(accounts())], ids=["open", "users"])
async def test_sessions_that_are_over_leave_nothing_to_the_garbage_collector(entrance: Entrance) -> None:
    """Whoever comes and goes all day would wait for it by the hundred."""
    credentials = None if entrance.accounts is None else Credentials("ada", PASSWORD)
    async with serving(LIMITS, entrance=entrance) as site:
        with uncollected(Peer, ServerSession, Subscriber) as left:
            for leaves_in_order in (True, False):
                client = await UlpClient.connect(site.address, Hello("visitor", Role.ADMIN), credentials=credentials)
                client.subscribe()
                while not isinstance(await client.next_item(), SnapshotTaken):
                    pass
                site.publish_many(1)
                assert await next_number(client) == site.server.stream.last
                assert (await client.request(Request(Kind.QUERY_LINK))).accepted
                assert (await client.request(Request(Kind.LINK_START, idempotency_key="once"))).accepted
                if leaves_in_order:
                    await client.close()
                else:
                    client.abort()
                await until(lambda: site.server.session_count == 0)
            async with raw_client(site) as stranger:
                stranger.writer.write(b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n")
                assert await stranger.frames_until(Kind.REFUSED)
            await until(lambda: site.server.session_count == 0)
            await until(lambda: left() == [])
