"""Connections that never become sessions: thousands opened and dropped in waves are bounded, leave nothing behind and
keep nobody else out."""

import asyncio
import resource
import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from protocol.client import Credentials, Tls, UlpClient
from protocol.frame import pack_frame
from protocol.kinds import Kind
from protocol.limits import ServerLimits
from protocol.messages import Hello, pack_hello
from protocol.server import Entrance
from tests.certificates import Authority, server_tls
from tests.protocol.log_ins import PASSWORD, accounts, client_half
from tests.protocol.running import Site, serving
from tests.waiting import until

HALF_OPEN = 100
WAVE = 250
"""Connections of one wave: more than may be half-open."""

LIMITS = ServerLimits(half_open_max=HALF_OPEN, heartbeat_ms=500, goodbye_seconds=0.2)
HELLO = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("flood", None, client_first=client_half().client_first)))
SAID = (b"", HELLO[:-1], HELLO, b"\x16\x03\x01")
"""What those say that say something: nothing, a HELLO that is not finished, a log-in, a handshake."""


async def wave(site: Site) -> None:
    """Open so many, see that no more are half-open than may be, and drop them all."""
    loop = asyncio.get_running_loop()
    held: list[socket.socket] = []
    try:
        for index in range(WAVE):
            one = socket.socket()
            held.append(one)
            one.setblocking(False)
            await loop.sock_connect(one, (site.address.host, site.address.port))
            if said := SAID[index % len(SAID)]:
                await loop.sock_sendall(one, said)
        await until(lambda: site.server._half_open <= HALF_OPEN)
        assert site.server.session_count <= HALF_OPEN + 1
    finally:
        for one in held:
            one.close()
    await until(lambda: site.server._half_open == 0)


async def flooded(connections: int, entrance: Entrance, tls: Tls | None) -> None:
    """So many connections in waves, beside a session that lives through them and one that begins after them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft > 2 * WAVE + 100, "too few descriptors for the test"
    ada = Credentials("ada", PASSWORD)
    with capture_logs():
        async with serving(LIMITS, entrance=entrance) as site:
            lived = await UlpClient.connect(site.address, Hello("lived", None), credentials=ada, tls=tls)
            for _ in range(connections // WAVE):
                await wave(site)
            assert site.server.session_count == 1
            came = await UlpClient.connect(site.address, Hello("came", None), credentials=ada, tls=tls)
            await came.close()
            await lived.close()


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
async def test_a_flood_of_half_open_connections(tmp_path: Path, over_tls: bool) -> None:
    authority = Authority(tmp_path)
    tls = server_tls(authority.signed()) if over_tls else None
    await flooded(2 * WAVE, Entrance(accounts(), tls), Tls(authority.ca) if over_tls else None)


@pytest.mark.deep
@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
async def test_ten_thousand_half_open_connections(tmp_path: Path, over_tls: bool) -> None:
    authority = Authority(tmp_path)
    tls = server_tls(authority.signed()) if over_tls else None
    await flooded(10_000, Entrance(accounts(), tls), Tls(authority.ca) if over_tls else None)
