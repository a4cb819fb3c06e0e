"""Insert rows, or replace those of the same identity, as each database says it.

The statements are compiled once and handed to the driver with their values: what an executemany of SQLAlchemy does for
every row costs as much as the database.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.expression import UpdateBase

Rows = Sequence[Mapping[str, Any]]
KEY: Final = "key_"


class Prepared:
    """A statement that is run for many rows of a table. Its parameters are named as the columns, or so after
    ``KEY``."""

    def __init__(self, statement: UpdateBase, table: Table, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        names: Sequence[str] = compiled.positiontup or ()
        assert names, "the drivers take their parameters by position"
        columns = [name.removeprefix(KEY) for name in names]
        self._values = itemgetter(*columns)
        self._is_one = len(columns) == 1
        kinds = enumerate(table.columns[name].type.dialect_impl(dialect) for name in columns)
        self._changes = [(at, change) for at, kind in kinds if (change := kind.bind_processor(dialect)) is not None]

    def run(self, connection: Connection, rows: Rows) -> None:
        """Run it for each row; ``rows`` are by column."""
        if rows:
            connection.exec_driver_sql(self._sql, [self._given(row) for row in rows])

    def _given(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = [self._values(row)] if self._is_one else list(self._values(row))
        for at, change in self._changes:
            values[at] = change(values[at])
        return tuple(values)


Put = Callable[[Connection, Rows], None]


def put_into(table: Table, dialect: Dialect) -> Put:
    """What puts rows into a table. No identity may stand twice among the rows."""
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in keys]
    if dialect.name == "mssql":
        # Its MERGE is no upsert that two transactions may do at a time; this is one, whoever else writes.
        gone, made = delete_from(table, dialect), Prepared(insert(table), table, dialect)

        def replace(connection: Connection, rows: Rows) -> None:
            gone.run(connection, rows)
            made.run(connection, rows)

        return replace
    if dialect.name == "sqlite":
        put: Any = sqlite.insert(table)
        put = put.on_conflict_do_update(index_elements=keys, set_={name: put.excluded[name] for name in others})
    elif dialect.name == "postgresql":
        put = postgresql.insert(table)
        put = put.on_conflict_do_update(index_elements=keys, set_={name: put.excluded[name] for name in others})
    else:
        put = mysql.insert(table)
        put = put.on_duplicate_key_update({name: put.inserted[name] for name in others})
    return Prepared(put, table, dialect).run


def delete_from(table: Table, dialect: Dialect) -> Prepared:
    """Deletes the rows of these identities."""
    same = (column == bindparam(f"{KEY}{column.name}") for column in table.primary_key)
    return Prepared(delete(table).where(and_(*same)), table, dialect)
