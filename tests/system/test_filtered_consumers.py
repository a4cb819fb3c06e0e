"""Consumers with random device filters come, go, and resume at random numbers: each holds the owner's filtered state.

Live: a gateway under load, which itself is stopped in order or killed now and then. What a consumer's mirror was at
random numbers is held against what the unfiltered stream had made of the whole state at those numbers, filtered.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from model.events import DeviceEvent, Event
from model.ids import DeviceNumber, EventId
from model.mirror import Mirror
from model.view import Snapshot
from protocol.client import Address, EventSeen, Gap, Item, PositionSeen, SnapshotTaken, UlpClient, follow
from protocol.errors import UlpError
from protocol.filters import filtered
from protocol.kinds import Role
from protocol.limits import FILTER_DEVICES_MAX
from protocol.messages import Hello
from runtime.tasks import Spawn
from tests.system.disturbed_site import SETTLE_SECONDS_MAX, DisturbedSite, disturbed_site
from tests.waiting import until, until_told

EXTENSIONS = [str(number) for number in range(1000, 2000)]
DEVICES = [*EXTENSIONS, *(f"T{number:03}" for number in range(1, 201)), "6000"]
OTHERS = ["4711", *(f"013900000{number:03}" for number in range(1, 60))]
"""Nobody's number, and callers from outside: a filter may name them too."""
FILTER_SIZES = (0, 1, 3, 10, 50, 300, FILTER_DEVICES_MAX)
SESSION_EVENTS = (20, 2_500)
"""Of the whole stream, from a consumer's coming to its going."""
ROUND_EVENTS = 1_500
SAMPLES_EACH = 60
"""Of each consumer's mirror, evenly over all that it was."""
KEEP_SHARE = 0.01
KEPT_MAX = 20
"""Places to go back to: of the last two thousand items or so."""


@dataclass
class Owner:
    """Everything that the unfiltered stream says, over every restart of the gateway."""

    opening: Snapshot | None = None
    events: list[Event] = field(default_factory=list)
    number: int = 0

    async def listen(self, server: Address) -> None:
        """For ever."""
        async for item in follow([server], Hello("owner", Role.CONSUMER), jitter=random.random, schedule=(0.1,)):
            assert not isinstance(item, Gap), item
            if isinstance(item, SnapshotTaken):
                assert self.opening is None, "a second snapshot: something was lost"
                self.opening = item.snapshot
                self.number = item.snapshot.number
            elif isinstance(item, EventSeen):
                assert item.event.number == self.number + 1
                self.events.append(item.event)
                self.number += 1

    def states(self, numbers: Iterable[int]) -> dict[int, Snapshot]:
        """The whole state at each of these numbers."""
        assert self.opening is not None
        wanted = set(numbers)
        mirror = Mirror(self.opening)
        found = {mirror.number: mirror.snapshot()}
        for event in self.events:
            mirror.apply(event)
            if event.number in wanted:
                found[event.number] = mirror.snapshot()
        return found


@dataclass
class Consumer:
    """One with a filter. ``kept`` are places that it may go back to, ``samples`` what is held against the owner's
    state; in both its mirror as it was at the snapshot's number."""

    wanted: frozenset[str]
    server: Address
    spawn: Spawn
    dice: Random
    mirror: Mirror | None = None
    epoch: int = 0
    kept: list[Snapshot] = field(default_factory=list)
    samples: list[Snapshot] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)
    items: int = 0

    async def come_and_go(self, owner: Owner, is_over: Callable[[], bool]) -> None:
        """One session after the other, each for a random stretch of the stream."""
        while not is_over():
            leaves_at = owner.number + self.dice.randrange(*SESSION_EVENTS)
            await self._session(lambda: is_over() or owner.number >= leaves_at)  # noqa: B023

    async def catch_up(self, last: int) -> None:
        """Resume once more, and stay until a number is reached; the last sample is of there."""
        await self._session(lambda: self.mirror is not None and self.mirror.number >= last)
        assert self.mirror is not None
        assert self.mirror.number >= last
        self.samples.append(self.mirror.snapshot())

    async def _session(self, is_enough: Callable[[], bool]) -> None:
        client = await connected(self.server)
        self._begin(client)
        listening = self.spawn(self._listen(client), name="filtered consumer")
        await until(lambda: listening.done() or is_enough(), seconds_max=SETTLE_SECONDS_MAX)
        if self.dice.random() < 0.5:
            client.abort()
        else:
            client.leave()
        await asyncio.wait({listening})

    def _begin(self, client: UlpClient) -> None:
        """Anew, at the last place, or at a former one with the mirror as it was there."""
        how = "anew" if self.mirror is None else self.dice.choice(("last", "last", "former", "anew"))
        if how == "anew":
            self.mirror = None
        elif how == "former" and self.kept:
            self.mirror = self._mirror(self.dice.choice(self.kept))
        self.begun[how] += 1
        client.subscribe(None if self.mirror is None else EventId(self.epoch, self.mirror.number), self.wanted)

    async def _listen(self, client: UlpClient) -> None:
        try:
            async for item in client.items():
                self._take(item)
        except UlpError:
            return  # it has left, or the gateway has

    def _take(self, item: Item) -> None:
        assert not isinstance(item, Gap), item
        if isinstance(item, SnapshotTaken):
            self.epoch = item.epoch
            assert item.snapshot == filtered(item.snapshot, self.wanted), "more than was asked for"
            self.mirror = self._mirror(item.snapshot)
        elif self.mirror is not None and isinstance(item, EventSeen):
            assert item.event.number > self.mirror.number
            self.mirror.apply(item.event)
        elif self.mirror is not None and isinstance(item, PositionSeen):
            self.mirror.number = item.number
        else:
            return
        self._sample()

    def _sample(self) -> None:
        """Each mirror that it ever was has the same chance to be among the samples; places are kept of late only, or
        the whole stream would be read again and again."""
        self.items += 1
        assert self.mirror is not None
        at = self.dice.randrange(self.items)
        if len(self.samples) < SAMPLES_EACH:
            self.samples.append(self.mirror.snapshot())
        elif at < SAMPLES_EACH:
            self.samples[at] = self.mirror.snapshot()
        if self.dice.random() < KEEP_SHARE:
            self.kept.append(self.mirror.snapshot())
            del self.kept[:-KEPT_MAX]

    def _mirror(self, snapshot: Snapshot) -> Mirror:
        return Mirror(snapshot, frozenset(map(DeviceNumber, self.wanted)))


