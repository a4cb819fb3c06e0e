"""Logging in at a real server over a real socket: who gets in, in which role, and what everybody else meets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from model.ids import CallId, DeviceNumber, EventId
from protocol.client import Address, Credentials, UlpClient
from protocol.errors import TEXT, Code, Refused, SessionEnded
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import ADMIN_REQUESTS, CALL_REQUESTS, NOT_IN_THIS_VERSION, QUERIES, Kind, Role
from protocol.limits import BODY_BYTES_MAX_CLIENT, ServerLimits
from protocol.messages import (
    Coded,
    Hello,
    Subscribe,
    Welcome,
    pack_challenge,
    pack_hello,
    pack_proof,
    pack_subscribe,
    pack_welcome,
    read_challenge,
    read_coded,
    read_hello,
)
from protocol.requests import Request
from protocol.server import Entrance
from tests.protocol.log_ins import ACCOUNTS, PASSWORD, accounts, client_half, server_half
from tests.protocol.running import RawClient, Site, raw_client, serving
from tests.waiting import until

ENTRANCE = Entrance(accounts())
QUICK = ServerLimits(log_in_delay_seconds=(0.01,), heartbeat_ms=500, goodbye_seconds=0.2)
"""Failures cost nothing that a test would have to wait for."""


async def logged_in(
    site: Site, user: str = "ada", password: str = PASSWORD, role: Role | None = None, device: str = "", name: str = "t"
) -> UlpClient:
    hello = Hello(name, role, DeviceNumber(device))
    return await UlpClient.connect(site.address, hello, credentials=Credentials(user, password))


async def refusal(site: Site, *arguments: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        await logged_in(site, *arguments, **more)
    return refused.value


def coded(frame: Frame | None, kind: Kind) -> Coded:
    assert frame is not None
    assert frame.kind == kind
    return read_coded(kind, frame.body)


async def challenged(raw: RawClient, user: str = "ada", nonce: str = "clientnonce") -> str:
    """The server-first message to a client-first one."""
    raw.say(Kind.HELLO, 0, pack_hello(Hello("raw", None, client_first=client_half(user, nonce=nonce).client_first)))
    frame = await raw.frame()
    assert frame is not None
    assert frame.kind == Kind.CHALLENGE
    server_first = read_challenge(frame.body)
    assert isinstance(server_first, str)
    return server_first


@pytest.mark.parametrize("account", [one for one in ACCOUNTS if not one.is_disabled], ids=lambda one: one.user)
async def test_the_role_comes_from_the_account(account: Any) -> None:
    async with serving(entrance=ENTRANCE) as site:
        client = await logged_in(site, account.user)
        assert client.welcome.role is account.role
        await client.close()


async def test_what_is_asked_is_granted_when_it_is_no_more() -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site:
        client = await logged_in(site, "ada", role=Role.CONSUMER)
        assert client.welcome.role is Role.CONSUMER
        assert (await client.request(Request(Kind.QUERY_LINK))).code == Code.NOT_PERMITTED
        await client.close()
        assert (await refusal(site, "cdr", role=Role.ADMIN)).code is Code.ROLE_REFUSED
        assert (await refusal(site, "amy", role=Role.CONSUMER)).code is Code.ROLE_REFUSED
        assert (await refusal(site, "amy", device="8002")).code is Code.ROLE_REFUSED


async def test_whoever_fails_gets_the_same_words() -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site:
        failed = [
            await refusal(site, user, password)
            for user, password in (("ada", "wrong horse"), ("nobody", PASSWORD), ("gone", PASSWORD))
        ]
        assert {str(one) for one in failed} == {f"{site.address}: {TEXT[Code.LOG_IN_FAILED]} (log_in_failed)"}


async def test_an_unknown_user_cannot_be_told_from_a_known_one() -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site:
        shapes = []
        for user in ("ada", "nobody", "nobody", "gone"):
            async with raw_client(site) as raw:
                server_first = await challenged(raw, user)
                raw.say(Kind.PROOF, 0, pack_proof("c=biws,r=wrong,p=AAAA"))
                answer = coded(await raw.frame(), Kind.REFUSED)
                parts = server_first.split(",")
                shapes.append(([(part[:2], len(part)) for part in parts], parts[1:], answer))
        assert shapes[0][0] == shapes[1][0] == shapes[3][0]
        assert shapes[1][1] == shapes[2][1]
        assert shapes[0][2] == shapes[1][2] == shapes[3][2]


async def test_no_user_no_session() -> None:
    async with serving(entrance=ENTRANCE) as site:
        with pytest.raises(Refused) as refused:
            await site.client()
        assert refused.value.code is Code.LOG_IN_REQUIRED


async def test_a_server_without_users_lets_nobody_believe_it_was_checked() -> None:
    async with serving() as site:
        assert (await refusal(site)).code is Code.LOG_IN_FAILED


async def test_a_proof_of_another_session_is_worth_nothing() -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site, raw_client(site) as first, raw_client(site) as second:
        log_in = client_half()
        client_final = log_in.prove(await challenged(first))
        assert isinstance(client_final, str)
        await challenged(second)
        second.say(Kind.PROOF, 0, pack_proof(client_final))
        assert coded(await second.frame(), Kind.REFUSED).code == Code.LOG_IN_FAILED
        first.say(Kind.PROOF, 0, pack_proof(client_final))
        await first.frames_until(Kind.WELCOME)


@asynccontextmanager
async def impostor(*answers: Callable[[Frame], bytes]) -> AsyncIterator[tuple[Address, list[int]]]:
    """Something that answers each frame by the next of these; where it listens, and the kinds that it heard."""
    heard: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, waiting = FrameReader(BODY_BYTES_MAX_CLIENT), list(answers)
        while received := await reader.read(65536):
            for frame in frames.receive(received):
                heard.append(frame.kind)
                if waiting:
                    writer.write(waiting.pop(0)(frame))
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1]), heard
    finally:
        server.close()
        await server.wait_closed()


def a_challenge(frame: Frame) -> bytes:
    """A good one, of somebody who has listened to a log-in or made the salt up."""
    hello = read_hello(frame.body)
    assert isinstance(hello, Hello)
    server_first = server_half().challenge(str(hello.client_first))
    assert isinstance(server_first, str)
    return pack_frame(Kind.CHALLENGE, 0, 0, pack_challenge(server_first))


def a_welcome(_: Frame) -> bytes:
    body = pack_welcome(Welcome("gateway", 1, Role.ADMIN, 5_000, 1, (), server_final="v=AAAA"))
    return pack_frame(Kind.WELCOME, 0, 0, body)


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [((a_welcome,), [Kind.HELLO]), ((a_challenge, a_welcome), [Kind.HELLO, Kind.PROOF])],
    ids=["skips the challenge", "does not know the password"],
)
async def test_a_server_that_is_not_what_it_claims_to_be_is_left(
    answers: tuple[Callable[[Frame], bytes], ...], kinds: list[Kind]
) -> None:
    async with impostor(*answers) as (address, heard):
        with pytest.raises(SessionEnded) as ended:
            await UlpClient.connect(address, Hello("t", None), credentials=Credentials("ada", PASSWORD))
        assert ended.value.code is Code.LOG_IN_FAILED
        assert heard == kinds


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        ((BODY_BYTES_MAX_CLIENT + 1).to_bytes(4, "big") + b"\x00\x03" + bytes(10), Code.NOT_ULP),
        (pack_frame(Kind.PROOF, 0, 0, b"\x00\x01\xff\xffc=biws"), Code.MALFORMED),
        (pack_frame(Kind.PROOF, 0, 0, pack_proof("p" * 2000)), Code.MALFORMED),
        (pack_frame(Kind.PROOF, 0, 0), Code.MALFORMED),
        (pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())), Code.UNEXPECTED_FRAME),
        (pack_frame(Kind.MAKE_CALL, 0, 1, b"\x00"), Code.UNEXPECTED_FRAME),
    ],
)
async def test_what_is_no_proof_is_refused_with_its_code(wire: bytes, code: Code) -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site, raw_client(site) as raw:
        await challenged(raw)
        raw.writer.write(wire)
        assert coded(await raw.frame(), Kind.REFUSED).code == code
        assert await raw.frame() is None


@pytest.mark.parametrize("client_first", ["n,,n=" + "a" * 60_000 + ",r=x", "nonsense", "n,,n=a=b,r=x"])
async def test_what_is_no_client_first_message_is_refused(client_first: str) -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site, raw_client(site) as raw:
        raw.say(Kind.HELLO, 0, pack_hello(Hello("raw", None, client_first=client_first)))
        assert coded(await raw.frame(), Kind.REFUSED).code in (Code.LOG_IN_FAILED, Code.MALFORMED)


async def test_hello_and_proof_that_are_never_finished_are_ended() -> None:
    limits = ServerLimits(hello_seconds_max=0.2, log_in_seconds_max=0.2, heartbeat_ms=100, goodbye_seconds=0.1)
    async with serving(limits, entrance=ENTRANCE) as site, raw_client(site) as hello, raw_client(site) as proof:
        hello.writer.write(pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("raw", None)))[:-1])
        await challenged(proof)
        proof.writer.write(pack_frame(Kind.PROOF, 0, 0, pack_proof("c=biws"))[:-1])
        assert coded(await hello.frame(), Kind.REFUSED).code == Code.HELLO_TOO_LATE
        assert coded(await proof.frame(), Kind.REFUSED).code == Code.LOG_IN_FAILED
        await until(lambda: site.server.session_count == 0)


async def test_who_guesses_waits_and_the_others_do_not() -> None:
    limits = ServerLimits(log_in_delay_seconds=(0.3,), heartbeat_ms=100, goodbye_seconds=0.2)
    loop = asyncio.get_running_loop()
    async with serving(limits, entrance=ENTRANCE) as site:
        reader = await logged_in(site)
        reader.subscribe()
        await refusal(site, password="wrong horse")
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            again = group.create_task(refusal(site, password="wrong horse"))
            right = group.create_task(logged_in(site))
            await until(lambda: site.server._lock_out._sources["127.0.0.1"].count == 2)
            answered = await reader.request(Request(Kind.QUERY_LINK))
            assert answered.accepted
            assert not again.done()
            assert not right.done()
        assert again.result().code is Code.LOG_IN_FAILED
        assert loop.time() - began >= 0.55, "the two answers leave one after the other"
        await right.result().close()
        await reader.close()


async def test_a_removed_user_s_session_goes_on_and_its_next_log_in_fails() -> None:
    async with serving(QUICK, entrance=ENTRANCE) as site:
        client = await logged_in(site, "sue")
        site.server.admit(Entrance(accounts(ACCOUNTS[0])))
        assert (await client.request(Request(Kind.QUERY_LINK))).accepted
        assert (await refusal(site, "sue")).code is Code.LOG_IN_FAILED
        await (await logged_in(site, "ada")).close()
        await client.close()


MAY = {
    "cdr": frozenset[Kind](),
    "amy": CALL_REQUESTS | {Kind.QUERY_CALL, Kind.QUERY_DEVICE, Kind.QUERY_LINK},
    "sue": CALL_REQUESTS | QUERIES - {Kind.QUERY_SESSIONS},
    "ada": CALL_REQUESTS | QUERIES | ADMIN_REQUESTS,
}


@pytest.mark.parametrize("user", MAY)
async def test_every_request_in_every_role(user: str) -> None:
    """The table of roles, asked of a running server: each kind of request by each account."""
    async with serving(entrance=ENTRANCE) as site:
        client = await logged_in(site, user)
        for kind in sorted(CALL_REQUESTS | QUERIES | ADMIN_REQUESTS):
            request = Request(kind, DeviceNumber("8001"), CallId(EventId(1, 1)), "8002", level="info")
            reply = await client.request(request)
            if kind in NOT_IN_THIS_VERSION:
                assert reply.code == Code.NOT_IN_THIS_VERSION
            elif kind in MAY[user]:
                assert reply.code in (Code.ACCEPTED, Code.UNKNOWN_CALL), kind.name
            else:
                assert reply.code == Code.NOT_PERMITTED, kind.name
        asked = {command.kind for _, _, command, _ in site.asked}
        assert len(asked) == (0 if user == "cdr" else len(CALL_REQUESTS))
        if user == "amy":
            other = await client.request(Request(Kind.MAKE_CALL, DeviceNumber("8002"), destination="8001"))
            assert other.code == Code.NOT_PERMITTED
        await client.close()


async def test_a_key_belongs_to_the_user_and_not_to_a_name_anybody_can_take() -> None:
    async with serving(entrance=ENTRANCE) as site:
        request = Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="8002", idempotency_key="k")
        for user in ("ada", "sue", "ada"):
            client = await logged_in(site, user, name="same")
            assert (await client.request(request)).accepted
            await client.close()
        assert len(site.asked) == 2


async def test_the_log_names_who_came_who_was_turned_away_and_no_secret() -> None:
    with capture_logs() as logged:
        async with serving(QUICK, entrance=ENTRANCE) as site:
            client = await logged_in(site, "sue")
            await client.close()
            await refusal(site, "sue", "wrong horse")
            await refusal(site, "x" * 300)
            with pytest.raises(Refused):
                await site.client()
    lines = [line for line in logged if line["event"] in ("logged_in", "session_refused")]
    assert [(line["event"], line["log_level"]) for line in lines] == [("logged_in", "info")] + [
        ("session_refused", "info")
    ] * 3
    came, wrong, unknown, nameless = lines
    assert (came["user"], came["role"]) == ("sue", "supervisor")
    assert came["peer"].startswith("127.0.0.1:")
    assert (wrong["user"], wrong["code"], wrong["failure"]) == ("sue", "log_in_failed", "invalid-proof")
    assert (len(unknown["user"]), unknown["failure"]) == (128, "unknown-user")
    assert (nameless["user"], nameless["code"]) == ("", "log_in_required")
    said = repr(logged)
    verifier = ACCOUNTS[1].verifier
    assert [secret for secret in (PASSWORD, "wrong horse", repr(verifier.stored_key)[2:-1]) if secret in said] == []


def test_the_halves_of_a_server_show_nothing() -> None:
    server = server_half()
    assert "object at" in repr(server)
