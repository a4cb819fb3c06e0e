"""Gateway, consumer or both are killed at any instant under load: the consumer misses nothing and counts nothing twice.

Real processes, ``kill -9``. The consumer's record of the stream has every number once; its calls are the switch's own,
but for those that lived only while no gateway was there to hear of them.
"""

import asyncio
import json
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from protocol.client import Address
from runtime.tasks import Spawn, owned_by
from tests.peers.asterisk import free_tcp_port
from tests.system.csta_site import CstaSite
from tests.waiting import until, until_told
from ultra.demo_checks import gateway_snapshot
from ultra.demo_site import DemoSite
from ultra.processes import Child
from ultra.site_processes import log_entry, start_gateway

SITE = DemoSite(("1000-1999",), 1_000, 200)
TRAFFIC = ("--calls-per-second", "200", "--mean-ring-seconds", "0.7", "--mean-talk-seconds", "1.3", "--seed", "3")
"""A call lives for two seconds."""
LINES_BETWEEN_MAX = 1_500
"""Of the record, from one kill to the next: a kill meets a start, a catch-up, or plain traffic."""
LAG_US = 1_000_000
"""What a gateway under this load may lag behind the switch: what is on its way when it is killed nobody has heard."""
START_SECONDS_MAX = 60.0
SETTLE_SECONDS_MAX = 60.0


@dataclass
class Site:
    """The three processes; ``outages`` are the switch's times from a gateway's death to its successor's link."""

    switch: CstaSite
    config: Path
    server: Address
    record: Path
    spawn: Spawn
    log: list[dict[str, Any]] = field(default_factory=list)
    outages: list[tuple[int, int]] = field(default_factory=list)
    gateway: Child | None = None
    consumer: Child | None = None
    _died_us: int | None = 0

    async def start_gateway(self) -> None:
        self.gateway, listening = await start_gateway(self.config, self.spawn, self._hear)
        async with asyncio.timeout(START_SECONDS_MAX):
            await listening

    def _hear(self, line: str) -> None:
        self.log.append(log_entry(line))

    async def start_consumer(self) -> None:
        arguments = [str(self.server), str(self.record)]
        self.consumer = await Child.start("consumer", "tests.system.keeping_consumer", arguments, self.spawn,
                                          output=print, errors=lambda line: print(line, file=sys.stderr))  # fmt: skip

    async def kill_gateway(self) -> None:
        if self._died_us is None:
            self._died_us = await self.now_us()
        await kill(self.gateway)

    async def is_up(self) -> bool:
        """Whether the gateway that runs now holds what the switch holds; an outage ends there."""
        ups = [one for one in self.log if one["event"] == "link_changed" and one.get("state") == "up"]
        starts = [at for at, one in enumerate(self.log) if one["event"] == "gateway_started"]
        if not ups or self.log.index(ups[-1]) < starts[-1]:
            return False
        if self._died_us is not None:
            self.outages.append((self._died_us, await self.now_us()))
            self._died_us = None
        return True

    async def now_us(self) -> int:
        """The switch's clock."""
        return (await self.switch.ask_switch("counts"))["now_us"]  # type: ignore[return-value]

    async def more_lines(self, count: int) -> None:
        """Wait until the record has grown by so many."""
        wanted = self.lines() + count
        await until(lambda: self.lines() >= wanted, seconds_max=START_SECONDS_MAX)

    def lines(self) -> int:
        return self.record.read_bytes().count(b"\n") if self.record.exists() else 0


async def kill(child: Child | None) -> None:
    assert child is not None
    child.signal(signal.SIGKILL)
    await child.wait()


