"""The scribe: takes the streams' events to the ledger, and what the ledger makes of them to the database.

While a batch is being written the next one gathers, so batches grow with the load. A stream's events are confirmed to
its server once they are committed. When too much waits for the database, nobody takes events any more.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

import structlog

from cdr.database import Database
from cdr.ledger.drafts import DraftUnreadable, Memory
from cdr.ledger.ledger import GATEWAY, Ledger
from cdr.records import Batch, Place, ProblemRecord
from cdr.site_files import StreamAccess
from cdr.store.store import Store
from cdr.streams import StreamReader
from model.ids import EventId, Microseconds
from protocol.client import (
    CentreEventSeen,
    CentreSnapshotTaken,
    EventSeen,
    Gap,
    Item,
    PositionSeen,
    SnapshotTaken,
    place_after,
)
from protocol.errors import code_name
from runtime.tasks import Spawn, StartRefused

log = structlog.get_logger("cdr.scribe")

GATHER_SECONDS: Final = 0.05
"""From the first event to the batch: one transaction for what belongs together."""
PENDING_EVENTS_MAX: Final = 20_000
"""Taken and not yet handed to the database: some 40 MB with their rows and drafts."""
TICK_SECONDS: Final = 1.0
PATIENCE_US: Final = 5_000_000
"""A conversation that ended so long ago is written as it is known, whatever stream is missing."""
FORGET_TICKS: Final = 60


class Scribe:
    """From an open store on: a ledger with what it must know again, a reader for each stream, batches."""

    def __init__(self, database: Database, streams: Mapping[str, StreamAccess], spawn: Spawn) -> None:
        self._database = database
        self._streams = streams
        self._spawn = spawn
        self._memory = Memory()
        self.ledger = Ledger(name for name in streams if name != GATEWAY)
        self.readers: dict[str, StreamReader] = {}
        self.problems = 0
        """Invariants that rows broke, since the start."""
        self._places: dict[str, Place] = {}
        self._pending = 0
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._heard = asyncio.get_running_loop().time()
        self._is_stopping = False

    async def run(self) -> None:
        """Until it is asked to stop; ``Displaced`` when somebody else writes there."""
        await self._begin()
        tasks = [self._spawn(one.run(), name=f"stream {one.name}") for one in self.readers.values()]
        tasks.append(self._spawn(self._tick(), name="scribe tick"))
        try:
            while not self._is_stopping:
                await self._work.wait()
                if not self._is_stopping:
                    await asyncio.sleep(GATHER_SECONDS)
                    await self._write()
            await _ended(tasks)
            await self._write()
        finally:
            await _ended(tasks)

    def stop(self) -> None:
        """Take no more, write what has been taken, and end."""
        self._is_stopping = True
        self._work.set()

    @property
    def pending_events(self) -> int:
        """Taken, and not yet handed to the database."""
        return self._pending

    async def _begin(self) -> None:
        places = {place.stream: place for place in await self._database.ask(Store.places)}
        try:
            self._memory.remember(self.ledger, await self._database.ask(Store.drafts))
        except DraftUnreadable as error:
            raise StartRefused(f"what stood in the database cannot be taken up again: {error}") from error
        for name, access in self._streams.items():
            place = places.get(name)
            at = None if place is None else EventId(place.epoch, place.number)
            self.readers[name] = StreamReader(name, access, at, "" if place is None else place.name, self._take)
        self.ledger.stream = self.readers[GATEWAY].stream
        log.info("recording", **{name: str(one.place or "new") for name, one in self.readers.items()},
                 open_conversations=len(self.ledger.stories.open))  # fmt: skip

    # -- events -----------------------------------------------------------------------------------------------------

    async def _take(self, reader: StreamReader, item: Item) -> None:
        """An item of a stream; waits while there is no room."""
        await self._room.wait()
        ledger = self.ledger
        if reader.name == GATEWAY:
            ledger.stream = reader.stream
        match item:
            case EventSeen(epoch, event):
                self._heard = asyncio.get_running_loop().time()
                ledger.take(epoch, event)
            case CentreEventSeen(epoch, told):
                ledger.take_centre(reader.name, epoch, told)
            case SnapshotTaken(epoch, snapshot):
                ledger.take_snapshot(epoch, snapshot)
            case CentreSnapshotTaken(epoch, state):
                ledger.take_centre_snapshot(reader.name, epoch, state)
            case Gap():
                reader.status.gaps += 1
                log.error("stream_gap", stream=reader.name, code=code_name(item.code), epoch=item.epoch,
                          first=item.first, last=item.last)  # fmt: skip
                return
            case PositionSeen():
                pass
            case _:
                return
        place = place_after(item, reader.place)
        assert place is not None, "each of these has one"
        self._places[reader.name] = Place(reader.name, reader.stream, place.epoch, place.number)
        self._pending += 1
        if self._pending >= PENDING_EVENTS_MAX:
            self._room.clear()
        self._work.set()

    # -- batches ----------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Everything that has gathered, in one transaction."""
        self._work.clear()
        batch = Batch(
            tuple(self.ledger.take_records()), self._memory.changes(self.ledger), tuple(self._places.values())
        )
        self._places = {}
        self._pending = 0
        self._room.set()
        await self._database.write(batch)
        for place in batch.places:
            self.readers[place.stream].confirm(EventId(place.epoch, place.number))
        self._tell_problems(batch)

    def _tell_problems(self, batch: Batch) -> None:
        for record in batch.records:
            if isinstance(record, ProblemRecord):
                self.problems += 1
                log.warning("record_problem", conversation_id=record.conversation_id, code=record.code,
                            text=record.text)  # fmt: skip

    async def _tick(self) -> None:
        """What is done because time passes: it changes no row, but when it is written."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            if not self._room.is_set():
                continue
            quiet_us = int((asyncio.get_running_loop().time() - self._heard) * 1_000_000)
            self.ledger.write_incomplete(Microseconds(self.ledger.heard_us + quiet_us - PATIENCE_US))
            if ticks % FORGET_TICKS == 0:
                self.ledger.forget()
            if self.ledger.has_something_to_write:
                self._work.set()


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
