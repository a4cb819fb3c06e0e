"""`ultra view` on a real terminal, at a real server: what it shows, how it ends, what it says when there is nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from protocol.client import Address
from tests.protocol import samples
from tests.protocol.running import serving
from tests.ultra.real_site import closed_port, environment_of, ultra
from tests.ultra.terminal import Terminal, in_terminal
from tests.waiting import until

WAIT_SECONDS = 20.0


async def test_it_shows_the_site_follows_it_and_q_ends_it() -> None:
    async with serving() as site, in_terminal("view", "--server", str(site.address)) as terminal:
        assert terminal.echoes()
        await until(lambda: "分机 Extensions 4" in terminal.text)
        assert terminal.drew_a_screen
        assert not terminal.echoes()
        assert "link UP" in terminal.text
        site.publish(samples.established(1))
        await until(lambda: "通话 Calls 1" in terminal.text and "8001, 8002" in terminal.text)
        site.publish(samples.link_event(2))
        await until(lambda: "link DOWN" in terminal.text and "connection refused" in terminal.text)
        terminal.press("q")
        assert await terminal.process.wait() == 0
        assert terminal.echoes()
        assert terminal.raw.endswith("\x1b[?25h\x1b[?1049l")


async def test_ctrl_c_ends_it_and_leaves_the_terminal_as_it_was() -> None:
    async with serving() as site, in_terminal("view", "--server", str(site.address)) as terminal:
        await until(lambda: "Extensions" in terminal.text)
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.process.wait() == 0
        assert terminal.echoes()
        assert "Traceback" not in terminal.text


async def test_it_takes_the_terminal_s_new_size() -> None:
    async with serving() as site, in_terminal("view", "--server", str(site.address)) as terminal:
        await until(lambda: "Extensions" in terminal.text)
        assert "·phone 8001" not in terminal.text
        assert "?phone 8001" not in terminal.text
        terminal.resize(160, 40)
        await until(lambda: "?phone 8001" in terminal.text)
        terminal.press("q")
        await terminal.process.wait()


async def test_it_reconnects_and_says_so_meanwhile() -> None:
    port = closed_port()
    async with AsyncExitStack() as gateway, in_terminal_of(gateway, port) as terminal:
        await until(lambda: "link UP" in terminal.text)
        await gateway.aclose()
        await until(lambda: "no connection to the gateway" in terminal.text)
        await until(lambda: "? 4 unknown" in terminal.text)
        async with serving(port=port, epoch=samples.EPOCH + 1):
            seen = len(terminal.text)
            await until(lambda: "link UP" in terminal.text[seen:])
        terminal.press("q")
        assert await terminal.process.wait() == 0


@asynccontextmanager
async def in_terminal_of(gateway: AsyncExitStack, port: int) -> AsyncIterator[Terminal]:
    """A view of a gateway that ends when its stack is closed."""
    await gateway.enter_async_context(serving(port=port))
    async with in_terminal("view", "--server", f"127.0.0.1:{port}") as terminal:
        yield terminal


async def test_where_there_is_no_terminal_it_says_a_line_a_second() -> None:
    async with serving() as site:
        process = await plain_view(site.address)
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_SECONDS):
            lines = [(await process.stdout.readline()).decode() for _ in range(2)]
        assert all("link up; extensions 4 " in line for line in lines)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def test_it_ends_when_nobody_reads_it() -> None:
    async with serving() as site:
        reading, writing = os.pipe()
        process = await plain_view(site.address, writing)
        os.close(writing)
        assert await asyncio.to_thread(os.read, reading, 1)
        os.close(reading)
        async with asyncio.timeout(WAIT_SECONDS):
            assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


async def plain_view(address: Address, output: int = asyncio.subprocess.PIPE) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ultra", "view", "--server", str(address)),
        stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.PIPE, env=environment_of(),
    )  # fmt: skip


def test_nobody_there_is_an_error_and_no_empty_screen() -> None:
    port = closed_port()
    done = ultra("view", "--server", f"127.0.0.1:{port}")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"Error: 127.0.0.1:{port}: connection refused; is the daemon running, and on this port?\n"
