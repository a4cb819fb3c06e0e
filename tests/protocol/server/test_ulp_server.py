"""The server as a whole, over real sockets: sessions, subscriptions, requests, and every limit."""

import pytest

from model.ids import DeviceNumber, EventId
from protocol.client import EventSeen, SnapshotTaken, SubscriptionBegan, SubscriptionRefused, UlpClient
from protocol.errors import Code, Refused, SessionEnded
from protocol.kinds import Kind, Role
from protocol.limits import ServerLimits
from protocol.messages import Hello, Subscribe, pack_hello, read_coded
from protocol.requests import Request
from protocol.server import NotLoopback
from tests.protocol.running import RawClient, raw_client, serving
from tests.protocol.samples import EPOCH, established
from tests.waiting import until


async def test_a_server_does_not_start_off_loopback() -> None:
    async with serving() as site:
        with pytest.raises(NotLoopback):
            await site.server.start("0.0.0.0", 0)


async def test_a_subscriber_gets_snapshot_and_events_in_order() -> None:
    async with serving() as site:
        site.publish_many(3)
        client = await site.client(Role.CONSUMER)
        assert client.welcome.streams[0].epoch == EPOCH
        client.subscribe()
        assert isinstance(await client.next_item(), SubscriptionBegan)
        assert await client.next_item() == SnapshotTaken(EPOCH, site.snapshot())
        site.publish_many(50)
        for number in range(4, 54):
            assert await client.next_item() == EventSeen(EPOCH, established(number))
        await client.close()
        await until(lambda: site.server.session_count == 0)


async def test_one_write_carries_a_turn_to_every_subscriber_alike() -> None:
    async with serving() as site, raw_client(site) as one, raw_client(site) as two, raw_client(site) as other:
        for raw, devices in ((one, None), (two, None), (other, frozenset({"8003"}))):
            await raw.open()
            raw.subscribe(Subscribe(devices=devices))
            await raw.frames_until(Kind.SNAPSHOT_END)
        site.publish(established(1), established(2, "8003"), established(3))
        assert [await numbers(raw, 3) for raw in (one, two)] == [[1, 2, 3], [1, 2, 3]]
        assert await numbers(other, 1) == [2]


async def numbers(raw: RawClient, count: int) -> list[int]:
    frames = [await raw.frame() for _ in range(count)]
    return [frame.number for frame in frames if frame is not None]


async def test_a_new_subscription_replaces_the_old() -> None:
    async with serving() as site, raw_client(site) as raw:
        await raw.open()
        raw.subscribe()
        await raw.frames_until(Kind.SNAPSHOT_END)
        raw.subscribe(Subscribe(devices=frozenset({"8003"})), number=2)
        await raw.frames_until(Kind.SNAPSHOT_END)
        site.publish(established(1), established(2, "8003"))
        assert await numbers(raw, 1) == [2]
        assert site.server.stream.audiences == 1


async def test_a_stream_that_welcome_did_not_name() -> None:
    async with serving() as site:
        client = await site.client()
        client.subscribe(stream=9)
        refused = await client.next_item()
        assert isinstance(refused, SubscriptionRefused)
        assert refused.reply.code == Code.UNKNOWN_STREAM
        await client.close()


async def test_admin_requests_and_queries() -> None:
    async with serving() as site:
        admin = await site.client(Role.ADMIN, name="operator")
        reply = await admin.request(Request(Kind.SET_LOG_LEVEL, level="debug"))
        assert (reply.text, reply.lines) == ("SET_LOG_LEVEL by ADMIN", ("debug",))
        assert (await admin.request(Request(Kind.QUERY_LINK))).link == site.owner.state.link
        device = await admin.request(Request(Kind.QUERY_DEVICE, DeviceNumber("8002")))
        assert device.device is not None
        assert device.device.number == "8002"
        sessions = await admin.request(Request(Kind.QUERY_SESSIONS))
        assert [(row.name, row.role) for row in sessions.sessions] == [("operator", Role.ADMIN)]
        assert sessions.sessions_total == 1
        assert site.server.sessions()[0].peer.startswith("127.0.0.1:")
        await admin.close()


