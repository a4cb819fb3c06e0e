"""From an address to SQLAlchemy's engine: the driver that we bring, how long it waits, what it must be told."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble, diagnose

CONNECT_SECONDS: Final = 5
SILENCE_SECONDS: Final = 30
"""After that a server that is gone without a word, its host or the cable, counts as lost."""
BUSY_SECONDS: Final = 5
"""How long SQLite waits for another process's transaction."""

ODBC: Final = "odbc"
_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "mariadb": "mariadb+pymysql",
    "mysql": "mysql+pymysql",
}
_LOG_IN_KEYS: Final = frozenset(("uid", "user", "username", "pwd", "password"))


def check_address(address: str) -> None:
    """``StoreFailed`` for an address with which no start can work, whatever runs behind it."""
    url = _url_of(address)
    try:
        if url.drivername == ODBC:
            import pyodbc  # noqa: F401
        else:
            url.get_dialect().import_dbapi()
    except ImportError as error:
        raise StoreFailed(Diagnosis(Trouble.NO_DRIVER, str(error))) from error


def engine_of(address: str) -> Engine:
    """The engine for a database; ``StoreFailed``. Over ODBC a connection is made, to ask what stands behind it."""
    url = _url_of(address)
    if url.drivername == ODBC:
        return _over_odbc(url)
    if url.drivername.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    if "pymysql" in url.drivername:
        options |= {"charset": "utf8mb4", "read_timeout": SILENCE_SECONDS, "write_timeout": SILENCE_SECONDS}
    else:
        options |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
                    "tcp_user_timeout": SILENCE_SECONDS * 1000}  # fmt: skip
    return create_engine(url, connect_args=options, pool_pre_ping=True, paramstyle="format")


def sqlite_file(engine: Engine) -> Path | None:
    """Where SQLite keeps the database; None for another one."""
    file = engine.url.database
    return Path(file) if engine.dialect.name == "sqlite" and file else None


def _url_of(address: str) -> URL:
    """The URL with the driver that we bring; ``StoreFailed`` for one that is none or is not supported."""
    try:
        url = make_url(address)
    except SQLAlchemyError as error:
        raise StoreFailed(Diagnosis(Trouble.BAD_URL, str(error))) from error
    if url.drivername == ODBC:
        # A password among the keys would be shown wherever the address is.
        if stray := sorted(key for key in url.query if key.lower() in _LOG_IN_KEYS):
            said = f"{stray[0]} stands before the @: odbc://user:password@DSN"
            raise StoreFailed(Diagnosis(Trouble.BAD_URL, said))
        return url
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise StoreFailed(Diagnosis(Trouble.NOT_SUPPORTED, url.drivername))
    return url.set(drivername=driver)


def _over_odbc(url: URL) -> Engine:
    from cdr.store import odbc

    try:
        name, version = odbc.dbms_behind(url, CONNECT_SECONDS)
    except odbc.Error as error:
        raise StoreFailed(diagnose(error, url.render_as_string(hide_password=False))) from error
    dialect = odbc.DIALECTS.get(name)
    if dialect is None:
        raise StoreFailed(Diagnosis(Trouble.NOT_SUPPORTED, f"{name} {version} over ODBC"))
    return create_engine(f"{dialect}://", creator=lambda: odbc.connect(url, CONNECT_SECONDS), pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers beside the writer (WAL); a commit is on the disk when it returns."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
