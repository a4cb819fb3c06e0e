"""Tables of before get the indexes; the rows stay where they are."""

from pathlib import Path

from sqlalchemy import inspect

from cdr.store.engine import engine_of
from cdr.store.migrations.versions import v0005_report_indexes
from cdr.store.store import Store
from tests.cdr.sample_records import at, leg
from tests.cdr.store.migrations.older import older


def test_by_time_alone(tmp_path: Path) -> None:
    url = older(f"sqlite:///{tmp_path / 'cdr.db'}", "0004", leg(1, at("2026-01-31 08:00:00")))
    Store.open(url, upgrade=True).close()
    engine = engine_of(url)
    tables = inspect(engine)
    for table, column in v0005_report_indexes.INDEXED:
        assert [column] in [index["column_names"] for index in tables.get_indexes(table)]
    engine.dispose()
    assert v0005_report_indexes.down_revision == "0004"
