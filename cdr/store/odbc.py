"""Databases behind an ODBC data source: which one it is, and what its driver needs to be told.

SQLAlchemy speaks over ODBC to MariaDB, MySQL and SQL Server; the dialect for PostgreSQL is made here. The database says
itself what it is: the address names only the data source.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any, Final

import pyodbc
from sqlalchemy import URL, DateTime
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.mysql.pyodbc import MySQLDialect_pyodbc
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import BindTyping, Dialect

Error = pyodbc.Error
LOST_STATES: Final = ("08", "57P0")
"""SQLSTATEs of a connection that is gone begin so (SQL:2016, class 08; PostgreSQL's operator intervention)."""
DIALECTS: Final = {
    "MariaDB": "mariadb+ultra_odbc",
    "MySQL": "mariadb+ultra_odbc",
    "PostgreSQL": "postgresql+ultra_odbc",
    "Microsoft SQL Server": "mssql+pyodbc",
}
"""By what the driver says the database is (SQLGetInfo, SQL_DBMS_NAME)."""


class _ExactTime(DateTime):
    """A moment as text: MariaDB's driver 3.1 cuts the microseconds of one that is bound as a timestamp."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")


class MariaDbOverOdbc(MySQLDialect_pyodbc):
    """MariaDB Connector/ODBC, MySQL Connector/ODBC."""

    supports_statement_cache = True
    colspecs = MySQLDialect_pyodbc.colspecs | {DateTime: _ExactTime}

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        return _is_lost(e) or super().is_disconnect(e, connection, cursor)


class PostgresqlOverOdbc(PyODBCConnector, PGDialect):
    """psqlODBC. Parameters stand in casts, as for psycopg: the driver does not tell the server their types."""

    supports_statement_cache = True
    bind_typing = BindTyping.RENDER_CASTS
    colspecs = PGDialect_psycopg.colspecs

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        return _is_lost(e) or super().is_disconnect(e, connection, cursor)


def _is_lost(error: Exception) -> bool:
    state = error.args[0] if isinstance(error, pyodbc.Error) and error.args else ""
    return str(state).startswith(LOST_STATES)


registry.register("mariadb.ultra_odbc", __name__, MariaDbOverOdbc.__name__)
registry.register("postgresql.ultra_odbc", __name__, PostgresqlOverOdbc.__name__)


def connection_string(url: URL) -> str:
    """``odbc://user:password@DSN?Key=value`` as ODBC writes it; without a DSN the keys name the driver."""
    given = {"DSN": url.host, **url.query, "UID": url.username, "PWD": url.password}
    return ";".join(f"{key}={_quoted(str(value))}" for key, value in given.items() if value)


def _quoted(value: str) -> str:
    """In braces where it would end before its end."""
    return "{" + value.replace("}", "}}") + "}" if set(value) & set(";{}=") or value != value.strip() else value


def connect(url: URL, seconds_max: int) -> pyodbc.Connection:
    """A connection; ``Error``. PostgreSQL's driver is asked for booleans that are none of its texts."""
    return pyodbc.connect(connection_string(url) + ";BoolsAsChar=0", timeout=seconds_max)


def dbms_behind(url: URL, seconds_max: int) -> tuple[str, str]:
    """(name, version) of the database at an address; ``Error``."""
    with closing(connect(url, seconds_max)) as connection:
        return str(connection.getinfo(pyodbc.SQL_DBMS_NAME)), str(connection.getinfo(pyodbc.SQL_DBMS_VER))
