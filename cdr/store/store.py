"""The store: batches of records, drafts and places, each in one transaction or not at all.

Exactly once: the places of the streams stand beside the rows that they have made, and a batch is taken only if the
places before it are still those that this process left. So a crash between two batches repeats nothing and loses
nothing, and a second process that writes the same records is noticed by its first batch. Synchronous: a daemon calls it
from a thread.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from cdr.records import Batch, Draft, Place
from cdr.store import versions
from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble, diagnosed
from cdr.store.engine import engine_of, sqlite_file
from cdr.store.outbox import announce
from cdr.store.reader import Reader
from cdr.store.rows import R, record_of, row_of
from cdr.store.schema import DRAFTS, OUTBOX, PLACES, TABLES
from cdr.store.upsert import delete_from, put_into


class Store:
    """An open database of this version's schema."""

    def __init__(self, url: str, zone: str, engine: Engine, *, announces: bool) -> None:
        self._url = url
        self._zone = zone
        self._engine = engine
        self.reader = Reader(url, engine)
        """To read what is written; not to be closed."""
        self._announces = announces
        self._put = {table: put_into(table, engine.dialect) for table in (*TABLES.values(), DRAFTS, OUTBOX)}
        self._keys = {table: next(iter(table.primary_key)).name for table in TABLES.values()}
        self._forget_drafts = delete_from(DRAFTS, engine.dialect)
        self._places: dict[str, Place] = {}
        self._in_doubt = False
        """A transaction failed, perhaps only after it was committed: a lost connection does not say."""

    @classmethod
    def open(cls, url: str, zone: str = "UTC", *, upgrade: bool = False, announces: bool = False) -> Self:
        """Connect and look at the tables; an empty database gets them, and SQLite's file its folder. ``upgrade``: bring
        older ones up to this version. ``announces``: whatever conversation is written is put into the outbox too.
        ``StoreFailed`` says what is wrong and what to change."""
        with diagnosed(url):
            engine = engine_of(url)
            if (file := sqlite_file(engine)) is not None:
                with suppress(OSError):  # SQLite says it in its own words
                    file.parent.mkdir(exist_ok=True)
            try:
                with engine.begin() as connection:
                    versions.bring_up(connection, upgrade=upgrade)
                store = cls(url, zone, engine, announces=announces)
                store._places = {place.stream: place for place in store.places()}
            except BaseException:
                engine.dispose()
                raise
            return store

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def write(self, batch: Batch) -> None:
        """Everything of a batch, in one transaction; ``StoreFailed`` and nothing of it otherwise."""
        rows: dict[Table, dict[str, dict[str, Any]]] = defaultdict(dict)
        for record in batch.records:
            table = TABLES[type(record)]
            row = row_of(record, self._zone)
            rows[table][row[self._keys[table]]] = row  # the last revision of a batch is the one
        in_doubt, self._in_doubt = self._in_doubt, True
        with diagnosed(self._url), self._engine.begin() as connection:
            if in_doubt:
                self._settle(connection, batch.places)
            self._advance(connection, batch.places)
            for table, by_key in rows.items():
                self._put[table](connection, list(by_key.values()))
            self._keep_drafts(connection, batch.drafts)
            if self._announces:
                announce(connection, self._put[OUTBOX], batch.records, time.time_ns() // 1000)
        self._places |= {place.stream: place for place in batch.places}
        self._in_doubt = False

    def _settle(self, connection: Connection, wanted: Sequence[Place]) -> None:
        """Whether a batch that failed was committed after all: then its places stand there, and to write it again
        changes nothing."""
        there = {row.stream: Place(**row._mapping) for row in connection.execute(select(PLACES))}
        for place in wanted:
            if there.get(place.stream) == place:
                self._places[place.stream] = place

    def _advance(self, connection: Connection, places: Sequence[Place]) -> None:
        """Each place from where this process left it to where it is now."""
        for place in places:
            before = self._places.get(place.stream)
            values = {"name": place.name, "epoch": place.epoch, "number": place.number}
            if before is None:
                try:
                    connection.execute(insert(PLACES).values(stream=place.stream, **values))
                except IntegrityError as error:
                    said = f"{place.stream} has a place already"
                    raise StoreFailed(Diagnosis(Trouble.TWO_WRITERS, said)) from error
                continue
            moved = connection.execute(
                update(PLACES)
                .where(
                    PLACES.c.stream == before.stream, PLACES.c.epoch == before.epoch, PLACES.c.number == before.number
                )
                .values(**values)
            )
            if moved.rowcount != 1 and (place.epoch, place.number) != (before.epoch, before.number):
                said = f"{place.stream} is not at {before.epoch}:{before.number} any more"
                raise StoreFailed(Diagnosis(Trouble.TWO_WRITERS, said))

    def _keep_drafts(self, connection: Connection, drafts: Sequence[Draft]) -> None:
        last = {(draft.kind, draft.key): draft for draft in drafts}
        kept = [{"kind": one.kind, "key": one.key, "body": one.body} for one in last.values() if one.body]
        gone = [{"kind": one.kind, "key": one.key} for one in last.values() if not one.body]
        self._put[DRAFTS](connection, kept)
        self._forget_drafts.run(connection, gone)

    def places(self) -> list[Place]:
        """How far each stream has been taken."""
        return self.reader.places()

    def drafts(self) -> list[Draft]:
        """What a ledger must know again."""
        with self.reader.connection() as connection:
            return [Draft(**row._mapping) for row in connection.execute(select(DRAFTS))]

    def records(self, kind: type[R]) -> list[R]:
        """Every record of a kind, by its identity."""
        table = TABLES[kind]
        with self.reader.connection() as connection:
            rows = connection.execute(select(table).order_by(*table.primary_key))
            return [record_of(kind, dict(row._mapping)) for row in rows]

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of one's own."""
        with diagnosed(self._url), self._engine.begin() as connection:
            yield connection
