"""Consumers with random filters of agents, queues and devices come, go, and resume at random numbers at a live stream
of a CTI server: each holds the owner's filtered state.

The stream is served by ``ultra feed``, a process of its own, which is fed while they listen. The mirrors that they had
are held against the whole state at the same numbers, filtered.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from model.centre import CentreSnapshot
from model.centre_events import Concern, ConcernKind
from model.centre_mirror import CentreMirror
from model.ids import EventId
from protocol.client import (
    Address,
    CentreEventSeen,
    CentreSnapshotTaken,
    Gap,
    Item,
    PositionSeen,
    SubscriptionBegan,
    UlpClient,
)
from protocol.filters import centre_filtered
from protocol.json_form import event_json, json_line
from protocol.kinds import Role
from protocol.messages import Hello
from tests.protocol.centre_samples import NAMES, CentreWorld, as_filter
from tests.ultra.test_feed import feeding

EPOCH = 7
ROUND_EVENTS = 25
SECONDS_MAX = 60.0


@dataclass
class Consumer:
    """One with a filter; ``samples`` is its mirror after everything that came, by number."""

    wanted: frozenset[Concern]
    server: Address
    dice: Random
    mirror: CentreMirror | None = None
    samples: dict[int, CentreSnapshot] = field(default_factory=dict)
    begun: Counter[str] = field(default_factory=Counter)

    def named(self, kind: ConcernKind) -> frozenset[str]:
        return frozenset(name for what, name in self.wanted if what is kind)

    async def session(self, until_number: int) -> None:
        """Come at once or where it was before, and stay until the stream has got there."""
        client = await UlpClient.connect(self.server, Hello("filtered", Role.CONSUMER))
        after = None
        if self.samples and self.dice.random() < 0.7:
            number = self.dice.choice(sorted(self.samples))
            self.mirror, after = CentreMirror(self.samples[number], self.wanted), EventId(EPOCH, number)
        self.begun["anew" if after is None else "resumed"] += 1
        client.subscribe(
            after,
            self.named(ConcernKind.DEVICE) or None,
            agents=self.named(ConcernKind.AGENT),
            queues=self.named(ConcernKind.QUEUE),
        )
        if after is None:
            self.mirror = None
        async for item in client.items():
            self._take(item)
            if self.mirror is not None and self.mirror.number >= until_number:
                break
        client.abort() if self.dice.random() < 0.5 else client.leave()

    def _take(self, item: Item) -> None:
        assert not isinstance(item, Gap), item
        match item:
            case CentreSnapshotTaken(_, snapshot):
                self.mirror = CentreMirror(snapshot, self.wanted)
            case CentreEventSeen(_, event):
                assert self.mirror is not None
                self.mirror.apply(event)
            case PositionSeen(_, number):
                assert self.mirror is not None
                self.mirror.number = number
            case SubscriptionBegan():
                return
        assert self.mirror is not None
        self.samples[self.mirror.number] = self.mirror.snapshot()


async def course(consumers: int, rounds: int, seed: int) -> str:
    """So many consumers for so many rounds; what was compared, in words."""
    dice = Random(seed)
    world = CentreWorld()
    states = {0: world.state}
    async with feeding("-", errors=None) as (process, server), asyncio.timeout(SECONDS_MAX * rounds):
        assert process.stdin is not None
        some = [
            Consumer(frozenset(dice.sample(NAMES, dice.choice((1, 2, 4)))), server, Random(dice.random()))
            for _ in range(consumers)
        ]
        for _ in range(rounds):
            last = world.mirror.number + ROUND_EVENTS
            lives = [asyncio.ensure_future(one.session(last)) for one in some]
            for _ in range(ROUND_EVENTS):
                event = world.step(dice.choice)
                states[event.number] = world.state
                process.stdin.write((json_line(event_json(EPOCH, event)) + "\n").encode())
                await process.stdin.drain()
            await asyncio.gather(*lives)
    compared = held = 0
    for one in some:
        for number, sample in one.samples.items():
            assert sample == centre_filtered(states[number], as_filter(one.wanted)), (sorted(one.wanted), number)
            compared += 1
            held += len(sample.agents) + len(sample.visits) + len(sample.ivr_sessions)
    begun = sum((one.begun for one in some), Counter())
    kinds = Counter(kind.name.lower() for one in some for kind, _ in one.wanted)
    return (
        f"seed {seed}: consumers {consumers} with filters of {dict(kinds)}, sessions {begun.total()} ({dict(begun)}), "
        f"events {world.mirror.number}, mirrors compared {compared} with {held} agents, visits, sessions; different 0"
    )


async def test_eight_filtered_consumers() -> None:
    print(await course(consumers=8, rounds=4, seed=11))


@pytest.mark.deep
@pytest.mark.timeout(1_800)
async def test_twenty_four_filtered_consumers(capsys: pytest.CaptureFixture[str]) -> None:
    words = await course(consumers=24, rounds=30, seed=12)
    with capsys.disabled():
        print(f"\n{words}")
