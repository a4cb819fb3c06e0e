"""The connection to a manager interface, over real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.links.asterisk.connection import CHUNK_BYTES, AmiConnection
from runtime.tasks import spawn
from tests.waiting import until


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[AmiConnection, asyncio.StreamWriter]]:
    """A connection, and the switch's end of it."""
    accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda _, writer: accepted.set_result(writer), "127.0.0.1", 0)
    async with server:
        connection = await AmiConnection.open("127.0.0.1", server.sockets[0].getsockname()[1], 5)
        switch = await accepted
        try:
            yield connection, switch
        finally:
            connection.close()
            switch.close()


async def test_read_gives_what_is_there_nothing_in_time_and_the_end() -> None:
    async with connected() as (connection, switch):
        assert await connection.read(0) is None
        switch.write(b"one")
        assert await connection.read(60) == b"one"
        switch.write(b"x" * (CHUNK_BYTES + 1))
        got = b""
        while len(got) <= CHUNK_BYTES:
            chunk = await connection.read(60)
            assert chunk is not None
            assert len(chunk) <= CHUNK_BYTES
            got += chunk
        switch.close()
        assert await connection.read(60) == b""


async def test_what_came_during_a_standstill_is_read_before_the_timer_counts() -> None:
    async with connected() as (connection, switch), asyncio.TaskGroup() as group:
        reading = spawn(group, connection.read(0.05), name="reading")
        await until(lambda: connection.is_reading)
        switch.write(b"meanwhile")
        over = time.monotonic() + 0.1
        while time.monotonic() < over:
            pass  # the whole process stands still
        assert await reading == b"meanwhile"


async def test_a_wait_is_cut_short() -> None:
    async with connected() as (connection, _), asyncio.TaskGroup() as group:
        reading = spawn(group, connection.read(3_600), name="reading")
        await until(lambda: connection.is_reading)
        connection.due_in(0)
        assert await reading is None
        connection.due_in(0)  # nobody waits: nothing to cut short


async def test_an_aborted_connection_ends_the_reading() -> None:
    async with connected() as (connection, _), asyncio.TaskGroup() as group:
        reading = spawn(group, connection.read(3_600), name="reading")
        await until(lambda: connection.is_reading)
        connection.abort()
        assert await reading == b""