async def course(folder: Path, rounds: int, seed: int) -> str:
    """So many kills, then quiet; what was found, in words."""
    dice = Random(seed)
    async with asyncio.TaskGroup() as group:
        spawn = owned_by(group)
        switch = CstaSite(folder, SITE, TRAFFIC, spawn)
        site = Site(switch, Path(), Address("127.0.0.1", free_tcp_port()), folder / "record.jsonl", spawn)
        try:
            await switch.start_switch()
            site.config = switch.write_files("silence_seconds = 5.0\noutstanding_requests = 200\n")
            text = site.config.read_text("utf-8").replace("127.0.0.1:0", str(site.server))
            site.config.write_text(text, "utf-8")
            await site.start_gateway()
            await site.start_consumer()
            await until_told(site.is_up, seconds_max=SETTLE_SECONDS_MAX)
            kills: Counter[str] = Counter()
            for _ in range(rounds):
                await site.more_lines(dice.randrange(1, LINES_BETWEEN_MAX))
                victim = dice.choice(("gateway", "consumer", "both"))
                kills[victim] += 1
                await site.is_up()
                if victim != "consumer":
                    await site.kill_gateway()
                if victim != "gateway":
                    await kill(site.consumer)
                if victim != "consumer":
                    await site.start_gateway()
                if victim != "gateway":
                    await site.start_consumer()
            await until_told(site.is_up, seconds_max=SETTLE_SECONDS_MAX)
            site.outages.append((await site.now_us(), 0))  # the end of what is judged
            await switch.ask_switch("traffic off")
            await until_told(lambda: is_quiet(site), seconds_max=SETTLE_SECONDS_MAX)
            account: dict[str, Any] = await switch.ask_switch("account")
            last = (await gateway_snapshot(site.server))[0].number
            await until(lambda: last_line(site.record)["number"] >= last, seconds_max=SETTLE_SECONDS_MAX)
        except BaseException:
            print(*site.log[-30:], site.outages, sep="\n", file=sys.stderr)  # whatever failed, this explains it
            raise
        finally:
            for child in (site.consumer, site.gateway):
                if child is not None:
                    await child.stop(10.0)
            await switch.stop_switch()
        faults = [one for one in site.log if one["level"] in ("error", "critical")]
        assert faults == [], [one["event"] for one in site.log if one["level"] in ("error", "critical", "text")]
        return judged(site, rounds, kills, account["calls"])


async def is_quiet(site: Site) -> bool:
    counts: dict[str, Any] = await site.switch.ask_switch("counts")
    _, snapshot = await gateway_snapshot(site.server)
    return counts["live"] == 0 and counts["stories"] == 0 and snapshot.link.state.is_up and not snapshot.calls


def last_line(record: Path) -> dict[str, Any]:
    with record.open("rb") as file:
        file.seek(max(0, record.stat().st_size - 1024 * 1024))
        return dict(json.loads(file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]))


def judged(site: Site, rounds: int, kills: Counter[str], account: list[dict[str, Any]]) -> str:
    """Hold the record against itself and against the switch's account."""
    lines = [json.loads(line) for line in site.record.read_bytes().splitlines()]
    opening, *events = lines
    assert opening["kind"] == "snapshot"
    assert {one["kind"] for one in events}.isdisjoint({"snapshot", "gap"}), "nothing was lost that had to be made up"
    assert {one["epoch"] for one in lines} == {opening["epoch"]}, "one epoch through every restart"
    numbers = [one["number"] for one in events]
    assert numbers == list(range(opening["number"] + 1, opening["number"] + 1 + len(events))), "every number once"
    switch_ids: dict[str, str] = {call_id: switch_id for switch_id, call_id in opening["calls"].items()}
    ended: Counter[str] = Counter()
    for event in events:
        for call in event.get("calls", ()):
            assert not ended[call["call_id"]], "a call that has ended is heard of no more"
            switch_ids[call["call_id"]] = call["switch_call_id"]
            ended[call["call_id"]] += call["ended"]
    assert set(+ended) == set(switch_ids), "every call begun has ended"
    assert max(ended.values()) == 1
    known = Counter(switch_ids.values())
    assert max(known.values()) == 1, "no call lived under two ids"
    theirs = {call["call_id"]: call for call in account}
    assert known.keys() <= theirs.keys(), "no call that the switch never had"
    unseen = [one for name, one in theirs.items() if name not in known]
    heard = [(up_us, died_us) for (_, up_us), (died_us, _) in pairwise(site.outages)]
    overlooked = [one for one in unseen for a, b in heard if min(one["ended_us"], b) - max(one["began_us"], a) > LAG_US]
    assert overlooked == [], f"calls that a gateway should have heard of, between {site.outages}"
    return (
        f"rounds {rounds}, kills {dict(kills)}, events {len(events)}, calls {len(known)}, lost 0, doubled 0, "
        f"calls that lived only while nobody heard {len(unseen)}"
    )


@pytest.mark.timeout(240)
async def test_eight_kills(tmp_path: Path) -> None:
    print(await course(tmp_path, 8, seed=1))


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_a_hundred_kills(tmp_path: Path) -> None:
    print(await course(tmp_path, 100, seed=2))