async def connected(server: Address) -> UlpClient:
    """A session, as soon as there is a gateway."""
    found: list[UlpClient] = []

    async def is_there() -> bool:
        try:
            found.append(await UlpClient.connect(server, Hello("filtered", Role.CONSUMER)))
        except UlpError:
            return False
        return True

    await until_told(is_there, seconds_max=SETTLE_SECONDS_MAX)
    return found[0]


async def disturb(site: DisturbedSite, dice: Random) -> None:
    """What changes devices, and what makes everybody resume."""
    for number in dice.sample(EXTENSIONS, 20):
        await site.switch.ask_switch(f"dnd {number} {dice.choice(('on', 'off'))}")
    names = "\n".join(f"EXT {number} name=name{dice.randrange(1000)}" for number in dice.sample(EXTENSIONS, 900))
    port_cfg = site.folder / "port.cfg"
    others = [line for line in port_cfg.read_text("utf-8").splitlines() if not line.startswith("EXT")]
    port_cfg.write_text("\n".join([*others, *sorted(names.splitlines())]) + "\n", "utf-8")
    assert site.gateway is not None
    what = dice.choice(("reload", "stop", "kill"))
    if what == "reload":
        site.gateway.signal(signal.SIGHUP)
        return
    await (site.stop_gateway() if what == "stop" else site.kill_gateway())
    await site.start_gateway()


def some_devices(dice: Random) -> frozenset[str]:
    """A filter."""
    return frozenset(dice.sample(DEVICES + OTHERS, dice.choice(FILTER_SIZES)))


async def course(folder: Path, consumers: int, rounds: int, seed: int) -> str:
    """So many consumers come and go for so many rounds; what was found, in words."""
    print(f"seed {seed}")
    dice = Random(seed)
    owner = Owner()
    is_over: list[bool] = []
    async with disturbed_site(folder) as site:
        listening = site.spawn(owner.listen(site.server), name="owner")
        await until(lambda: owner.opening is not None)
        some = [Consumer(some_devices(dice), site.server, site.spawn, Random(dice.random())) for _ in range(consumers)]
        lives = [site.spawn(one.come_and_go(owner, lambda: bool(is_over)), name="coming and going") for one in some]
        try:
            for _ in range(rounds):
                wanted = owner.number + ROUND_EVENTS
                await until(lambda: owner.number >= wanted, seconds_max=SETTLE_SECONDS_MAX)  # noqa: B023
                await disturb(site, dice)
            await site.up()
        finally:
            is_over.append(True)
            await asyncio.wait(lives)
        last = owner.number
        for one in some:
            await one.catch_up(last)
        last = max(sample.number for one in some for sample in one.samples)
        await until(lambda: owner.number >= last, seconds_max=SETTLE_SECONDS_MAX)
        listening.cancel()
        await asyncio.wait({listening})
    return f"seed {seed}, rounds {rounds}, " + compared(owner, some)


def compared(owner: Owner, consumers: list[Consumer]) -> str:
    """Every sample with the owner's state at its number, filtered; what was compared, in words."""
    states = owner.states(sample.number for one in consumers for sample in one.samples)
    count = calls = 0
    for one in consumers:
        for sample in one.samples:
            # In a storm of subscriptions a snapshot may be older than the first that the owner got.
            if sample.number >= owner.events[0].number:
                assert sample == filtered(states[sample.number], one.wanted), (sorted(one.wanted), sample.number)
                count += 1
                calls += len(sample.calls)
    begun = sum((one.begun for one in consumers), Counter())
    return (
        f"consumers {len(consumers)} with filters of {sorted(len(one.wanted) for one in consumers)} devices, sessions "
        f"{begun.total()} ({dict(begun)}), events {len(owner.events)}, of which "
        f"{sum(isinstance(event, DeviceEvent) for event in owner.events)} of devices, mirrors compared {count} with "
        f"{calls} calls, different 0"
    )


@pytest.mark.timeout(300)
async def test_eight_filtered_consumers(tmp_path: Path) -> None:
    print(await course(tmp_path, consumers=8, rounds=4, seed=51))


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_twelve_filtered_consumers(tmp_path: Path) -> None:
    print(await course(tmp_path, consumers=12, rounds=20, seed=52))
