"""A row comes in, or takes the place of the one before; and as SQL Server would be asked."""

from cdr.store.engine import engine_of
from cdr.store.schema import DRAFTS
from cdr.store.store import Store
from cdr.store.upsert import delete_from, put_into
from tests.cdr.store.sql_server import DIALECT, Notebook


def test_in_each_database(url: str) -> None:
    Store.open(url).close()
    engine = engine_of(url)
    put = put_into(DRAFTS, engine.dialect)
    with engine.begin() as connection:
        put(connection, [{"kind": "desk", "key": name, "body": name} for name in ("a", "A", "b")])
        put(connection, [{"kind": "desk", "key": "b", "body": "later"}, {"kind": "desk", "key": "c", "body": "c"}])
        delete_from(DRAFTS, engine.dialect).run(connection, [{"kind": "desk", "key": "c"}])
        rows = sorted(tuple(row) for row in connection.execute(DRAFTS.select()))
    engine.dispose()
    assert rows == [("desk", "A", "A"), ("desk", "a", "a"), ("desk", "b", "later")]


def test_sql_server_replaces_by_two_statements() -> None:
    book = Notebook()
    put_into(DRAFTS, DIALECT)(book.connection, [{"kind": "desk", "key": "1", "body": "a"}])
    assert book.statements == [
        "DELETE FROM drafts WHERE drafts.kind = ? AND drafts.[key] = ?;",
        "INSERT INTO drafts (kind, [key], body) VALUES (?, ?, ?);",
    ]
