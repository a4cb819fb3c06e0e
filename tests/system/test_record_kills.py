"""Daemon, database or both are killed at any instant under load, long calls open: no row is lost and none is doubled.

The judge is the gateway's journal: the ledger, run over it without a break, makes the rows that must stand in the
database. The switch's own account says how many calls there were.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.peers.databases import Server, mariadb, postgresql
from tests.system.record_site import record_site

EVENTS_BETWEEN_MAX, EVENTS_BETWEEN_DEEP = 150, 400
"""From one kill to the next: a kill meets a start, a catch-up, a transaction, or plain traffic."""


@contextmanager
def sqlite() -> Iterator[None]:
    yield None


SERVERS: dict[str, Callable[[], AbstractContextManager[Server | None]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "mariadb": mariadb,
    "mariadb-odbc": mariadb,
}


async def course(folder: Path, kind: str, rounds: int, seed: int, events_max: int) -> str:
    """So many kills, then quiet; what was found, in words."""
    dice = Random(seed)
    with SERVERS[kind]() as server:
        url = "sqlite:///../var/cdr.db"
        if server is not None:
            url = server.odbc_url if kind.endswith("odbc") else server.url
        async with record_site(folder, url, server, seed) as one:
            await one.begin_long_calls()
            for _ in range(rounds):
                await one.more_events(dice.randrange(1, events_max))
                victim = "daemon" if server is None else dice.choice(("daemon", "database", "both"))
                if victim != "daemon":
                    one.stop_database(signal.SIGKILL if kind.startswith("mariadb") else dice.choice(ENDS))
                if victim != "database":
                    await one.kill_cdr()
                if victim != "daemon" and dice.random() < 0.5:
                    await one.more_events(dice.randrange(1, events_max // 4))
                if victim != "database":
                    await one.cdr.start()
                if victim != "daemon":
                    one.start_database()
            found = await one.settle()
            assert found["differences"] == [], found
            assert found["holes"] == found["unreadable"] == 0
            did = ", ".join(f"{count} {what}" for what, count in sorted(one.did.items()))
            ended = len(one.site.subscriber.ended)
            return (
                f"{kind}: rounds {rounds}, {did}; {found['events']} events, {ended} calls, {found['rows']} rows, "
                "lost 0, doubled 0"
            )


ENDS = (signal.SIGKILL, signal.SIGQUIT)
"""How PostgreSQL is ended: by a power cut, or by its own immediate shutdown."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 3), ("mariadb-odbc", 4)])
async def test_some_kills(tmp_path: Path, kind: str, rounds: int, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, kind, rounds, 3, EVENTS_BETWEEN_MAX)
    with capsys.disabled():
        print(f"\n{told}")


@pytest.mark.deep
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("kind", SERVERS)
async def test_a_hundred_kills(tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, kind, 100, 4, EVENTS_BETWEEN_DEEP)
    with capsys.disabled():
        print(f"\n{told}")
