"""Rows into a database as the records' daemon writes them, against bare batched inserts of the same rows.

Ours: record values in, rows, drafts and the streams' places out, each batch one transaction that may be repeated after
a crash. The other side has its rows ready as tuples and hands them to the driver: nothing could be repeated, nothing is
known of what was written. Both write into the same tables with the same indexes, batch by batch in turn, so that they
meet the same disk.
"""

import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from cdr.records import Batch, Draft, Place, Record
from cdr.store.rows import row_of
from cdr.store.schema import TABLES
from cdr.store.store import Store
from tests.cdr.sample_records import SECOND, at, conversation, leg, segment, visit
from tests.peers.databases import postgresql

CONVERSATIONS_A_BATCH = 200
"""What gathers while one transaction runs under full load; a call centre's ordinary batch is of a few."""
BATCHES = 60
WARM_UP_BATCHES = 5
BEGAN = at("2026-01-31 08:00:00")

Insert = Callable[[dict[str, list[tuple[Any, ...]]]], None]


def batch_of(number: int) -> Batch:
    """As the ledger gives it: for each conversation itself, two legs, three segments, a queue visit; as many drafts of
    conversations that go on, and those that are over forgotten."""
    records: list[Record] = []
    first = number * CONVERSATIONS_A_BATCH
    for one in range(first, first + CONVERSATIONS_A_BATCH):
        began = BEGAN + one * SECOND // 20
        outside = leg(one, began, leg=1, device=f"0139{one}", trunk="T001", inside=False, agent="")
        stretches = [replace(segment(one, began, 20), segment_id=f"1:{one}/{part}") for part in range(3)]
        records += [conversation(one, began), leg(one, began), outside, *stretches, visit(one, began, 5)]
    begun = tuple(Draft("story", f"1:{one}", DRAFT) for one in range(first, first + CONVERSATIONS_A_BATCH))
    gone = tuple(replace(draft, key=f"1:{one - CONVERSATIONS_A_BATCH}", body="")
                 for one, draft in enumerate(begun, first))  # fmt: skip
    return Batch(tuple(records), (*gone, *begun), (Place("gateway", "site/gateway", 1, number + 1),))


DRAFT = "x" * 900
"""Characters of a conversation with two parties."""


def bare_rows(batch: Batch) -> dict[str, list[tuple[Any, ...]]]:
    """The rows alone, ready for a driver, by table; under identities of their own."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for record in batch.records:
        table = TABLES[type(record)]
        row = row_of(record, "UTC")
        row[next(iter(table.primary_key)).name] += "b"
        found[table.name].append(tuple(row.values()))
    return found


@contextmanager
def sqlite() -> Iterator[tuple[str, Insert]]:
    """A file, written by Python's own module with the settings that ours has."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cdr.db"
        Store.open(f"sqlite:///{path}").close()
        sqlite3.register_adapter(datetime, lambda time: time.isoformat(" "))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous=FULL")

            def insert(rows: dict[str, list[tuple[Any, ...]]]) -> None:
                for name, values in rows.items():
                    marks = ", ".join("?" * len(values[0]))
                    connection.executemany(f"INSERT INTO {name} VALUES ({marks})", values)
                connection.commit()

            yield f"sqlite:///{path}", insert


@contextmanager
def postgres() -> Iterator[tuple[str, Insert]]:
    """A server of its own, written by psycopg, which sends a batch at once."""
    with postgresql() as server:
        Store.open(server.url).close()
        url = make_url(server.url)
        with psycopg.connect(
            host=url.host, port=url.port or 0, user=url.username, password=str(url.password), dbname=url.database
        ) as connection:

            def insert(rows: dict[str, list[tuple[Any, ...]]]) -> None:
                with connection.cursor() as cursor:
                    for name, values in rows.items():
                        marks = ", ".join(["%s"] * len(values[0]))
                        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})".encode(), values)
                connection.commit()

            yield server.url, insert


def measure(url: str, insert: Insert, batches: int = BATCHES) -> dict[str, Any]:
    """Both sides, batch by batch in turn."""
    store = Store.open(url)
    ours, theirs, rows = list[float](), list[float](), 0
    for number in range(batches):
        batch = batch_of(number)
        bare = bare_rows(batch)
        rows = sum(map(len, bare.values()))
        ours.append(seconds_of(lambda batch=batch: store.write(batch)))  # type: ignore[misc]
        theirs.append(seconds_of(lambda bare=bare: insert(bare)))  # type: ignore[misc]
    store.close()
    return {
        "rows_a_batch": rows,
        "ours_rows_per_second": round(rows / middle(ours)),
        "bare_rows_per_second": round(rows / middle(theirs)),
        "share": round(middle(theirs) / middle(ours), 2),
    }


def seconds_of(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def middle(seconds: Sequence[float]) -> float:
    return median(seconds[WARM_UP_BATCHES:])


def run() -> dict[str, Any]:
    """Each database's figures."""
    outcome = {}
    for name, opened in (("sqlite", sqlite), ("postgresql", postgres)):
        with opened() as (url, insert):
            outcome[name] = measure(url, insert)
    return outcome
