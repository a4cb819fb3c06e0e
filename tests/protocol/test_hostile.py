"""Random and mutated frames at a live port: a coded answer or a closed session; no crash, no task, no memory left."""

import asyncio
import gc
import random
import tracemalloc

import pytest

from model.ids import DeviceNumber, EventId
from protocol.frame import pack_frame
from protocol.kinds import Kind, Role
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe
from protocol.requests import Request, pack_request
from runtime.tasks import tasks_left
from tests.protocol.running import RawClient, Site, raw_client, serving
from tests.protocol.samples import EPOCH, call_id
from tests.waiting import until

FRAMES_SHORT = 1_000
FRAMES_DEEP = 10_000
FRAMES_EACH = 10
"""Frames that one connection sends, unless it is closed before."""

MEMORY_BYTES_MAX = 2_000_000
"""What may be held after thousands of hostile frames beyond what was held after the first hundreds: caches, no leak."""

GOOD = [
    pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("hostile", Role.ADMIN, DeviceNumber("8001")))),
    pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())),
    pack_frame(Kind.SUBSCRIBE, 1, 2, pack_subscribe(Subscribe(EventId(EPOCH, 3), frozenset({"8001"})))),
    pack_frame(Kind.MAKE_CALL, 0, 3, pack_request(Request(Kind.MAKE_CALL, DeviceNumber("8001"), call_id(1), "8002"))),
    pack_frame(Kind.QUERY_DEVICE, 0, 4, pack_request(Request(Kind.QUERY_DEVICE, DeviceNumber("8001")))),
    pack_frame(Kind.QUERY_SESSIONS, 0, 5, pack_request(Request(Kind.QUERY_SESSIONS))),
    pack_frame(Kind.SET_LOG_LEVEL, 0, 6, pack_request(Request(Kind.SET_LOG_LEVEL, level="debug"))),
    pack_frame(Kind.HEARTBEAT, 0, 0),
]


def hostile_frame(dice: random.Random) -> bytes:
    """A random frame, a good one with some bytes changed, or a piece of one."""
    sort = dice.randrange(4)
    if sort == 0:
        return dice.randbytes(dice.randrange(1, 80))
    if sort == 1:
        return pack_frame(dice.randrange(0x400), dice.randrange(3), dice.randrange(1 << 64), dice.randbytes(40))
    frame = bytearray(dice.choice(GOOD))
    if sort == 2:
        for _ in range(dice.randrange(1, 4)):
            frame[dice.randrange(len(frame))] = dice.randrange(256)
        return bytes(frame)
    return bytes(frame[: dice.randrange(1, len(frame) + 1)])


async def attack(site: Site, frames: int, dice: random.Random) -> None:
    """Send frames over many connections, some of them opened properly first."""
    sent = 0
    while sent < frames:
        async with raw_client(site) as raw:
            if dice.random() < 0.7:
                await raw.open(name=f"hostile {sent}")
            for _ in range(FRAMES_EACH):
                raw.writer.write(hostile_frame(dice))
                sent += 1
            raw.writer.write_eof()
            await read_to_the_end(raw)
        site.publish_many(1)


async def read_to_the_end(raw: RawClient) -> None:
    try:
        while await raw.frame() is not None:
            continue
    except ConnectionError:
        return


async def survive(frames: int, seed: int) -> None:
    dice = random.Random(seed)
    async with serving() as site:
        witness = await site.client(Role.CONSUMER, name="witness")
        witness.subscribe()
        await attack(site, frames // 10, dice)
        await until(lambda: site.server.session_count == 1)
        tasks = tasks_left()
        gc.collect()
        tracemalloc.start()
        try:
            await attack(site, frames, dice)
            await until(lambda: site.server.session_count == 1)
            gc.collect()
            assert tracemalloc.get_traced_memory()[0] < MEMORY_BYTES_MAX
        finally:
            tracemalloc.stop()
        assert tasks_left() == tasks
        assert site.server.stream.audiences == 1
        last = site.server.stream.last
        await until(lambda: witness.place == EventId(EPOCH, last))
        await witness.close()


async def test_hostile_frames_leave_nothing_behind() -> None:
    await survive(FRAMES_SHORT, seed=1)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(2, 5))
async def test_ten_thousand_hostile_frames(seed: int) -> None:
    await survive(FRAMES_DEEP, seed)


async def test_a_flood_in_one_piece_does_not_hold_up_the_others() -> None:
    async with serving() as site, raw_client(site) as raw:
        witness = await site.client(Role.ADMIN, name="witness")
        await raw.open()
        raw.writer.write(pack_frame(0x01FF, 0, 9) * 20_000)
        async with asyncio.timeout(10):
            for _ in range(20):
                reply = await witness.request(Request(Kind.QUERY_LINK))
                assert reply.link == site.owner.state.link
        await witness.close()
