"""The endpoint over real sockets: what it answers, and that no peer can hold it up, fill it or end it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from structlog.testing import capture_logs

from runtime.http_endpoint import CONNECTIONS_MAX, HttpEndpoint
from runtime.http_page import Page
from runtime.http_request import HEAD_BYTES_MAX, Request
from runtime.loopback import LoopbackAddress, NotLoopback
from tests.asking import get, parsed, said
from tests.waiting import until

ANY_PORT = LoopbackAddress("127.0.0.1", 0)
SHORT_SECONDS = 0.3
HALF_OPEN = 1_000
AT_A_TIME = 100
"""Sockets that a test opens one after the other at the same moment; and that it holds, within what any shell allows."""

Sockets = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def hello(request: Request) -> Page:
    return Page(b"hello\n")


def broken(request: Request) -> Page:
    raise LookupError("a bug in a page")


def large(request: Request) -> Page:
    return Page(b"x" * 20_000_000)


@asynccontextmanager
async def served(seconds_max: float = 10.0) -> AsyncIterator[tuple[HttpEndpoint, int]]:
    """An endpoint and its port."""
    endpoint = HttpEndpoint({"/": hello, "/broken": broken, "/large": large}, connection_seconds_max=seconds_max)
    bound = await endpoint.start(ANY_PORT)
    try:
        yield endpoint, bound.port
    finally:
        endpoint.close()
    await until(lambda: endpoint.connection_count == 0)


@asynccontextmanager
async def opened(port: int, count: int, first: bytes = b"") -> AsyncIterator[list[Sockets]]:
    """Connections that say a few bytes and no more."""
    async with AsyncExitStack() as stack:
        sockets = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            if first:
                writer.write(first)
            sockets.append((reader, writer))
        yield sockets


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Wait for the far end to close; whether it did so without a word."""
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def test_pages() -> None:
    async with served() as (endpoint, port):
        answer = await get(port, "/?x=1")
        assert (answer.status, answer.body, answer.headers["connection"]) == (200, "hello\n", "close")
        head = await get(port, "/", method="HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, "", "6")
        assert endpoint.refused == {}


async def test_ipv6() -> None:
    endpoint = HttpEndpoint({"/": hello})
    try:
        bound = await endpoint.start(LoopbackAddress("::1", 0))
        answer = parsed(await said(bound.port, b"GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "::1"))
        assert answer.body == "hello\n"
    finally:
        endpoint.close()


async def test_what_is_turned_away_is_told_why_and_counted() -> None:
    async with served() as (endpoint, port):
        for path, method, status in (("/nowhere", "GET", 404), ("/", "DELETE", 405), ("/ /", "GET", 400)):
            assert (await get(port, path, method=method)).status == status
        assert (await get(port, "/nowhere")).body == "there is: / /broken /large\n"
        assert (await get(port, "/", method="DELETE")).headers["allow"] == "GET, HEAD"
        assert endpoint.refused == {"not_found": 2, "method_not_allowed": 2, "bad_request": 1}
        tls = await said(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert b"there is no TLS on this port" in tls


async def test_a_broken_page_is_logged_and_the_rest_goes_on() -> None:
    async with served() as (endpoint, port):
        with capture_logs() as logs:
            assert (await get(port, "/broken")).status == 500
        assert [(one["event"], one["path"]) for one in logs if one["log_level"] == "error"] == [
            ("http_page_failed", "/broken")
        ]
        assert (await get(port, "/")).body == "hello\n"
        assert endpoint.refused["internal_server_error"] == 1


async def test_only_loopback_and_only_a_free_port() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "pbx.example"):
        with pytest.raises(NotLoopback):
            await HttpEndpoint({}).start(LoopbackAddress(host, 0))  # there is no such value
    async with served() as (_, port):
        with pytest.raises(OSError, match="in use"):
            await HttpEndpoint({}).start(LoopbackAddress("127.0.0.1", port))


async def test_a_peer_that_stops_in_the_middle_is_cut_off_in_time() -> None:
    async with served(SHORT_SECONDS) as (endpoint, port), opened(port, 5, b"GET / HTTP/1.1\r\nHost: loc") as sockets:
        assert all([await is_cut(reader) for reader, _ in sockets])
        assert endpoint.refused == {"too_late": 5}


async def test_a_slow_loris_is_cut_off_however_busy_it_is() -> None:
    async with served(SHORT_SECONDS) as (endpoint, port), opened(port, 20, b"GET / HTTP/1.1\r\n") as sockets:
        while endpoint.connection_count:  # a header's byte at a time, for ever
            for _, writer in sockets:
                writer.write(b"X")
            assert (await get(port, "/")).body == "hello\n"
        assert endpoint.refused == {"too_late": 20}


async def test_ten_megabytes_of_headers_are_not_kept() -> None:
    async with served() as (endpoint, port):
        for junk in (
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1_700_000,
            b"GET /" + b"a" * 10_000_000,
            b"\xff" * 10_000_000,
        ):
            answer = await said(port, junk)  # what the kernel still held of ours may have cut the answer off
            assert answer == b"" or parsed(answer).status in (400, 431)
        assert (await get(port, "/")).body == "hello\n"
        assert sum(endpoint.refused.values()) == 3


async def test_a_thousand_half_open_connections_leave_room_for_one_that_asks() -> None:
    async with served() as (endpoint, port):
        most = 0
        for _ in range(HALF_OPEN // AT_A_TIME):
            async with opened(port, AT_A_TIME):
                most = max(most, endpoint.connection_count)
                assert (await get(port, "/")).body == "hello\n"
        assert most <= CONNECTIONS_MAX
        await until(lambda: endpoint.connection_count == 0)
        assert set(endpoint.refused) == {"crowded_out"}


async def test_who_does_not_take_the_answer_is_cut_off_in_time() -> None:
    async with served(SHORT_SECONDS) as (endpoint, port):
        async with opened(port, 3, b"GET /large HTTP/1.0\r\n\r\n"):
            await until(lambda: endpoint.connection_count == 3)
            await until(lambda: endpoint.connection_count == 0)
        assert endpoint.refused == {"too_late": 3}


async def test_more_than_one_request_is_answered_once() -> None:
    async with served() as (_, port):
        once = b"GET / HTTP/1.0\r\n\r\n"
        assert (await said(port, once * 3 + b"x" * HEAD_BYTES_MAX)).count(b"HTTP/1.1 200") <= 1


async def test_a_half_closed_connection_still_gets_its_answer() -> None:
    async with served() as (endpoint, port), opened(port, 2) as sockets:
        reader, writer = sockets[0]
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        writer.write_eof()
        assert (await reader.read()).endswith(b"hello\n")
        sockets[1][1].write_eof()
        assert await sockets[1][0].read() == b""
        await until(lambda: endpoint.connection_count == 0)


async def test_its_end_cuts_what_is_open() -> None:
    async with served() as (endpoint, port), opened(port, 3, b"GET / HT") as sockets:
        await until(lambda: endpoint.connection_count == 3)
        endpoint.close()
        assert all([await is_cut(reader) for reader, _ in sockets])
        assert await refused(port)


async def refused(port: int) -> bool:
    """Whether nobody listens."""
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return True
    return False
