"""The database stops, forgets our password, loses a table, runs full, under load: each is named, the daemon lives on,
and afterwards every row is there.
"""

import signal
from pathlib import Path

import pytest

from tests.peers.databases import QUOTED, Server, postgresql
from tests.system.record_site import RecordSite, record_site
from tests.system.small_disk import fill, needs_root, small_disk
from tests.waiting import until_told

EVENTS_MEANWHILE = 100
"""That must find their way while the database is away: more than a second of the load."""
STOPPED_EVENTS = 30_000
"""As many come in five minutes."""
NAMED_SECONDS_MAX = 60.0
DISK_MEGABYTES = 24


async def named(one: RecordSite, *codes: str) -> None:
    """`/readyz` and the log say what is wrong, and that it is the database's fault."""

    async def said() -> bool:
        return bool(set(codes) & set(await one.cdr.reasons()))

    await until_told(said, seconds_max=NAMED_SECONDS_MAX)
    assert (await one.cdr.ready()).status == 503
    assert "gateway_down" not in await one.cdr.reasons()
    assert one.cdr.events("database_failed"), "the log says so, too"
    one.did[codes[0]] += 1


async def well(one: RecordSite) -> None:
    """Everything is written again."""
    await one.cdr.written(NAMED_SECONDS_MAX)

    async def said() -> bool:
        return (await one.cdr.ready()).status == 200

    await until_told(said, seconds_max=NAMED_SECONDS_MAX)


async def stopped(one: RecordSite, events: int) -> None:
    """The server is stopped in order, and comes back."""
    one.stop_database(signal.SIGINT)
    await one.more_events(20)
    await named(one, "database_no_connection", "database_connection_lost")
    await one.more_events(events)
    one.start_database()
    await well(one)


async def forgotten(one: RecordSite, server: Server) -> None:
    """Somebody changes the password; an operator writes it into cdr.toml and sends SIGHUP."""
    server.sql("ALTER ROLE cdr PASSWORD 'another'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
               "WHERE usename = 'cdr';")  # fmt: skip
    await one.more_events(20)
    await named(one, "database_log_in_refused")
    await one.more_events(EVENTS_MEANWHILE)
    config = one.cdr.config
    config.write_text(config.read_text("utf-8").replace(QUOTED, "another"), "utf-8")
    one.cdr.child.signal(signal.SIGHUP)
    await well(one)


async def without_a_table(one: RecordSite, server: Server) -> None:
    """A table is gone, and comes back from where somebody put it."""
    server.sql("ALTER TABLE legs RENAME TO aside;")
    await one.more_events(20)
    await named(one, "database_no_table")
    await one.more_events(EVENTS_MEANWHILE)
    server.sql("ALTER TABLE aside RENAME TO legs;")
    await well(one)


async def course(folder: Path, events_stopped: int) -> str:
    """All of it at PostgreSQL; what was found, in words."""
    with postgresql() as server:
        async with record_site(folder, server.url, server, seed=6) as one:
            await one.begin_long_calls()
            await stopped(one, events_stopped)
            await forgotten(one, server)
            await without_a_table(one, server)
            found = await one.settle()
            assert found["differences"] == [], found
            assert not [entry for entry in one.cdr.logged if "se cret" in str(entry) or QUOTED in str(entry)]
            return f"{dict(one.did)}: {found['events']} events, {found['rows']} rows, different 0"


@pytest.mark.timeout(240)
async def test_each_trouble_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, EVENTS_MEANWHILE)
    with capsys.disabled():
        print(f"\n{told}")


@pytest.mark.deep
@pytest.mark.timeout(1200)
async def test_five_minutes_without_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, STOPPED_EVENTS)
    with capsys.disabled():
        print(f"\n{told}")


@needs_root
@pytest.mark.timeout(240)
async def test_a_full_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(tmp_path / "disk", DISK_MEGABYTES) as disk:
        async with record_site(tmp_path, f"sqlite:///{disk / 'cdr.db'}", None, seed=7) as one:
            await one.more_events(EVENTS_MEANWHILE)
            filler = fill(disk)
            await one.more_events(EVENTS_MEANWHILE)
            await named(one, "database_disk_full")
            await one.more_events(EVENTS_MEANWHILE)
            filler.unlink()
            await well(one)
            found = await one.settle()
            assert found["differences"] == [], found
            with capsys.disabled():
                print(f"\n{dict(one.did)}: {found['events']} events, {found['rows']} rows, different 0")
