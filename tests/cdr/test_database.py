"""A database that comes late, goes, and comes back; one that never answers; one that somebody else writes to."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from cdr.database import Database, Displaced
from cdr.records import Batch, Place
from cdr.store.diagnosis import Trouble
from cdr.store.store import Store
from tests.waiting import until

NOTHING = Batch((), (), ())


def at(number: int) -> Batch:
    return Batch((), (), (Place("gateway", "g", 1, number),))


async def test_it_waits_for_a_database_and_says_so_once(tmp_path: Path) -> None:
    folder = tmp_path / "much" / "later"
    database = Database(f"sqlite:///{folder / 'cdr.db'}", "UTC")
    structlog.reset_defaults()
    with capture_logs() as logged:
        opening = asyncio.ensure_future(database.open())
        await until(lambda: database.status.failures >= 3)
        assert database.status.trouble is not None
        assert database.status.trouble.trouble is Trouble.NO_FOLDER
        assert not database.status.is_good
        folder.mkdir(parents=True)
        database.mended()
        await opening
    assert database.status.is_good
    assert [one["event"] for one in logged] == ["database_failed", "database_back"]
    assert logged[0]["code"] == "D014"
    await database.write(at(1))
    assert database.status.batches == 1
    assert await database.ask(Store.places) == [Place("gateway", "g", 1, 1)]
    await database.close()


async def test_a_table_that_is_dropped_while_it_runs_is_named_and_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "cdr.db"
    database = Database(f"sqlite:///{path}", "UTC")
    await database.open()
    await database.write(at(1))
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE places RENAME TO aside")
    writing = asyncio.ensure_future(database.write(at(2)))
    await until(lambda: database.status.trouble is not None)
    assert database.status.trouble is not None
    assert database.status.trouble.trouble is Trouble.NO_TABLE
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE aside RENAME TO places")
    other.close()
    database.mended()
    await writing
    assert database.status.is_good
    await database.close()


async def test_another_writer_ends_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cdr.db'}"
    database = Database(url, "UTC")
    await database.open()
    other = Store.open(url)
    other.write(at(5))
    other.close()
    with pytest.raises(Displaced, match="D017 another process writes these records"):
        await database.write(at(1))
    await database.open()
    await database.write(at(6))
    await database.close()


async def test_one_that_does_not_answer_is_named_and_what_it_did_late_is_not_done_twice(tmp_path: Path) -> None:
    path = tmp_path / "cdr.db"
    database = Database(f"sqlite:///{path}", "UTC", answer_seconds_max=0.3)
    await database.open()
    await database.write(at(1))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    writing = asyncio.ensure_future(database.write(at(2)))
    await until(lambda: database.status.trouble is not None)
    assert database.status.trouble is not None
    assert database.status.trouble.trouble is Trouble.CONNECTION_LOST
    assert database.status.trouble.said == "no answer within 0.3 s"
    holder.execute("ROLLBACK")
    holder.close()
    await writing
    assert await database.ask(Store.places) == [Place("gateway", "g", 1, 2)]
    await database.write(at(3))
    await database.close()
