"""From an address to an engine: drivers of each kind, what stands behind ODBC, and what is refused by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.engine import check_address, engine_of, sqlite_file
from tests.peers.databases import PASSWORD, QUOTED, Server


def refused(act: Callable[[], object]) -> StoreFailed:
    with pytest.raises(StoreFailed) as caught:
        act()
    assert PASSWORD not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///x.db",
        "postgresql://u@h/x",
        "mariadb://u@h/x",
        "mysql://u@h/x",
        "odbc://u:p@ultra",
        "odbc://u:p@/?Driver=MariaDB Unicode&Server=h",
    ],
)
def test_an_address_that_may_work(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize(
    ("address", "trouble", "said"),
    [
        ("nonsense", Trouble.BAD_URL, "URL"),
        ("oracle://u@h/x", Trouble.NOT_SUPPORTED, "oracle"),
        ("odbc://ultra?UID=cdr&pwd=secret", Trouble.BAD_URL, "odbc://user:password@DSN"),
    ],
)
def test_an_address_that_cannot(address: str, trouble: Trouble, said: str) -> None:
    failed = refused(lambda: check_address(address))
    assert failed.diagnosis.trouble is trouble
    assert said in failed.diagnosis.said
    assert "secret" not in str(failed)


def test_the_file_of_sqlite_alone(tmp_path: Path) -> None:
    engine = engine_of(f"sqlite:///{tmp_path / 'cdr.db'}")
    assert sqlite_file(engine) == tmp_path / "cdr.db"
    assert sqlite_file(engine_of("mariadb://u@h/x")) is None
    assert sqlite_file(engine_of("sqlite://")) is None


def test_what_stands_behind_odbc_and_is_not_supported_is_named(tmp_path: Path) -> None:
    address = f"odbc:///?Driver=SQLite3&Database={tmp_path / 'other.db'}"
    failed = refused(lambda: engine_of(address))
    assert failed.diagnosis.trouble is Trouble.NOT_SUPPORTED
    assert failed.diagnosis.said.startswith("SQLite 3.")


@pytest.mark.parametrize("address", ["odbc://u:p@no_such_source", "odbc://u:p@/?Driver=No Such Driver&Server=h"])
def test_a_source_or_driver_that_is_not_there(address: str) -> None:
    assert refused(lambda: engine_of(address)).diagnosis.trouble is Trouble.NO_DATA_SOURCE


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_over_odbc_a_server_that_refuses(servers: Callable[[str], Server], kind: str) -> None:
    url = servers(kind).odbc_url
    assert refused(lambda: engine_of(url.replace(QUOTED, "wrong"))).diagnosis.trouble is Trouble.LOG_IN_REFUSED
    nowhere = refused(lambda: engine_of(url.replace("=cdr", "=nowhere"))).diagnosis.trouble
    assert nowhere in (Trouble.NO_DATABASE, Trouble.NOT_ALLOWED)
    deaf = refused(lambda: engine_of(url.replace("Port=", "Port=1&was=")))
    assert deaf.diagnosis.trouble is Trouble.NO_CONNECTION
    lost = refused(lambda: engine_of(url.replace("127.0.0.1", "no-such-host.invalid")))
    assert lost.diagnosis.trouble is Trouble.NO_HOST


def test_a_data_source_by_its_name(
    servers: Callable[[str], Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an operator's odbc.ini has it, user and password in the address."""
    server = servers("mariadb")
    (tmp_path / "odbc.ini").write_text(
        f"[ultra]\nDriver=MariaDB Unicode\nServer=127.0.0.1\nPort={server.port}\nDatabase=cdr\n", "utf-8"
    )
    monkeypatch.setenv("ODBCINI", str(tmp_path / "odbc.ini"))
    engine = engine_of(f"odbc://cdr:{QUOTED}@ultra")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT DATABASE()").scalar() == "cdr"
    engine.dispose()
