"""What every command shares that asks a gateway: addresses, refusals, and who is not there or speaks otherwise."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from protocol.errors import Code
from protocol.kinds import Kind, Role
from protocol.requests import Reply, Request
from tests.protocol.running import serving
from tests.ultra.real_site import Done, environment_of, ultra, ultra_apart
from ultra.gateway_session import ask, hello, refusal_line


@asynccontextmanager
async def web_server() -> AsyncIterator[int]:
    """Something that listens and speaks, and no gateway."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_request_is_asked_in_the_role_it_needs() -> None:
    async with serving() as site:
        reply = await ask(site.address, Request(Kind.RELOAD), "test")
        assert reply.text == "RELOAD by ADMIN"
        refused = await ask(site.address, Request(Kind.RELOAD), "test", Role.SUPERVISOR)
        assert refused.code == Code.NOT_PERMITTED


@pytest.mark.parametrize("command", [("reload",), ("link", "status"), ("call", "answer", "1"), ("view",)])
async def test_the_wrong_protocol_is_named(command: tuple[str, ...]) -> None:
    async with web_server() as port:
        done: Done = await asyncio.to_thread(ultra_apart, *command, "--server", f"127.0.0.1:{port}")
    assert (done.code, done.out) == (1, "")
    assert f"127.0.0.1:{port} does not speak ULP" in done.err


@pytest.mark.parametrize("address", ["nobody:0", "127.0.0.1:65536", ":7400"])
def test_an_address_that_is_none(address: str) -> None:
    done = ultra("link", "status", "--server", address)
    assert done.code == 2
    assert "expected HOST:PORT with a port from 1 to 65535" in done.err


def test_a_reader_that_has_gone_ends_a_command_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "gateway.toml").write_text('[log]\nfile = "a.log"\n')
    (tmp_path / "etc" / "a.log").write_text("no log line, and quite a long one\n" * 10_000)
    with subprocess.Popen(
        [sys.executable, "-m", "ultra", "logs"], cwd=tmp_path, env=environment_of(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(15) == 0


def test_who_asks_is_told_to_the_gateway() -> None:
    named = hello("call", Role.SUPERVISOR)
    assert named.name.startswith("ultra call ")
    assert named.role is Role.SUPERVISOR


def test_a_refusal_in_one_line() -> None:
    reply = Reply(Code.REFUSED_BY_SWITCH, "no\x1b[2J", "operation/generic")
    assert refusal_line(reply) == r"refused_by_switch: no\x1b[2J (operation/generic)"
    assert refusal_line(Reply(77)) == "code_77"
