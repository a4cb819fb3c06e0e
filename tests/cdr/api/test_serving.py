"""The socket: one that is taken refuses the start in words, and nothing is left open at the end."""

import asyncio
import socket
from pathlib import Path

import pytest

from cdr.api.serving import listen
from runtime.loopback import LoopbackAddress
from runtime.tasks import StartRefused, tasks_left
from tests.cdr.api.serving import interface
from tests.ultra.cdr.databases import database


def test_an_address_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartRefused, match=rf"cannot listen on 127.0.0.1:{port}: .*; see \[api\] listen"):
            listen(LoopbackAddress("127.0.0.1", port))


async def test_it_ends_with_its_task(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        assert (await one.get("/v1/conversations")).status == 200
        port = one.port
    assert tasks_left() == []
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)
