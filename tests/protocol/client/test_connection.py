"""One session over a real socket: what it raises, how it waits, how it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.client.connection import ITEMS_WAITING_MAX
from protocol.errors import Code, SessionEnded, Unreachable, WrongProtocol
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Request
from tests.protocol.running import serving
from tests.waiting import until

HELLO = Hello("test", Role.CONSUMER)


@asynccontextmanager
async def listener(says: bytes, *, closes: bool) -> AsyncIterator[Address]:
    """Something that listens and is no ULP server."""

    writers: list[asyncio.StreamWriter] = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(says)
        if closes:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize("says", [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_another_protocol_is_named_as_such(says: bytes) -> None:
    async with listener(says, closes=False) as address:
        with pytest.raises(WrongProtocol, match="does not speak ULP"):
            await UlpClient.connect(address, HELLO)


async def test_who_hangs_up_at_once_speaks_no_ulp_either() -> None:
    async with listener(b"", closes=True) as address:
        with pytest.raises(WrongProtocol):
            await UlpClient.connect(address, HELLO)


async def test_nobody_there_and_no_such_name() -> None:
    async with serving() as site:
        address = site.address
    with pytest.raises(Unreachable, match="connection refused"):
        await UlpClient.connect(address, HELLO)
    with pytest.raises(Unreachable, match="name not found"):
        await UlpClient.connect(Address("no-such-host.invalid", 7400), HELLO)


async def test_an_application_that_does_not_take_items_stops_the_reading() -> None:
    async with serving() as site:
        client = await site.client()
        client.subscribe()
        while not isinstance(await client.next_item(), SnapshotTaken):
            continue
        count = ITEMS_WAITING_MAX + 5_000
        site.publish_many(count)
        await until(lambda: client._is_paused)
        taken = 0
        while taken < count:
            taken += isinstance(await client.next_item(), EventSeen)
        assert not client._is_paused
        await client.close()


async def test_a_request_on_a_session_that_has_ended_raises_its_end() -> None:
    async with serving() as site:
        client = await site.client()
        await site.server.stop()
        with pytest.raises(SessionEnded) as ended:
            await client.request(Request(Kind.QUERY_LINK))
        assert ended.value.code in (Code.SHUTTING_DOWN, Code.CONNECTION_LOST)
