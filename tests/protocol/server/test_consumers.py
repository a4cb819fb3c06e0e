"""Durable consumers at a real server: their place, who may be one, and that one session at a time is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from model.ids import EventId
from protocol.client import EventSeen, SubscriptionBegan, SubscriptionRefused, UlpClient, follow
from protocol.errors import Code, Refused, SessionEnded
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import ConsumerRow, Request
from protocol.server import Entrance
from tests.protocol.log_ins import accounts
from tests.protocol.running import Site, serving
from tests.protocol.samples import EPOCH
from tests.protocol.server.test_log_in import logged_in
from tests.protocol.shelf import Shelf
from tests.waiting import until


@asynccontextmanager
async def keeping(entrance: Entrance | None = None) -> AsyncIterator[tuple[Site, Shelf]]:
    """A site that keeps what it publishes for the durable consumer `cdr`."""
    shelf = Shelf()
    async with serving(archive=shelf, entrance=entrance) as site:
        yield site, shelf


async def began(client: UlpClient, consumer: str = "cdr", after: EventId | None = None) -> SubscriptionBegan:
    client.subscribe(after, consumer=consumer)
    item = await client.next_item()
    assert isinstance(item, SubscriptionBegan), item
    return item


async def numbers(client: UlpClient, count: int) -> list[int]:
    got: list[int] = []
    while len(got) < count:
        item = await client.next_item()
        if isinstance(item, EventSeen):
            got.append(item.event.number)
    return got


async def end_of(client: UlpClient) -> Code:
    try:
        while True:
            await client.next_item()
    except SessionEnded as ended:
        return ended.code


async def test_a_place_is_kept_between_sessions() -> None:
    async with keeping() as (site, shelf):
        site.publish_many(5)
        first = await site.client(Role.CONSUMER)
        assert (await began(first)).answer.after == 0
        assert await numbers(first, 5) == [1, 2, 3, 4, 5]
        first.consumed(3)
        await until(lambda: shelf.places["cdr"] == 3)
        first.abort()
        second = await site.client(Role.CONSUMER)
        assert (await began(second)).answer.after == 3
        assert await numbers(second, 2) == [4, 5]
        await second.close()


async def test_one_s_own_place_comes_before_the_one_that_is_kept() -> None:
    async with keeping() as (site, _):
        site.publish_many(5)
        client = await site.client(Role.CONSUMER)
        assert (await began(client, after=EventId(EPOCH, 4))).answer.after == 4
        assert await numbers(client, 1) == [5]
        await client.close()


async def test_a_name_that_the_settings_do_not_have_is_refused() -> None:
    async with keeping() as (site, _):
        client = await site.client(Role.CONSUMER)
        client.subscribe(consumer="recorder")
        item = await client.next_item()
        assert isinstance(item, SubscriptionRefused)
        assert (item.reply.code, item.reply.text) == (
            Code.UNKNOWN_CONSUMER,
            "no durable consumer recorder in [journal] consumers",
        )
        await client.close()


async def test_who_comes_back_takes_over_from_his_dead_connection() -> None:
    async with keeping() as (site, _):
        older, newer = await site.client(Role.CONSUMER), await site.client(Role.CONSUMER)
        await began(older)
        await began(newer)
        assert await end_of(older) is Code.CONSUMER_TAKEN_OVER
        await began(newer)  # subscribing anew closes nobody, least of all oneself
        site.publish_many(1)
        assert await numbers(newer, 1) == [1]
        await newer.close()


async def test_a_confirmation_of_what_was_not_published_ends_the_session() -> None:
    async with keeping() as (site, shelf):
        site.publish_many(2)
        client = await site.client(Role.CONSUMER)
        await began(client)
        client.consumed(3)
        assert await end_of(client) is Code.BAD_FRAME
        assert shelf.places == {"cdr": 0}


async def test_a_confirmation_of_somebody_who_is_no_durable_consumer_ends_the_session() -> None:
    async with keeping() as (site, shelf):
        site.publish_many(2)
        client = await site.client(Role.ADMIN)
        client.subscribe()
        client.consumed(2)
        assert await end_of(client) is Code.UNEXPECTED_FRAME
        assert shelf.places == {"cdr": 0}


@pytest.mark.parametrize(("user", "is_allowed"), [("cdr", True), ("ada", True), ("sue", False)])
async def test_behind_a_log_in_a_name_belongs_to_its_user_and_to_administrators(user: str, is_allowed: bool) -> None:
    async with keeping(Entrance(accounts())) as (site, _):
        client = await logged_in(site, user)
        client.subscribe(consumer="cdr")
        item = await client.next_item()
        if is_allowed:
            assert isinstance(item, SubscriptionBegan)
        else:
            assert isinstance(item, SubscriptionRefused)
            assert item.reply.code == Code.NOT_PERMITTED
        await client.close()


async def test_sessions_and_consumers_are_listed() -> None:
    async with keeping(Entrance(accounts())) as (site, _):
        admin, consumer = await logged_in(site, "ada"), await logged_in(site, "cdr", name="records")
        await began(consumer)
        site.publish_many(4)
        await numbers(consumer, 4)
        site.publish_many(3)
        await numbers(consumer, 3)
        consumer.consumed(6)
        reply = await admin.request(Request(Kind.QUERY_SESSIONS))
        while reply.consumers[0].confirmed == 0:
            reply = await admin.request(Request(Kind.QUERY_SESSIONS))
        (row,) = (row for row in reply.sessions if row.consumer)
        assert (row.name, row.user, row.consumer, row.events) == ("records", "cdr", "cdr", 7)
        assert reply.consumers == (ConsumerRow(6, 1, row.session, "cdr"),)
        await consumer.close()
        await until(lambda: site.server.session_count == 1)
        reply = await admin.request(Request(Kind.QUERY_SESSIONS))
        assert reply.consumers == (ConsumerRow(6, 1, 0, "cdr"),)
        await admin.close()


async def test_following_confirms_what_was_taken() -> None:
    async with keeping() as (site, shelf):
        site.publish_many(3)
        items = follow([site.address], Hello("records", Role.CONSUMER), jitter=lambda: 0.5, consumer="cdr")
        seen = 0
        async for item in items:
            seen += isinstance(item, EventSeen)
            if seen == 3:
                break
        assert shelf.places["cdr"] < 3, "the third is not taken before the next one is asked for"
        site.publish_many(1)
        asked = asyncio.ensure_future(anext(items))
        await until(lambda: shelf.places["cdr"] == 3)
        await asked
        await items.aclose()


async def test_following_under_a_wrong_name_says_so() -> None:
    async with keeping() as (site, _):
        items = follow([site.address], Hello("records", Role.CONSUMER), jitter=lambda: 0.5, consumer="wrong")
        with pytest.raises(Refused) as refused:
            await _all(items)
        assert refused.value.code is Code.UNKNOWN_CONSUMER


async def _all(items: AsyncIterator[object]) -> None:
    async for _ in items:
        pass
