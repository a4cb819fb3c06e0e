"""An empty database gets the newest tables; others are named, and mended when that is asked."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from cdr.records import AgentSessionRecord, Batch, ConversationRecord, LegRecord, Place
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.engine import engine_of
from cdr.store.schema import metadata
from cdr.store.store import Store
from cdr.store.versions import MIGRATIONS
from model.ids import Microseconds
from tests.cdr.conftest import SERVERS
from tests.cdr.sample_records import abandoned, at, conversation, leg
from tests.cdr.store.migrations.older import older

OLDER = [one.revision for one in list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[1:]]
BEGAN = at("2026-01-31 08:00:00")
ROWS = (conversation(1, BEGAN, wait=5.25), abandoned(2, BEGAN + 1, 7), leg(1, BEGAN))
ADA = AgentSessionRecord("9:1", "7001", "Ada", "8001", Microseconds(5), None, "")


def run(url: str, statement: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite", *SERVERS], indirect=True)
def test_the_migrations_make_what_the_schema_says(url: str) -> None:
    Store.open(url).close()
    engine = engine_of(url)
    with engine.connect() as connection:
        assert set(metadata.tables) < set(inspect(connection).get_table_names())
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert [one for one in differences if one[0] != "remove_table"] == []


def test_opened_again_it_is_as_it_was(url: str) -> None:
    store = Store.open(url)
    store.write(Batch((ADA,), (), (Place("gateway", "s/g", 1, 1),)))
    store.close()
    store = Store.open(url)
    assert store.records(AgentSessionRecord) == [ADA]
    store.close()


def test_a_newer_schema_is_left_alone(url: str) -> None:
    Store.open(url).close()
    run(url, "UPDATE alembic_version SET version_num = '9999'")
    for upgrade in (False, True):
        with pytest.raises(StoreFailed) as caught:
            Store.open(url, upgrade=upgrade)
        assert caught.value.diagnosis.trouble is Trouble.NEW_SCHEMA
        assert "9999" in str(caught.value)


def test_a_missing_table_is_named_and_made_anew_when_asked(url: str) -> None:
    store = Store.open(url)
    store.write(Batch((ADA,), (), (Place("gateway", "s/g", 1, 1),)))
    store.close()
    run(url, "DROP TABLE segments")
    with pytest.raises(StoreFailed) as caught:
        Store.open(url)
    assert caught.value.diagnosis.trouble is Trouble.NO_TABLE
    assert "segments" in str(caught.value)
    store = Store.open(url, upgrade=True)
    assert store.records(AgentSessionRecord) == [ADA]
    store.close()


@pytest.mark.parametrize("version", OLDER)
def test_an_upgrade_from_each_older_version_keeps_every_row(url: str, version: str) -> None:
    older(url, version, *ROWS)
    with pytest.raises(StoreFailed) as caught:
        Store.open(url)
    assert caught.value.diagnosis.trouble is Trouble.OLD_SCHEMA
    store = Store.open(url, upgrade=True)
    assert [*store.records(ConversationRecord), *store.records(LegRecord)] == list(ROWS)
    store.close()
    Store.open(url).close()
