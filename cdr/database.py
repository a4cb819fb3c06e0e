"""The database as the daemon meets it: it may be away, full, locked, or know us no more, and then comes back.

Everything blocking is done in one thread. What is wrong is said once when it begins, again when it changes, and when it
is over; until then it is tried again and again, since an operator who mended it must not have to touch the daemon too.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from cdr.records import Batch
from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble, shown_url
from cdr.store.store import Store
from runtime.backoff import Backoff
from runtime.worker_thread import WorkerThread

log = structlog.get_logger("cdr.database")

ANSWER_SECONDS_MAX: Final = 30.0
"""For a transaction, before the database counts as one that does not answer: a batch takes milliseconds, the largest
after a long absence seconds."""
CLOSE_SECONDS_MAX: Final = 2.0

T = TypeVar("T")


class Displaced(Exception):
    """Somebody else has written to the database: what we know of it does not hold any more."""


@dataclass(slots=True)
class DatabaseStatus:
    """``trouble`` None: all is well. ``since``: when that began, of the loop's clock; None before the first try."""

    trouble: Diagnosis | None = None
    since: float | None = None
    failures: int = 0
    batches: int = 0
    records: int = 0
    batch_seconds: float = 0.0
    """Of the last one."""

    @property
    def is_good(self) -> bool:
        """Whether it has done what was asked the last time."""
        return self.trouble is None and self.since is not None


class Database:
    """One database. ``mended``, when set, has it tried at once."""

    def __init__(
        self, url: str, zone: str, answer_seconds_max: float = ANSWER_SECONDS_MAX, *, announces: bool = False
    ) -> None:
        self._url = url
        self._announces = announces
        self._answer_seconds_max = answer_seconds_max
        self._zone = zone
        self._thread = WorkerThread("database")
        self._store: Store | None = None
        self._mended = asyncio.Event()
        self._opened = asyncio.Event()
        self.status = DatabaseStatus()

    def mended(self) -> None:
        """Somebody says that it may be well again."""
        self._mended.set()

    async def open(self) -> None:
        """Return once there is a store."""
        await self._close_store()
        self._store = await self._until_done(lambda: Store.open(self._url, self._zone, announces=self._announces))
        self._opened.set()

    async def write(self, batch: Batch) -> None:
        """Written, however long it takes; ``Displaced`` when somebody else writes there."""
        assert self._store is not None, "opened before"
        loop, store = asyncio.get_running_loop(), self._store
        began = loop.time()
        await self._until_done(lambda: store.write(batch))
        self.status.batch_seconds = loop.time() - began
        self.status.batches += 1
        self.status.records += len(batch.records)

    async def ask(self, question: Callable[[Store], T]) -> T:
        """What a question to the store gives, as soon as it is open and answers; it may be asked again, so nothing of
        what it writes may count twice."""
        await self._opened.wait()
        assert self._store is not None, "it is open"
        store = self._store
        return await self._until_done(lambda: question(store))

    async def close(self) -> None:
        """Close what is open; what hangs is left."""
        await self._close_store()
        self._thread.close()

    async def _close_store(self) -> None:
        self._opened.clear()
        store, self._store = self._store, None
        if store is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS_MAX):
                    await self._thread.call(store.close)

    async def _until_done(self, work: Callable[[], T]) -> T:
        backoff = Backoff(random.random)
        while True:
            try:
                done = await self._in_time(work)
            except StoreFailed as failed:
                if failed.diagnosis.trouble is Trouble.TWO_WRITERS:
                    self._is_wrong(failed.diagnosis)
                    raise Displaced(str(failed)) from failed
                pause = backoff.next_wait_seconds()
                self._is_wrong(failed.diagnosis)
                await self._pause(pause)
            else:
                self._is_well()
                return done

    async def _in_time(self, work: Callable[[], T]) -> T:
        thread = self._thread
        try:
            async with asyncio.timeout(self._answer_seconds_max):
                return await thread.call(work)
        except TimeoutError:
            # The thread may hang for ever: it is left to itself. Whether its transaction is ever committed is seen
            # when the next one looks where the streams' places are.
            thread.close()
            if self._thread is thread:  # others wait there too
                self._thread = WorkerThread("database")
            said = f"no answer within {self._answer_seconds_max:g} s"
            raise StoreFailed(Diagnosis(Trouble.CONNECTION_LOST, said)) from None

    async def _pause(self, seconds: float) -> None:
        self._mended.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._mended.wait()
        except TimeoutError:
            return

    def _is_wrong(self, diagnosis: Diagnosis) -> None:
        status = self.status
        status.failures += 1
        before, status.trouble = status.trouble, diagnosis
        if before is None:
            status.since = asyncio.get_running_loop().time()
        if before is None or before.trouble is not diagnosis.trouble:
            trouble = diagnosis.trouble
            log.error("database_failed", code=trouble.code, trouble=trouble.label, reason=diagnosis.render(),
                      url=shown_url(self._url))  # fmt: skip

    def _is_well(self) -> None:
        status = self.status
        now = asyncio.get_running_loop().time()
        if status.trouble is not None and status.since is not None:
            log.info("database_back", after_seconds=round(now - status.since, 1), url=shown_url(self._url))
            status.since = now
        status.trouble = None
        status.since = now if status.since is None else status.since
