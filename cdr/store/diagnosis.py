"""What is wrong with a database, in an operator's words, with what to change. Codes are API. Mends nothing.

Drivers tell the same trouble in many ways: PostgreSQL by SQLSTATE, MariaDB by number, SQLite by name. A URL is shown
without its password, and so is what a driver says.
"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from traceback import walk_tb
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from runtime.texts import Language, Text, text, visible


class Trouble(Enum):
    """(code, meaning, what to change)."""

    BAD_URL = (
        "D001", text("the address of the database is none"),
        text("[database] url like sqlite:///var/cdr.db, postgresql://user@host/name, mariadb://user@host/name"),
    )  # fmt: skip
    NOT_SUPPORTED = (
        "D002", text("this kind of database is not supported"),
        text("sqlite, postgresql, mariadb or mysql in [database] url; or odbc, to one of them or to SQL Server"),
    )  # fmt: skip
    NO_DRIVER = (
        "D003", text("the driver of this database is not installed"),
        text("pip install 'ultra-cti[postgresql]', [mariadb] or [odbc], into the environment of the daemon"),
    )  # fmt: skip
    NO_HOST = ("D004", text("the database's host is not known"), text("another host name, or a name server"))
    NO_CONNECTION = (
        "D005", text("nobody answers at the database's address"),
        text("the database server running, and reachable on this host and port"),
    )  # fmt: skip
    LOG_IN_REFUSED = (
        "D006", text("the database refused user or password"), text("user and password in [database] url"),
    )  # fmt: skip
    NO_DATABASE = ("D007", text("there is no database of that name"), text("CREATE DATABASE, or another name"))
    NOT_ALLOWED = (
        "D008", text("the user has no right to this"),
        text("GRANT for the user: select, insert, update, delete, and create and alter for an upgrade"),
    )  # fmt: skip
    NO_TABLE = (
        "D009", text("a table is missing"),
        text("the table from a backup; or an upgrade of the tables, which makes it anew"),
    )  # fmt: skip
    OLD_SCHEMA = (
        "D010", text("the tables are of an older version"), text("an upgrade of the tables, after a backup"),
    )  # fmt: skip
    NEW_SCHEMA = ("D011", text("the tables are of a newer version"), text("the newer version of this program"))
    DISK_FULL = ("D012", text("the database's disk is full"), text("room on the database's disk"))
    READ_ONLY = ("D013", text("the database cannot be written"), text("a file and a folder that may be written"))
    NO_FOLDER = ("D014", text("the database's folder is missing"), text("the folder, or another path"))
    LOCKED = ("D015", text("another process holds the database"), text("the other process ended"))
    CONNECTION_LOST = ("D016", text("the connection to the database was lost"), text("the database server"))
    TWO_WRITERS = (
        "D017", text("another process writes these records"), text("one writer for each database"),
    )  # fmt: skip
    DAMAGED = ("D018", text("the database's file is damaged, or no database"), text("a backup; or another file"))
    NO_DATA_SOURCE = (
        "D019", text("there is no ODBC data source or driver of that name"),
        text("the data source in odbc.ini and its driver in odbcinst.ini: odbcinst -q -s, odbcinst -q -d"),
    )  # fmt: skip
    NOT_UNDERSTOOD = (
        "D020", text("what answers at the database's address does not speak as this database does"),
        text("a database server of that kind on this host and port, and nothing between that changes what it says"),
    )  # fmt: skip
    OTHER = ("D099", text("the database refused"), text("what it says"))

    def __init__(self, code: str, meaning: Text, expected: Text) -> None:
        self.code = code
        self.meaning = meaning
        self.expected = expected

    @property
    def label(self) -> str:
        """As metrics and logs name it: ``no_connection``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong, and what the driver said of it."""

    trouble: Trouble
    said: str

    def render(self, language: Language = Language.EN) -> str:
        """One line: code, meaning, what was said, what to change."""
        parts = text(
            "{code} {meaning} ({said}); expected: {expected}",
            code=self.trouble.code,
            meaning=self.trouble.meaning,
            said=self.said,
            expected=self.trouble.expected,
        )
        return parts.render(language)


class StoreFailed(Exception):
    """The database did not do what was asked; nothing of the transaction was written."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.render())
        self.diagnosis = diagnosis


