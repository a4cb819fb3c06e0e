"""Databases of each kind, made anew for each test; a server runs for all tests, the same one over ODBC."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.peers.databases import Server, Unavailable, mariadb, postgresql

SERVERS = {"postgresql": postgresql, "mariadb": mariadb}
OVER_ODBC = {f"{name}-odbc": name for name in SERVERS}
KINDS = ("sqlite", *SERVERS, *OVER_ODBC)


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], Server]]:
    """A running server of a kind, started when it is first asked for."""
    open_ones: list[AbstractContextManager[Server]] = []
    running: dict[str, Server] = {}

    def server(kind: str) -> Server:
        if kind not in running:
            manager = SERVERS[kind]()
            try:
                running[kind] = manager.__enter__()
            except Unavailable as reason:
                if os.environ.get("CI") == "true":
                    raise
                pytest.skip(str(reason))
            open_ones.append(manager)
        return running[kind]

    yield server
    for manager in open_ones:
        manager.__exit__(None, None, None)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, servers: Callable[[str], Server], tmp_path: Path) -> str:
    """The address of an empty database."""
    kind = str(request.param)
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'cdr.db'}"
    server = servers(OVER_ODBC.get(kind, kind))
    server.empty()
    return server.odbc_url if kind in OVER_ODBC else server.url
