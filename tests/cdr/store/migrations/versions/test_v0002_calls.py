"""The flat view over the rows that there are, in each kind of database."""

from sqlalchemy import text

from cdr.store.engine import engine_of
from cdr.store.migrations.versions import v0002_calls
from tests.cdr.sample_records import abandoned, at, conversation, written

BEGAN = at("2026-01-31 08:00:00")
ROWS = (conversation(1, BEGAN, wait=5.25, talk=60), abandoned(2, BEGAN + 1, 7), conversation(3, BEGAN, result="joined"))


def test_a_row_for_each_call(url: str) -> None:
    engine = engine_of(written(url, *ROWS))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM calls ORDER BY call_id")).mappings().all()
    engine.dispose()
    told = [(row["call_id"], row["result"], float(row["wait_seconds"]), float(row["talk_seconds"])) for row in rows]
    # What went on in another call is not one of its own.
    assert told == [("1:1", "answered", 5.25, 60), ("1:2", "abandoned", 7, 0)]
    assert v0002_calls.down_revision == "0001"
