"""TLS at a real server: who gets through, that the log-in is bound to it, and what everybody else meets."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from protocol.client import Credentials, EventSeen, SnapshotTaken, Tls, UlpClient
from protocol.errors import Code, Refused, UlpError, Unreachable
from protocol.frame import FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, ServerLimits
from protocol.messages import Hello, pack_hello, read_coded
from protocol.server import Entrance, NotLoopback, ServerTls
from tests.certificates import Authority, server_tls
from tests.protocol.log_ins import PASSWORD, accounts, client_half
from tests.protocol.running import Site, raw_client, serving
from tests.waiting import until

ADA = Credentials("ada", PASSWORD)
HELLO = Hello("test", None)
QUICK = ServerLimits(
    hello_seconds_max=0.3, heartbeat_ms=200, goodbye_seconds=0.2, log_in_delay_seconds=(0.01,), waiting_bytes_max=65536
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def entrance(authority: Authority, name: str = "server", client_ca: Path | None = None) -> Entrance:
    return Entrance(accounts(), server_tls(authority.signed(name), client_ca))


async def connected(site: Site, tls: Tls, credentials: Credentials | None = ADA) -> UlpClient:
    return await UlpClient.connect(site.address, HELLO, credentials=credentials, tls=tls)


async def test_a_log_in_over_tls_and_events_both_ways(authority: Authority) -> None:
    async with serving(entrance=entrance(authority)) as site:
        client = await connected(site, Tls(authority.ca))
        assert client.welcome.role is Role.ADMIN
        client.subscribe()
        while not isinstance(await client.next_item(), SnapshotTaken):
            continue
        site.publish_many(5_000)
        for number in range(1, 5_001):
            item = await client.next_item()
            assert isinstance(item, EventSeen)
            assert item.event.number == number
        await client.close()
        await until(lambda: site.server.session_count == 0)
        assert site.server.tls_failed.count == 0


async def test_a_server_goes_with_its_last_word_over_tls(authority: Authority) -> None:
    async with serving(entrance=entrance(authority)) as site:
        client = await connected(site, Tls(authority.ca))
        await site.server.stop()
        with pytest.raises(UlpError) as ended:
            await client.next_item()
        assert ended.value.code is Code.SHUTTING_DOWN


async def test_without_users_tls_alone_grants_the_role_that_is_asked(authority: Authority) -> None:
    async with serving(entrance=Entrance(tls=server_tls(authority.signed()))) as site:
        hello = Hello("test", Role.SUPERVISOR)
        client = await UlpClient.connect(site.address, hello, tls=Tls(authority.ca))
        assert client.welcome.role is Role.SUPERVISOR
        await client.close()


async def test_a_slow_reader_is_found_out_over_tls_too(authority: Authority) -> None:
    async with serving(ServerLimits(waiting_bytes_max=65536), entrance=entrance(authority)) as site:
        client = await connected(site, Tls(authority.ca))
        client.subscribe()
        while not isinstance(await client.next_item(), SnapshotTaken):
            continue
        assert client._transport is not None
        client._transport.pause_reading()
        for _ in range(2_000):
            site.publish_many(100)
            await asyncio.sleep(0)
            if site.server.slow_consumers:
                break
        assert site.server.slow_consumers == 1
        client.abort()
        await until(lambda: site.server.session_count == 0)


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\n\r\n", pack_frame(Kind.HELLO, 0, 0, pack_hello(HELLO)), bytes(64)]
)
async def test_plain_bytes_are_ended_counted_and_told_once(authority: Authority, said: bytes) -> None:
    with capture_logs() as logged:
        async with serving(QUICK, entrance=entrance(authority)) as site, raw_client(site) as raw:
            raw.writer.write(said)
            received = await raw.reader.read()
            assert FrameReader(BODY_BYTES_MAX_SERVER).receive(received) == []
            await until(lambda: site.server.session_count == 0)
            assert site.server.tls_failed.count == 1
            assert site.server._half_open == 0
    lines = [line for line in logged if line["log_level"] == "info" and line["event"] != "server_listening"]
    assert [(line["event"], line["during"]) for line in lines] == [("tls_failed", "handshake")]
    assert lines[0]["peer"].startswith("127.0.0.1:")


async def test_tls_at_the_plain_port_is_no_ulp(authority: Authority) -> None:
    async with serving(QUICK) as site:
        with pytest.raises(Unreachable, match="does not speak TLS"):
            await connected(site, Tls(authority.ca))
        async with raw_client(site) as raw:
            raw.writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64))
            frame = await raw.frame()
            assert frame is not None
            assert read_coded(Kind.REFUSED, frame.body).code == Code.NOT_ULP


async def test_a_handshake_that_is_never_finished_is_half_open_and_ends_in_time(authority: Authority) -> None:
    async with serving(QUICK, entrance=entrance(authority)) as site, raw_client(site) as raw:
        raw.writer.write(b"\x16\x03\x01")
        await until(lambda: site.server._half_open == 1)
        assert await raw.reader.read() == b""
        await until(lambda: site.server.session_count == 0)
        assert site.server._half_open == 0


async def test_the_half_open_limit_holds_for_handshakes(authority: Authority) -> None:
    limits = ServerLimits(half_open_max=2, heartbeat_ms=500, goodbye_seconds=0.2)
    async with serving(limits, entrance=entrance(authority)) as site, raw_client(site), raw_client(site):
        await until(lambda: site.server._half_open == 2)
        async with raw_client(site) as third:
            assert await third.reader.read() == b""
        await until(lambda: site.server.session_count == 2)


async def test_a_client_takes_no_certificate_of_somebody_else(authority: Authority, tmp_path: Path) -> None:
    async with serving(QUICK, entrance=entrance(authority)) as site:
        for tls in (Tls(Authority(tmp_path, "other").ca), Tls(None), Tls(authority.ca, server_name="elsewhere")):
            with pytest.raises(Unreachable, match="certificate does not hold"):
                await connected(site, tls)
        await until(lambda: site.server.session_count == 0)


async def test_somebody_in_between_gets_no_session_with_a_log_in_it_passes_on(authority: Authority) -> None:
    """A server whose certificate the client takes hands the log-in on to another one: bound to the first, it fails."""
    async with serving(QUICK, entrance=entrance(authority)) as site:
        elsewhere = server_tls(authority.signed("between"))
        mixed = Entrance(accounts(), ServerTls(elsewhere.context, site.server._entrance.tls.binding))  # type: ignore[union-attr]
        site.server.admit(mixed)
        with pytest.raises(Refused) as refused:
            await connected(site, Tls(authority.ca))
        assert refused.value.code is Code.LOG_IN_FAILED


@pytest.mark.parametrize("flag", ["n", "y", "p=tls-unique"])
async def test_nobody_is_talked_out_of_the_binding(authority: Authority, flag: str) -> None:
    async with serving(QUICK, entrance=entrance(authority)) as site:
        context = Tls(authority.ca).context()
        reader, writer = await asyncio.open_connection(
            site.address.host, site.address.port, ssl=context, server_hostname="localhost"
        )
        client_first = client_half(binding=b"x").client_first.replace("p=tls-server-end-point", flag)
        writer.write(pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("raw", None, client_first=client_first))))
        (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(await reader.read(65536))
        assert frame.kind == Kind.REFUSED
        assert read_coded(Kind.REFUSED, frame.body).code == Code.LOG_IN_FAILED
        writer.transport.abort()


async def test_client_certificates(authority: Authority, tmp_path: Path) -> None:
    good = authority.signed("client")
    expired = authority.signed("expired", begins=timedelta(days=-9), ends=timedelta(days=-2))
    foreign = Authority(tmp_path, "other").signed("foreign")
    async with serving(QUICK, entrance=entrance(authority, client_ca=authority.ca)) as site:
        client = await connected(site, Tls(authority.ca, good.certificate, good.key))
        await client.close()
        refused = (
            (Tls(authority.ca), "required"),
            (Tls(authority.ca, expired.certificate, expired.key), "expired"),
            (Tls(authority.ca, foreign.certificate, foreign.key), "unknown ca"),
        )
        for count, (tls, word) in enumerate(refused, 1):
            with pytest.raises(UlpError, match=f"does not take our certificate: .*{word}"):
                await connected(site, tls)
            await until(lambda count=count: site.server.tls_failed.count == count)  # type: ignore[misc]
        await until(lambda: site.server.session_count == 0)


async def test_a_new_certificate_counts_from_the_next_connection_on(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    async with serving(QUICK, entrance=entrance(authority)) as site:
        before = await connected(site, Tls(authority.ca))
        site.server.admit(Entrance(accounts(), server_tls(other.signed("new"))))
        after = await connected(site, Tls(other.ca))
        for client in (before, after):
            assert client.welcome.role is Role.ADMIN
            await client.close()
        with pytest.raises(Unreachable):
            await connected(site, Tls(authority.ca))


async def test_where_others_can_reach_it_nothing_is_taken_away(authority: Authority) -> None:
    async with serving(QUICK) as site:
        site.server.admit(entrance(authority))
        await site.server.stop()
        await site.server.start("0.0.0.0", 0)
        for less in (Entrance(), Entrance(accounts()), Entrance(tls=site.server._entrance.tls)):
            with pytest.raises(NotLoopback, match="to \\[serve\\]"):
                site.server.admit(less)


async def test_what_breaks_within_a_session_ends_it(authority: Authority) -> None:
    async with serving(QUICK, entrance=entrance(authority)) as site:
        context = Tls(authority.ca).context()
        reader, writer = await asyncio.open_connection(site.address.host, site.address.port)
        arrived, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(arrived, leaving, server_hostname="localhost")
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(leaving.read())
                arrived.write(await reader.read(65536))
        writer.write(leaving.read())
        writer.write(b"\x17\x03\x03\x00\x20" + bytes(32))
        await until(lambda: site.server.tls_failed.count == 1)
        await until(lambda: site.server.session_count == 0)
        writer.close()
