"""What is wrong with a database is named, from the real thing: by code, what to change, and no password."""

import os
import signal
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cdr.records import Batch, Draft, Place
from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble, diagnose, shown_url, without_password
from cdr.store.store import Store
from runtime.texts import Language
from tests.cdr.conftest import SERVERS
from tests.peers.databases import QUOTED, Server

BATCH = Batch((), (), (Place("gateway", "s/g", 1, 1),))


def trouble_of(act: Callable[[], object]) -> Diagnosis:
    with pytest.raises(StoreFailed) as caught:
        act()
    for language in Language:
        said = caught.value.diagnosis.render(language)
        assert QUOTED not in said
        assert "se cret" not in said
        assert caught.value.diagnosis.trouble.code in said
    return caught.value.diagnosis


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("nonsense", Trouble.BAD_URL),
        ("oracle://u@h/x", Trouble.NOT_SUPPORTED),
        ("postgresql://u:p@no-such-host.invalid/x", Trouble.NO_HOST),
        ("mariadb://u:p@no-such-host.invalid/x", Trouble.NO_HOST),
        ("postgresql://u:p@127.0.0.1:1/x", Trouble.NO_CONNECTION),
        ("mariadb://u:p@127.0.0.1:1/x", Trouble.NO_CONNECTION),
        ("sqlite:////no/such/folder/cdr.db", Trouble.NO_FOLDER),
    ],
)
def test_what_cannot_be_reached(url: str, trouble: Trouble) -> None:
    assert trouble_of(lambda: Store.open(url)).trouble is trouble


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_refuses(servers: Callable[[str], Server], kind: str) -> None:
    server = servers(kind)
    assert trouble_of(lambda: Store.open(server.url.replace(QUOTED, "wrong"))).trouble is Trouble.LOG_IN_REFUSED
    nowhere = server.url.rpartition("/")[0] + "/nowhere"
    assert trouble_of(lambda: Store.open(nowhere)).trouble in (Trouble.NO_DATABASE, Trouble.NOT_ALLOWED)


@pytest.mark.parametrize("over_odbc", [False, True])
@pytest.mark.parametrize("kind", SERVERS)
def test_rights_tables_and_a_server_that_stops(servers: Callable[[str], Server], kind: str, over_odbc: bool) -> None:
    server = servers(kind)
    server.empty()
    store = Store.open(server.odbc_url if over_odbc else server.url)
    store.write(BATCH)
    later = Batch((), (), (Place("gateway", "s/g", 1, 2),))
    if kind == "postgresql":
        server.sql("ALTER TABLE places OWNER TO postgres;")
        assert trouble_of(lambda: store.write(later)).trouble is Trouble.NOT_ALLOWED
        server.sql("ALTER TABLE places OWNER TO cdr;")
    else:
        server.sql("REVOKE ALL ON cdr.* FROM cdr@'127.0.0.1'; GRANT SELECT ON cdr.* TO cdr@'127.0.0.1';", "mysql")
        store.close()  # MariaDB looks at rights to a database when it is opened
        assert trouble_of(lambda: store.write(later)).trouble is Trouble.NOT_ALLOWED
        server.sql("GRANT ALL ON cdr.* TO cdr@'127.0.0.1';", "mysql")
        store.close()
    server.sql("ALTER TABLE places RENAME TO elsewhere;")
    assert trouble_of(lambda: store.write(later)).trouble is Trouble.NO_TABLE
    server.sql("ALTER TABLE elsewhere RENAME TO places;")
    server.stop(signal.SIGKILL)
    assert trouble_of(lambda: store.write(later)).trouble in (Trouble.NO_CONNECTION, Trouble.CONNECTION_LOST)
    server.start()
    store.write(later)
    assert store.places() == [Place("gateway", "s/g", 1, 2)]
    store.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "cdr.db").write_bytes(b"this is no database" * 100)
    assert trouble_of(lambda: Store.open(f"sqlite:///{tmp_path / 'cdr.db'}")).trouble is Trouble.DAMAGED


def test_a_file_that_another_process_holds(tmp_path: Path) -> None:
    path = tmp_path / "cdr.db"
    store = Store.open(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert trouble_of(lambda: store.write(BATCH)).trouble is Trouble.LOCKED
    other.execute("ROLLBACK")
    store.write(BATCH)
    other.close()
    store.close()


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    """By its rights; for root, who has all of them, by its file system."""
    path = tmp_path / "cdr.db"
    as_root = os.geteuid() == 0
    if as_root:
        mount(tmp_path, "size=4m")
    try:
        Store.open(f"sqlite:///{path}").close()
        if as_root:
            mount(tmp_path, "remount,ro")
        else:
            path.chmod(stat.S_IRUSR)
        found = trouble_of(lambda: Store.open(f"sqlite:///{path}").write(BATCH))
        assert found.trouble in (Trouble.READ_ONLY, Trouble.NO_FOLDER)
    finally:
        if as_root:
            subprocess.run(["umount", str(tmp_path)], check=True)


def mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def test_a_full_disk(tmp_path: Path) -> None:
    """A file system of one megabyte."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        store = Store.open(f"sqlite:///{tmp_path / 'cdr.db'}")
        (tmp_path / "filling").write_bytes(bytes(512 * 1024))
        filled = Batch((), tuple(some_draft(number) for number in range(20)), (Place("gateway", "s/g", 1, 1),))
        assert trouble_of(lambda: store.write(filled)).trouble is Trouble.DISK_FULL
        (tmp_path / "filling").unlink()
        store.write(BATCH)
        assert store.places() == list(BATCH.places)
        store.close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def some_draft(number: int) -> Draft:
    return Draft("desk", str(number), "x" * 50_000)


def test_the_driver_is_named_that_is_not_there() -> None:
    found = diagnose(ModuleNotFoundError("No module named 'psycopg'"), "postgresql://u:p@h/x")
    assert found.trouble is Trouble.NO_DRIVER
    assert "ultra-cti[postgresql]" in found.render()


def test_no_password_is_shown() -> None:
    assert shown_url("postgresql://cdr:secret@h/x") == "postgresql://cdr:***@h/x"
    assert shown_url("nonsense") == "…"
    assert without_password("user cdr with secret", "mysql://cdr:secret@h/x") == "user cdr with ***"


def test_codes_are_told_apart() -> None:
    codes = [trouble.code for trouble in Trouble]
    assert len(set(codes)) == len(codes)
