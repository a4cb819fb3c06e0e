"""From streams to rows: each event once whatever fails, confirmed once it is committed, bounded while it cannot be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path

import pytest

from cdr.database import Database, Displaced
from cdr.records import Batch, ConversationRecord, Place
from cdr.scribe import Scribe
from cdr.site_files import StreamAccess
from cdr.store.store import Store
from cdr.streams import StreamState
from model.events import DeviceChange, DeviceEvent, Event
from model.ids import Microseconds
from model.states import DeviceState
from runtime.tasks import StartRefused, owned_by
from tests.cdr.ledger.stage import EPOCH, records_of, traffic
from tests.protocol.running import Site, serving
from tests.protocol.shelf import Shelf
from tests.waiting import until

STREAM, _ = traffic(3, 20)
DEVICES = STREAM.snapshot.devices
EVENTS: list[Event] = [
    *(
        DeviceEvent(number, Microseconds(1), one, DeviceChange(one.number, DeviceState.IDLE, DeviceState.IDLE))
        for number, one in zip(range(1, STREAM.snapshot.number + 1), cycle(DEVICES), strict=False)
    ),
    *STREAM.events,
]
"""From the first number on: what the devices are, then what they do."""
EXPECTED = {one.conversation_id for one in records_of(STREAM) if isinstance(one, ConversationRecord)}


@asynccontextmanager
async def writing(site: Site, url: str) -> AsyncIterator[tuple[Scribe, Database]]:
    """A scribe at work; it ends in order."""
    database = Database(url, "UTC")
    await database.open()
    async with asyncio.TaskGroup() as group:
        scribe = Scribe(database, {"gateway": StreamAccess((site.address,), "cdr")}, owned_by(group))
        task = group.create_task(scribe.run())
        try:
            yield scribe, database
            scribe.stop()
            await task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Displaced):
                await task
    await database.close()


def rows(url: str) -> list[ConversationRecord]:
    store = Store.open(url)
    try:
        return store.records(ConversationRecord)
    finally:
        store.close()


def tell(site: Site, events: list[Event]) -> None:
    for event in events:
        site.server.publish(event)


async def test_what_is_told_is_written_and_confirmed_and_a_restart_repeats_nothing(tmp_path: Path) -> None:
    url, shelf = f"sqlite:///{tmp_path / 'cdr.db'}", Shelf()
    half = len(EVENTS) // 2
    async with serving(epoch=EPOCH, archive=shelf) as site:
        async with writing(site, url) as (scribe, _):
            tell(site, EVENTS[:half])
            await until(lambda: shelf.places["cdr"] == half)
            assert scribe.ledger.stream == "site/gateway"
            assert scribe.pending_events == 0
        tell(site, EVENTS[half : half + 20])
        async with writing(site, url):
            tell(site, EVENTS[half + 20 :])
            await until(lambda: shelf.places["cdr"] == len(EVENTS))
    assert {one.conversation_id for one in rows(url)} == EXPECTED
    assert {one.revision for one in rows(url)} == {1}


async def test_at_its_end_it_writes_what_it_has_taken(tmp_path: Path) -> None:
    url, shelf = f"sqlite:///{tmp_path / 'cdr.db'}", Shelf()
    async with serving(epoch=EPOCH, archive=shelf) as site:
        async with writing(site, url) as (scribe, _):
            await until(lambda: bool(scribe.readers) and scribe.readers["gateway"].status.state is StreamState.UP)
            tell(site, EVENTS)
            await until(lambda: scribe.readers["gateway"].place is not None
                        and scribe.readers["gateway"].place.number == len(EVENTS))  # fmt: skip
        assert {one.conversation_id for one in rows(url)} == EXPECTED


async def test_another_writer_displaces_it(tmp_path: Path) -> None:
    url, shelf = f"sqlite:///{tmp_path / 'cdr.db'}", Shelf()
    async with serving(epoch=EPOCH, archive=shelf) as site:
        database = Database(url, "UTC")
        await database.open()
        async with asyncio.TaskGroup() as group:
            scribe = Scribe(database, {"gateway": StreamAccess((site.address,), "cdr")}, owned_by(group))
            displaced = group.create_task(_displacement(scribe))
            tell(site, EVENTS[:10])
            await until(lambda: shelf.places["cdr"] == 10)
            other = Store.open(url)
            other.write(Batch((), (), (Place("gateway", "site/gateway", EPOCH, 11),)))
            other.close()
            tell(site, EVENTS[10:20])
            assert "D017" in await displaced
        await database.close()
        async with writing(site, url):
            tell(site, EVENTS[20:])
            await until(lambda: shelf.places["cdr"] == len(EVENTS))


async def _displacement(scribe: Scribe) -> str:
    try:
        await scribe.run()
    except Displaced as error:
        return str(error)
    return ""


async def test_drafts_that_cannot_be_read_refuse_the_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cdr.db'}"
    store = Store.open(url)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO drafts VALUES ('conversation', '1:1', 'nonsense')")
    store.close()
    database = Database(url, "UTC")
    await database.open()
    async with asyncio.TaskGroup() as group:
        scribe = Scribe(database, {"gateway": StreamAccess((), "cdr")}, owned_by(group))
        with pytest.raises(StartRefused, match="draft conversation 1:1"):
            await scribe.run()
    await database.close()
