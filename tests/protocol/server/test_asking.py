"""Requests: each goes to the daemon once, and whoever asked is answered."""

import asyncio

from model.commands import Command, CommandKind, Outcome, Refusal
from model.ids import DeviceNumber
from protocol.errors import Code, SessionEnded
from protocol.frame import FrameReader
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, ServerLimits
from protocol.requests import Request, read_reply
from tests.protocol.running import raw_client, serving
from tests.waiting import until


async def test_a_request_goes_to_the_daemon_and_its_outcome_comes_back() -> None:
    async with serving() as site:
        client = await site.client(Role.SUPERVISOR)
        command = Command(CommandKind.MAKE_CALL, DeviceNumber("8001"), destination="8002")
        reply = await client.request(Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="8002"))
        assert reply.outcome() == Outcome(text="done")
        assert site.asked == [(client.welcome.session, 1, command, Role.SUPERVISOR)]
        await client.close()


async def test_requests_of_one_session_do_not_wait_for_each_other() -> None:
    released = asyncio.Event()

    async def answer(command: Command) -> Outcome:
        if command.destination == "slow":
            await released.wait()
        return Outcome(Refusal.WRONG_STATE, command.destination)

    async with serving() as site:
        site.answer = answer
        client = await site.client()
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(client.request(Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="slow")))
            fast = await client.request(Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="fast"))
            assert (fast.text, slow.done()) == ("fast", False)
            released.set()
        assert slow.result().code == Code.WRONG_STATE
        await client.close()


async def test_a_repeat_under_the_same_key_after_a_reconnect_is_not_done_twice() -> None:
    released = asyncio.Event()

    async def answer(command: Command) -> Outcome:
        await released.wait()
        return Outcome(text=f"call to {command.destination}")

    async with serving() as site:
        site.answer = answer
        request = Request(Kind.MAKE_CALL, DeviceNumber("8001"), destination="8002", idempotency_key="once")
        first = await site.client(name="desk")
        async with asyncio.TaskGroup() as group:
            lost = group.create_task(_ended(first.request(request)))
            await until(lambda: site.asked)
            first.abort()
            second = await site.client(name="desk")
            repeat = group.create_task(second.request(request))
            other = await second.request(Request(Kind.HOLD_CALL, DeviceNumber("8001"), idempotency_key="once"))
            assert other.code == Code.MALFORMED
            released.set()
        assert lost.result() is Code.CONNECTION_LOST
        assert repeat.result().text == "call to 8002"
        assert (await second.request(request)).text == "call to 8002"
        assert len(site.asked) == 1
        await second.close()


async def _ended(request: object) -> Code:
    try:
        await request  # type: ignore[misc]
    except SessionEnded as error:
        return error.code
    raise AssertionError("the request was answered")


async def test_a_request_too_many_is_told_so() -> None:
    released = asyncio.Event()

    async def answer(_: Command) -> Outcome:
        await released.wait()
        return Outcome()

    async with serving(ServerLimits(requests_outstanding_max=1)) as site, raw_client(site) as raw:
        site.answer = answer
        await raw.open()
        from protocol.requests import pack_request

        body = pack_request(Request(Kind.ANSWER_CALL, DeviceNumber("8001")))
        raw.say(Kind.ANSWER_CALL, 1, body)
        raw.say(Kind.ANSWER_CALL, 2, body)
        frame = await raw.frame()
        assert frame is not None
        reply = read_reply(frame.body)
        assert (frame.number, getattr(reply, "code", None)) == (2, Code.TOO_MANY_REQUESTS)
        released.set()
        frame = await raw.frame()
        assert frame is not None
        assert frame.number == 1
        assert FrameReader(BODY_BYTES_MAX_SERVER).problem is None
