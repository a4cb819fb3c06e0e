"""Mutated and random frames from the switch's side: no crash, nothing left behind, and the link comes back.

Half is played against a session without a socket, so that every byte is seen; half through TCP with the call model
behind it. The long form (`-m deep`) is ten thousand frames and more; the seed is printed by the failing test's name.
"""

import asyncio
import gc
import random
import tracemalloc
from collections.abc import Callable

import pytest

from gateway.links.csta_xml.framing import frame
from gateway.links.csta_xml.messages import (
    ApplicationSessionTerminated,
    CallEventKind,
    MonitorStop,
    SnapshotDeviceData,
    SwitchingFunctionDevices,
    SystemStatus,
    SystemStatusValue,
)
from runtime.tasks import tasks_left
from tests.gateway.links.csta_xml.far_end import FarEnd, Stage, event
from tests.gateway.links.csta_xml.linked import Linked, linked
from tests.waiting import until

SHORT, LONG = 2_000, 10_000
BYTES_KEPT_MAX = 3_000_000
"""What may remain after thousands of frames: caches, the log, calls that mutated events began."""
BREAKING_SHARE = 0.001
"""Of the frames through a link: each costs a connection, and then the link waits longer and longer."""
DEVICES = ("8001", "8002", "8003", "T001", "13800001111", "")

Mutation = Callable[[random.Random, bytes], bytes]


def flipped(rng: random.Random, frame_: bytes) -> bytes:
    """Some bits differ."""
    changed = bytearray(frame_)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def body_flipped(rng: random.Random, frame_: bytes) -> bytes:
    """Some bytes of the body differ, the header fits."""
    body = bytearray(frame_[8:])
    for _ in range(rng.randint(1, 4)):
        body[rng.randrange(len(body))] = rng.choice(b"<>/&\"'0x \x80\xff")
    return frame(int(frame_[4:8]), bytes(body))


def cut_short(rng: random.Random, frame_: bytes) -> bytes:
    """The body ends early, the header fits."""
    return frame(int(frame_[4:8]), frame_[8 : rng.randrange(8, len(frame_))])


def repeated(rng: random.Random, frame_: bytes) -> bytes:
    return frame_ * rng.randint(2, 5)


def renumbered(rng: random.Random, frame_: bytes) -> bytes:
    return frame(rng.randrange(10_000), frame_[8:])


def swapped_words(rng: random.Random, frame_: bytes) -> bytes:
    """Well-formed, with an element's text or a name exchanged."""
    old, new = rng.choice(
        [
            (b"<callID>", b"<callID>9"),
            (b"Event", b"Response"),
            (b"M800", b"M900"),
            (b"deviceIdentifier", b"notKnown"),
            (b"connected", b"null"),
            (b"8002", "８００２".encode()),
        ]
    )
    return frame(int(frame_[4:8]), frame_[8:].replace(old, new))


def random_bytes(rng: random.Random, _: bytes) -> bytes:
    return rng.randbytes(rng.randint(1, 400))


def random_body(rng: random.Random, _: bytes) -> bytes:
    return frame(rng.randrange(10_000), rng.randbytes(rng.randint(0, 400)))


def untouched(_: random.Random, frame_: bytes) -> bytes:
    return frame_


KEEPING_FRAMES: tuple[Mutation, ...] = (
    body_flipped, cut_short, repeated, renumbered, swapped_words, random_body, untouched,
)  # fmt: skip
BREAKING_FRAMES: tuple[Mutation, ...] = (flipped, random_bytes)


def sound_frame(rng: random.Random, far_end: FarEnd) -> bytes:
    """A message that a switch could send, now or at another time."""
    draw = rng.random()
    if draw < 0.8:
        kind = rng.choice(list(CallEventKind)).name
        return far_end.says(
            event(
                kind,
                rng.choice(DEVICES[:4]),
                f"{rng.randrange(40)}:{rng.choice(DEVICES)}",
                calling=rng.choice(DEVICES),
                called=rng.choice(DEVICES),
            )
        )
    invoke_id = rng.randrange(9_999)
    if draw < 0.9:
        return far_end.says(SystemStatus(system_status=rng.choice(list(SystemStatusValue))), invoke_id)
    if draw < 0.94:
        return far_end.says(MonitorStop(f"M{rng.choice(DEVICES[:4])}"), invoke_id)
    if draw < 0.9995:
        segments = rng.choice([SnapshotDeviceData, SwitchingFunctionDevices])
        return far_end.says(segments(f"X{rng.randrange(9)}", rng.randrange(4), rng.random() < 0.5), invoke_id)
    return far_end.says(ApplicationSessionTerminated("S1", "resourceLimitation"))


def mutated(rng: random.Random, far_end: FarEnd, mutations: tuple[Mutation, ...]) -> bytes:
    return rng.choice(mutations)(rng, sound_frame(rng, far_end))


def play_sessions(seed: int, count: int) -> None:
    """Frames against sessions; one that has ended is followed by another."""
    rng = random.Random(seed)
    stage: Stage | None = None
    sessions = 0
    for _ in range(count):
        if stage is None or stage.session.ended is not None:
            stage = Stage(port_cfg="EXT 8001-8003;;TRUNK T001").up()
            sessions += 1
        mutations = BREAKING_FRAMES if rng.random() < 0.01 else KEEPING_FRAMES
        stage.say_raw(mutated(rng, stage.far_end, mutations))
        if rng.random() < 0.2:
            stage.pass_seconds(rng.random() * 5)
    assert sessions > 1


async def play_link(site: Linked, seed: int, count: int) -> None:
    """Frames through TCP, in bursts; the switch says between them that it is well."""
    rng = random.Random(seed)
    sent = 0
    while sent < count:
        await until(lambda: site.connection is not None and site.connection.is_open)
        assert site.connection is not None
        assert site.connection.transport is not None
        for _ in range(50):
            mutations = BREAKING_FRAMES if rng.random() < BREAKING_SHARE else KEEPING_FRAMES
            site.connection.transport.write(mutated(rng, site.far_end, mutations))
            sent += 1
        await asyncio.sleep(0)


async def link_survives(seed: int, count: int) -> None:
    before = tasks_left()
    async with linked(port_cfg="EXT 8001-8003;;TRUNK T001") as site:
        await site.until_up()
        await play_link(site, seed, count // 10)  # what is made once and kept
        gc.collect()
        tracemalloc.start()
        try:
            await play_link(site, seed + 1, count)
            assert site.connection is not None
            assert site.connection.transport is not None
            site.connection.transport.abort()
            site.far_end.heard.clear()
            site.events.clear()
            connections = site.connections
            await until(lambda: site.connections > connections and site.model.link.state.is_up, seconds_max=30)
            gc.collect()
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < BYTES_KEPT_MAX
        assert not [alarm for alarm in site.alarms if alarm.startswith("link_failed")]
        assert site.link is not None
        assert site.link.counts["links_failed"] == 0
        assert len(tasks_left()) == len(before) + 1  # the link's own
    print(f"{count} frames, {site.connections} connections, {kept} bytes kept, {dict(site.link.counts)}")


@pytest.mark.parametrize("seed", [1])
def test_two_thousand_frames_against_sessions(seed: int) -> None:
    play_sessions(seed, SHORT)


@pytest.mark.parametrize("seed", [1])
async def test_two_thousand_frames_through_a_link(seed: int) -> None:
    await link_survives(seed, SHORT)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(5))
def test_ten_thousand_frames_against_sessions(seed: int) -> None:
    play_sessions(seed, LONG)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(3))
async def test_ten_thousand_frames_through_a_link(seed: int) -> None:
    await link_survives(seed, LONG)
