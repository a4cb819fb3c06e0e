"""A stream followed over losses: each item once, confirmed when told so, and what is wrong with it known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from cdr.site_files import StreamAccess
from cdr.streams import StreamReader, StreamState
from model.ids import EventId
from protocol.client import Address, EventSeen, Item, SnapshotTaken
from protocol.errors import Code
from tests.protocol.running import Site, serving
from tests.protocol.samples import EPOCH
from tests.protocol.shelf import Shelf
from tests.waiting import until


class Taken:
    """What came; ``room`` can be taken away."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.room = asyncio.Event()
        self.room.set()

    async def __call__(self, _reader: StreamReader, item: Item) -> None:
        await self.room.wait()
        self.items.append(item)

    @property
    def numbers(self) -> list[int]:
        return [item.event.number for item in self.items if isinstance(item, EventSeen)]


@asynccontextmanager
async def reading(address: Address, place: EventId | None = None) -> AsyncIterator[tuple[StreamReader, Taken]]:
    taken = Taken()
    reader = StreamReader("gateway", StreamAccess((address,), "cdr"), place, "", taken)
    task = asyncio.ensure_future(reader.run())
    try:
        yield reader, taken
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def close_all(site: Site, code: Code) -> None:
    for peer in list(site.server._peers.values()):
        peer.close(code)


async def test_over_a_loss_every_event_comes_once_and_is_confirmed_when_told() -> None:
    shelf = Shelf()
    async with serving(archive=shelf) as site, reading(site.address) as (reader, taken):
        await until(lambda: reader.status.state is StreamState.UP)
        assert reader.stream == "site/gateway"
        site.publish_many(3)
        await until(lambda: taken.numbers == [1, 2, 3])
        assert shelf.places == {"cdr": 0}
        reader.confirm(EventId(EPOCH, 2))
        await until(lambda: shelf.places == {"cdr": 2})
        close_all(site, Code.SLOW_CONSUMER)
        await until(lambda: reader.status.state is StreamState.DOWN)
        assert "too slow" in reader.status.reason or "slow" in reader.status.reason
        site.publish_many(2)
        await until(lambda: taken.numbers == [1, 2, 3, 4, 5])
        assert reader.status.losses == 1
        assert reader.place == EventId(EPOCH, 5)


async def test_it_goes_on_after_a_place() -> None:
    async with serving() as site:
        site.publish_many(5)
        async with reading(site.address, EventId(EPOCH, 3)) as (reader, taken):
            await until(lambda: taken.numbers == [4, 5])
            await until(lambda: reader.status.state is StreamState.UP)


async def test_a_server_that_holds_nothing_back_is_read_all_the_same_and_that_is_known() -> None:
    async with serving() as site, reading(site.address) as (reader, taken):
        await until(lambda: reader.status.state is StreamState.UP)
        assert not reader.status.is_durable
        assert any(isinstance(item, SnapshotTaken) for item in taken.items)
        site.publish_many(1)
        await until(lambda: taken.numbers == [1])
        reader.confirm(EventId(EPOCH, 1))
        site.publish_many(1)
        await until(lambda: taken.numbers == [1, 2])


async def test_without_room_nothing_is_taken_and_nothing_lost() -> None:
    async with serving() as site, reading(site.address) as (reader, taken):
        await until(lambda: reader.status.state is StreamState.UP)
        taken.room.clear()
        site.publish_many(300)
        close_all(site, Code.SLOW_CONSUMER)
        assert len(taken.numbers) == 0
        taken.room.set()
        site.publish_many(1)
        await until(lambda: taken.numbers == list(range(1, 302)))


async def test_nobody_there_is_told_in_words() -> None:
    async with reading(Address("127.0.0.1", 1)) as (reader, _):
        await until(lambda: reader.status.state is StreamState.DOWN)
        assert "127.0.0.1:1" in reader.status.reason
        assert reader.status.losses == 0
