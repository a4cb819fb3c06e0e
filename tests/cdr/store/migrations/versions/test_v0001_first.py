"""The first tables: they stand where nothing was, and hold what their version could hold."""

from pathlib import Path

from sqlalchemy import create_engine, inspect

from cdr.store.migrations.versions import v0001_first
from cdr.store.store import Store


def test_from_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cdr.db'}"
    Store.open(url).close()
    engine = create_engine(url)
    tables = inspect(engine)
    assert {"conversations", "legs", "segments", "drafts", "places"} <= set(tables.get_table_names())
    assert [index["name"] for index in tables.get_indexes("segments")] == ["ix_segments_conversation_id"]
    engine.dispose()
    assert (v0001_first.revision, v0001_first.down_revision) == ("0001", None)
