"""Insert rows, or replace those of the same identity, as each database says it."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert
from sqlalchemy.dialects import mysql, postgresql, sqlite

Rows = Sequence[dict[str, Any]]
Put = Callable[[Connection, Rows], None]


def put_into(table: Table, dialect: str) -> Put:
    """What puts rows into a table of a database of this dialect. No identity may stand twice among the rows."""
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in keys]
    if dialect == "mssql":
        # Its MERGE is no upsert that two transactions may do at a time; this is one, whoever else writes.
        gone = delete_by_key(table)
        return lambda connection, rows: _replace(connection, gone, table, keys, rows)
    if dialect == "sqlite":
        made = sqlite.insert(table)
        put: Any = made.on_conflict_do_update(index_elements=keys, set_={name: made.excluded[name] for name in others})
    elif dialect == "postgresql":
        placed = postgresql.insert(table)
        put = placed.on_conflict_do_update(index_elements=keys, set_={name: placed.excluded[name] for name in others})
    else:
        given = mysql.insert(table)
        put = given.on_duplicate_key_update({name: given.inserted[name] for name in others})
    return lambda connection, rows: _execute(connection, put, rows)


def delete_by_key(table: Table) -> Any:
    """Deletes a row for each set of parameters: a key's columns, each with ``key_`` before its name."""
    return delete(table).where(and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key)))


def _execute(connection: Connection, statement: Any, rows: Rows) -> None:
    connection.execute(statement, list(rows))


def _replace(connection: Connection, gone: Any, table: Table, keys: list[str], rows: Rows) -> None:
    connection.execute(gone, [{f"key_{name}": row[name] for name in keys} for row in rows])
    connection.execute(insert(table), list(rows))