_DRIVERS: Final = frozenset(("sqlalchemy", "psycopg", "pymysql", "pyodbc"))
"""Packages. Of those that are written in C there is no frame: SQLAlchemy's is the innermost."""
_POSTGRESQL: Final = {
    "28P01": Trouble.LOG_IN_REFUSED,
    "28000": Trouble.LOG_IN_REFUSED,
    "3D000": Trouble.NO_DATABASE,
    "42501": Trouble.NOT_ALLOWED,
    "42P01": Trouble.NO_TABLE,
    "53100": Trouble.DISK_FULL,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
}
_MARIADB: Final = {
    1044: Trouble.NOT_ALLOWED,
    1045: Trouble.LOG_IN_REFUSED,
    1698: Trouble.LOG_IN_REFUSED,
    1049: Trouble.NO_DATABASE,
    1142: Trouble.NOT_ALLOWED,
    1146: Trouble.NO_TABLE,
    1021: Trouble.DISK_FULL,
    1114: Trouble.DISK_FULL,
    3: Trouble.DISK_FULL,
    1205: Trouble.LOCKED,
    1213: Trouble.LOCKED,
    1290: Trouble.READ_ONLY,
    2002: Trouble.NO_CONNECTION,
    2003: Trouble.NO_CONNECTION,
    2005: Trouble.NO_HOST,
    2006: Trouble.CONNECTION_LOST,
    2013: Trouble.CONNECTION_LOST,
}
_SQL_SERVER: Final = {
    18456: Trouble.LOG_IN_REFUSED,
    4060: Trouble.NO_DATABASE,
    229: Trouble.NOT_ALLOWED,
    262: Trouble.NOT_ALLOWED,
    208: Trouble.NO_TABLE,
    1105: Trouble.DISK_FULL,
    9002: Trouble.DISK_FULL,
    3906: Trouble.READ_ONLY,
    1205: Trouble.LOCKED,
    1222: Trouble.LOCKED,
}
"""As its documentation numbers them; never seen from a running one."""
_ODBC_NUMBERS: Final = (("[ma-", _MARIADB), ("[MySQL]", _MARIADB), ("[SQL Server]", _SQL_SERVER))
"""By what the driver's messages hold."""
_WORDS: Final = (
    (r"invalid response to SSL|expected authentication request|packet sequence number wrong|lost synchronization"
     r"|malformed packet|wrong_version_number", Trouble.NOT_UNDERSTOOD),
    (r"data source name not found|can't open lib", Trouble.NO_DATA_SOURCE),
    (r"could not translate host name|name or service not known|getaddrinfo|failed to resolve host", Trouble.NO_HOST),
    (r"password authentication failed|no password supplied|role .* does not exist", Trouble.LOG_IN_REFUSED),
    (r"database .* does not exist", Trouble.NO_DATABASE),
    (r"no space left|disk is full|database or disk is full", Trouble.DISK_FULL),
    (r"unable to open database file", Trouble.NO_FOLDER),
    (r"readonly database|read-only", Trouble.READ_ONLY),
    (r"database is locked|database table is locked", Trouble.LOCKED),
    (r"not a database|malformed|disk image", Trouble.DAMAGED),
    (r"no such table", Trouble.NO_TABLE),
    (r"connection refused|can't connect|timed out|timeout expired|no such file or directory", Trouble.NO_CONNECTION),
    (r"server closed the connection|terminating connection|connection .*(lost|closed)|shutting down|gone away"
     r"|in recovery mode|starting up", Trouble.CONNECTION_LOST),
)  # fmt: skip
"""What stands in the texts of drivers that give no number, in this order."""


def diagnose(error: BaseException, url: str) -> Diagnosis:
    """What an error of SQLAlchemy or of a driver means."""
    if isinstance(error, StoreFailed):
        return error.diagnosis
    said = _said(error)
    if isinstance(error, ArgumentError):
        trouble = Trouble.NOT_SUPPORTED if isinstance(error, NoSuchModuleError) else Trouble.BAD_URL
    elif isinstance(error, ImportError):
        trouble = Trouble.NO_DRIVER
    else:
        numbered, worded = _by_number(error), _by_words(said)
        trouble = worded if numbered is Trouble.NO_CONNECTION and worded else numbered or worded or Trouble.OTHER
    return Diagnosis(trouble, without_password(said, url))


def shown_url(url: str) -> str:
    """A URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "…"


def has_password(url: str) -> bool:
    """Whether a URL holds one."""
    try:
        return bool(make_url(url).password)
    except SQLAlchemyError:
        return False


def without_password(said: str, url: str) -> str:
    """What a driver said, without the password, should it have said it."""
    try:
        password = make_url(url).password
    except SQLAlchemyError:
        password = None
    return said.replace(str(password), "***") if password else said


def _said(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    numbered = isinstance(cause.args[0] if cause.args else "", int) or _is_of_odbc(cause)
    words = str(cause.args[1]) if numbered and len(cause.args) > 1 else str(cause)
    return visible(" ".join(words.split()))[:300]


def _by_number(error: BaseException) -> Trouble | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return None
    number = cause.args[0] if cause is not None and cause.args else None
    if isinstance(number, int):  # PyMySQL's errors have a state too, and a less exact one
        return _MARIADB.get(number)
    if cause is not None and _is_of_odbc(cause):
        return _by_odbc(*cause.args)
    state = getattr(cause, "sqlstate", None)
    return _POSTGRESQL.get(state) if isinstance(state, str) else None


def _is_of_odbc(cause: BaseException) -> bool:
    """Whether it is pyodbc's: a SQLSTATE, and a text that ends with the database's number and ODBC's function."""
    return len(cause.args) == 2 and all(isinstance(one, str) for one in cause.args) and len(cause.args[0]) == 5


def _by_odbc(state: str, said: str) -> Trouble | None:
    number = re.search(r"\((-?\d+)\) \(SQL\w+\)", said)
    known = next((numbers for mark, numbers in _ODBC_NUMBERS if mark in said), None)
    if known is not None and number is not None:
        return known.get(int(number[1]))
    return _POSTGRESQL.get(state)


def _by_words(said: str) -> Trouble | None:
    return next((trouble for words, trouble in _WORDS if re.search(words, said, re.IGNORECASE)), None)


@contextmanager
def diagnosed(url: str) -> Iterator[None]:
    """What goes wrong within is raised as ``StoreFailed``; what is no fault of the database's, as it is."""
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise StoreFailed(diagnose(error, url)) from error
    except Exception as error:
        if not _is_of_driver(error):
            raise
        said = f"{type(error).__name__}: {_said(error)}"
        raise StoreFailed(Diagnosis(Trouble.NOT_UNDERSTOOD, without_password(said, url))) from error


def _is_of_driver(error: Exception) -> bool:
    """Whether a driver let it through, since it had not expected such an answer (PyMySQL: ``struct.error``).

    It is whose code was the last to run, the standard library's left out; so a mistake in the body of a transaction,
    which passes through SQLAlchemy too, is not a driver's.
    """
    packages = [frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in walk_tb(error.__traceback__)]
    return next((one for one in reversed(packages) if one not in sys.stdlib_module_names), "") in _DRIVERS
