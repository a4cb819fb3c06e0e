"""The flat view: tables of the version before get it and keep what they hold, in each kind of database."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from cdr.records import ConversationRecord
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.engine import engine_of
from cdr.store.migrations.versions import v0002_calls
from cdr.store.store import Store
from cdr.store.versions import MIGRATIONS
from tests.cdr.sample_records import abandoned, at, conversation, written

BEGAN = at("2026-01-31 08:00:00")
ROWS = (conversation(1, BEGAN, wait=5.25, talk=60), abandoned(2, BEGAN + 1, 7), conversation(3, BEGAN, result="joined"))


def downgrade(url: str) -> None:
    """To the tables of the version before."""
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW calls"))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.stamp(config, v0002_calls.down_revision)
    engine.dispose()


def test_an_upgrade_with_data(url: str) -> None:
    written(url, *ROWS)
    downgrade(url)
    with pytest.raises(StoreFailed) as caught:
        Store.open(url)
    assert caught.value.diagnosis.trouble is Trouble.OLD_SCHEMA
    store = Store.open(url, upgrade=True)
    assert sorted(store.records(ConversationRecord), key=lambda one: one.conversation_id) == list(ROWS)
    store.close()
    engine = engine_of(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM calls ORDER BY call_id")).mappings().all()
    engine.dispose()
    told = [(row["call_id"], row["result"], float(row["wait_seconds"]), float(row["talk_seconds"])) for row in rows]
    # What went on in another call is not one of its own.
    assert told == [("1:1", "answered", 5.25, 60), ("1:2", "abandoned", 7, 0)]