async def test_an_agent_without_a_device_and_an_unspoken_version_are_refused() -> None:
    async with serving() as site:
        with pytest.raises(Refused) as refused:
            await site.client(Role.AGENT)
        assert refused.value.code is Code.ROLE_REFUSED
        async with raw_client(site) as raw:
            raw.say(Kind.HELLO, 0, pack_hello(Hello("new", Role.ADMIN, version_lowest=2, version_highest=9)))
            (frame,) = await raw.frames_until(Kind.REFUSED)
            assert read_coded(Kind.REFUSED, frame.body).code == Code.VERSION_NOT_SPOKEN
            assert await raw.frame() is None
        assert site.server.refused_sessions == 2


async def test_one_session_too_many_is_refused_and_room_is_made_again() -> None:
    async with serving(ServerLimits(sessions_max=1)) as site:
        first = await site.client()
        with pytest.raises(Refused) as refused:
            await site.client()
        assert refused.value.code is Code.TOO_MANY_SESSIONS
        await first.close()
        await until(lambda: site.server.session_count == 0)
        await (await site.client()).close()


async def test_a_flood_of_idlers_is_turned_away_at_the_door() -> None:
    async with serving(ServerLimits(half_open_max=2)) as site:
        async with raw_client(site), raw_client(site):
            await until(lambda: site.server.session_count == 2)
            async with raw_client(site) as third:
                (frame,) = await third.frames_until(Kind.REFUSED)
                assert read_coded(Kind.REFUSED, frame.body).code == Code.TOO_MANY_SESSIONS
        await until(lambda: site.server.session_count == 0)
        await (await site.client()).close()


async def test_who_says_no_hello_in_time_is_closed() -> None:
    async with serving(ServerLimits(hello_seconds_max=0.05, heartbeat_ms=100)) as site, raw_client(site) as raw:
        (frame,) = await raw.frames_until(Kind.REFUSED)
        assert read_coded(Kind.REFUSED, frame.body).code == Code.HELLO_TOO_LATE
        assert await raw.frame() is None


async def test_a_silent_client_is_closed_after_three_heartbeats_and_gets_them_meanwhile() -> None:
    async with serving(ServerLimits(heartbeat_ms=40)) as site, raw_client(site) as raw:
        await raw.open()
        frames = await raw.frames_until(Kind.BYE)
        assert {frame.kind for frame in frames[:-1]} == {Kind.HEARTBEAT}
        assert read_coded(Kind.BYE, frames[-1].body).code == Code.HEARTBEAT_LOST


async def test_a_live_subscriber_hears_its_position() -> None:
    async with serving(ServerLimits(heartbeat_ms=40)) as site:
        site.publish_many(2)
        client = await site.client()
        client.subscribe(devices=frozenset({"8003"}))
        site.publish_many(5)
        await until(lambda: client.place == EventId(EPOCH, 7))
        await client.close()


async def taken_to_the_end(client: UlpClient) -> None:
    async for _ in client.items():
        continue


async def test_stop_says_why_and_closes_everybody() -> None:
    async with serving() as site, raw_client(site) as half_open:
        client = await site.client()
        client.subscribe()
        site.publish_many(3)
        await site.server.stop()
        with pytest.raises(SessionEnded) as ended:
            await taken_to_the_end(client)
        assert ended.value.code is Code.SHUTTING_DOWN
        (frame,) = await half_open.frames_until(Kind.REFUSED)
        assert read_coded(Kind.REFUSED, frame.body).code == Code.SHUTTING_DOWN
        assert site.server.session_count == 0


async def test_a_hole_in_what_the_owner_publishes_is_our_bug() -> None:
    async with serving() as site:
        with pytest.raises(ValueError, match="no hole"):
            site.server.publish(established(2))


async def test_bytes_that_are_encoded_already_get_the_next_number() -> None:
    from protocol.packing import pack_event

    async with serving() as site, raw_client(site) as raw:
        await raw.open()
        raw.subscribe()
        await raw.frames_until(Kind.SNAPSHOT_END)
        assert [site.server.publish_body(*pack_event(established(99))) for _ in range(2)] == [1, 2]
        assert await numbers(raw, 2) == [1, 2]
