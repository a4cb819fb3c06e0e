"""Ten thousand mutated and random frames at the simulated switch: an answer or a closed conversation, never a crash."""

import random

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build
from gateway.links.csta_xml.framing import Deframer, Frame, frame
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.snapshots import call_table
from simulator.switch_site import Site
from tests.simulator.conversation import PLAN, QUIET
from tests.simulator.test_emitted import SERVICES

FRAMES = 10_000
CLIENT_FRAMES = 25
"""Frames of one client before it leaves; most hostile ones are cut earlier."""


def mutated(chance: random.Random) -> bytes:
    """A request with some of its bytes changed, in header or body; or random bytes in a right or wrong frame."""
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(60))
    if kind < 0.2:
        return frame(chance.randrange(10_000), chance.randbytes(chance.randrange(200)))
    framed = bytearray(frame(chance.randrange(10_000), build(chance.choice(SERVICES))))
    for _ in range(chance.randrange(4)):
        position = chance.randrange(0 if kind < 0.4 else 8, len(framed))
        framed[position : position + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    if kind >= 0.4:
        framed[2:4] = len(framed).to_bytes(2, "big")
    return bytes(framed)


def test_frames_of_hostile_clients() -> None:
    chance = random.Random(20)
    site = Site(PLAN, Habits(keep_alive_seconds=None), QUIET, Faults(), 1)
    answers = closed = 0
    client: int | None = None
    deframer = Deframer()
    for number in range(FRAMES):
        now_us = number * 10_000
        if client is None:
            client = site.connect(now_us)
            assert client is not None
        site.receive(client, mutated(chance), now_us)
        site.pass_time(now_us)
        answers += sum(isinstance(item, Frame) for item in deframer.receive(b"".join(site.take_writes(client))))
        assert not deframer.broken
        closed += not site.is_open(client)
        if not site.is_open(client) or chance.random() < 1 / CLIENT_FRAMES:
            site.disconnect(client)
            client = None
            deframer = Deframer()
    assert answers > FRAMES / 10
    assert closed > FRAMES / 20
    if client is not None:
        site.disconnect(client)
    assert (site.clients, len(site.switch.monitors)) == ([], 0)
    good = site.connect(FRAMES * 10_000)
    assert good is not None
    site.receive(good, frame(1, build(m.RequestSystemStatus())), FRAMES * 10_000)
    assert site.take_writes(good)
    assert all(states for states in call_table(site.switch).values())
