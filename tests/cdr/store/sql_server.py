"""What SQL Server would be told. It cannot be run here: its SQL is held against a text that was read line by line."""

from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.dialects.mssql import pyodbc
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from cdr.store.schema import metadata
from tests.rules.source_tree import ROOT

GOLDEN = ROOT / "tests" / "golden" / "sql_server"
DIALECT: Dialect = pyodbc.dialect(paramstyle="qmark")  # type: ignore[no-untyped-call]


class Notebook:
    """In the place of a connection: writes down each statement, answers with no row."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def execute(self, statement: Any, _rows: object = None) -> list[Any]:
        self.exec_driver_sql(str(statement.compile(dialect=DIALECT)))
        return []

    def exec_driver_sql(self, text: str, _rows: object = None) -> None:
        self.statements.append("\n".join(line.rstrip() for line in text.strip().splitlines()) + ";")

    @property
    def connection(self) -> Connection:
        return cast(Connection, self)


def script(statements: list[str]) -> str:
    """Statements as one text."""
    return "\n\n".join(statements) + "\n"


def tables() -> list[str]:
    """The statements that make every table."""
    book = Notebook()
    for table in metadata.sorted_tables:
        book.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            book.execute(CreateIndex(index))
    return book.statements
