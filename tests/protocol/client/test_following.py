"""A subscription over lost connections, other servers and new epochs: never a silent hole."""

from collections.abc import AsyncIterator
from itertools import islice

import pytest

from model.ids import EventId
from protocol.client import EventSeen, Gap, Lost, SnapshotTaken, SubscriptionBegan, follow, waits
from protocol.errors import Code, Refused, Unreachable
from protocol.kinds import Role
from protocol.messages import Hello, Welcome
from tests.protocol.running import serving
from tests.protocol.samples import EPOCH
from tests.waiting import until

HELLO = Hello("test", Role.CONSUMER)
AT_ONCE = (0.0,)


def test_waits_follow_the_schedule_and_the_last_repeats() -> None:
    assert list(islice(waits(lambda: 0.5), 8)) == [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert next(waits(lambda: 0.0)) == pytest.approx(0.08)
    assert next(waits(lambda: 1.0)) == pytest.approx(0.12)


async def test_it_follows_over_a_lost_connection_and_loses_nothing() -> None:
    async with serving() as site:
        items = follow([site.address], HELLO, jitter=lambda: 0.5, schedule=AT_ONCE)
        assert isinstance(await anext(items), Welcome)
        assert isinstance(await anext(items), SubscriptionBegan)
        assert isinstance(await anext(items), SnapshotTaken)
        site.publish_many(3)
        assert [await number(items) for _ in range(3)] == [1, 2, 3]
        for peer in list(site.server._peers.values()):
            peer.close(Code.SLOW_CONSUMER)
        lost = await anext(items)
        assert isinstance(lost, Lost)
        assert lost.error.code is Code.SLOW_CONSUMER
        site.publish_many(3)
        assert isinstance(await anext(items), Welcome)
        began = await anext(items)
        assert isinstance(began, SubscriptionBegan)
        assert not began.answer.snapshot
        assert [await number(items) for _ in range(3)] == [4, 5, 6]
        await items.aclose()
        await until(lambda: site.server.session_count == 0)


async def number(items: AsyncIterator[object]) -> int:
    item = await anext(items)
    assert isinstance(item, EventSeen)
    return item.event.number


async def test_a_server_that_began_anew_answers_with_gap_and_snapshot() -> None:
    async with serving() as site:
        site.publish_many(4)
        address = site.address
        items = follow([address], HELLO, jitter=lambda: 0.5, after=EventId(EPOCH, 4), schedule=(0.05,))
        assert isinstance(await anext(items), Welcome)
        assert isinstance(await anext(items), SubscriptionBegan)
    lost = await anext(items)
    assert isinstance(lost, Lost)
    assert lost.error.code is Code.SHUTTING_DOWN
    async with serving(port=address.port, epoch=EPOCH + 1):
        item: object = lost
        while isinstance(item, Lost):
            item = await anext(items)
        assert isinstance(item, Welcome)
        assert isinstance(await anext(items), SubscriptionBegan)
        assert await anext(items) == Gap(Code.OTHER_EPOCH, EPOCH, 5, 0)
        taken = await anext(items)
        assert isinstance(taken, SnapshotTaken)
        assert taken.epoch == EPOCH + 1
        await items.aclose()


async def test_the_next_server_is_tried_and_the_good_one_remembered() -> None:
    async with serving() as gone:
        dead = gone.address
    async with serving() as site:
        items = follow([dead, site.address], HELLO, jitter=lambda: 0.5, first_failure_raises=True)
        assert isinstance(await anext(items), Welcome)
        await items.aclose()
    with pytest.raises(Unreachable):
        await anext(follow([dead, site.address], HELLO, jitter=lambda: 0.5, first_failure_raises=True))


async def test_a_refused_subscription_is_not_tried_again() -> None:
    async with serving() as site:
        agent = Hello("agent", Role.AGENT, site.owner.state.devices[0].number)
        items = follow([site.address], agent, jitter=lambda: 0.5, devices=frozenset({"8002"}))
        assert isinstance(await anext(items), Welcome)
        with pytest.raises(Refused) as refused:
            await anext(items)
        assert refused.value.code is Code.NOT_PERMITTED
