"""Hours of traffic with everything that goes wrong on an ordinary day: memory and open files stay as they are, no task
is left over, and nobody misses an event.

The gateway as it is shipped, with its journal, at a simulated switch; subscribers come and go, go on where they were,
fall asleep; the link is cut; the figures are scraped. ``make deep`` runs it for an hour, ULTRA_SOAK_SECONDS says
otherwise.
"""

import asyncio
import os
import random
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.journal.limits import OPEN_READERS_MAX
from model.ids import DeviceNumber
from model.mirror import Mirror
from model.view import Call
from protocol.client import Address, UlpClient
from protocol.kinds import Kind, Role
from protocol.limits import IDEMPOTENCY_SECONDS, RING_EVENTS_MAX
from protocol.messages import Hello
from protocol.requests import Request
from runtime.tasks import Spawn, owned_by
from simulator.numbering import numbers_of
from tests.asking import get
from tests.system.csta_site import CstaSite
from tests.system.gateway_process import START_SECONDS_MAX, STOP_SECONDS_MAX
from tests.system.site_processes import start_gateway
from tests.system.soak.company import Company, Witness
from tests.system.soak.figures import Holding, folder_bytes, holding, open_files, slope_an_hour
from tests.waiting import until, until_told
from ultra.demo_checks import gateway_snapshot, snapshot_differences, table_differences
from ultra.demo_site import DemoSite
from ultra.demo_stage import log_entry
from ultra.processes import Child

SECONDS_SHORT, SECONDS_DEEP = 20.0, float(os.environ.get("ULTRA_SOAK_SECONDS", "3600"))
SITE = DemoSite(("1000-1399",), 400, 120)
TRAFFIC = ("--calls-per-second", "40", "--mean-ring-seconds", "2", "--seed", "7", "--mean-talk-seconds")
TALK_SECONDS, TALK_SECONDS_SHORT = 4, 1
VISITORS = 8
MEGABYTE = 1024**2
KEPT_BYTES, SEGMENT_BYTES = 8 * MEGABYTE, 1 * MEGABYTE
"""Of the journal: retention has something to do every half minute."""
STAY_EVENTS, STAY_EVENTS_SHORT = 2_000, 300
"""The longest stay of a subscriber: ten seconds; and in the short form."""
CUT_STAYS = 3
"""Between two troubles of the link: so many of the longest stays."""
SETTLE_SECONDS_MAX = 120.0
WARM_SECONDS = 2 * IDEMPOTENCY_SECONDS
"""Until then what is kept for a time is still becoming more, whatever the rate: of replies, ten minutes of them."""
LOGGED_LINES = 300

OWN_SLOPE_BYTES_MAX = 8 * MEGABYTE
"""An hour. Numbers of callers and texts of ended calls gather and are emptied, six megabytes in half an hour; a leak of
a kilobyte a call would be 150 MB."""
FILES_SLOPE_MAX = 6.0
"""An hour: sockets come and go; one lost with each cut link would be 90."""
SPAN_SECONDS = 600
"""Of the means by which memory's course is told."""
OVERSHOOT = 1.5
"""Of what is to be kept: retention looks once a minute, and deletes whole segments."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The gateway at one moment, ``seconds`` after the beginning."""

    seconds: float
    events: int
    held: Holding
    tasks: int
    connections: int
    journal_bytes: int


@dataclass
class Soak:
    """One gateway in its course: the processes, what was sampled, what it logged."""

    switch: CstaSite
    spawn: Spawn
    folder: Path
    samples: list[Sample] = field(default_factory=list)
    logged: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOGGED_LINES))
    faults: list[dict[str, Any]] = field(default_factory=list)
    gateway: Child = field(init=False)
    server: Address = field(init=False)
    witness: Witness = field(init=False)
    metrics_port: int = 0
    _listening: asyncio.Task[None] = field(init=False)

    async def start(self) -> None:
        """Gateway and witness, the link up."""
        config = self.switch.write_files("silence_seconds = 5.0\n")
        kept = f"segment_mb = {SEGMENT_BYTES // MEGABYTE}\nkeep_gb = {KEPT_BYTES / 1024**3}\n"
        text = config.read_text("utf-8").replace("[journal]\n", f"[journal]\n{kept}")
        config.write_text(text + '\n[metrics]\nlisten = "127.0.0.1:0"\n', "utf-8")
        self.gateway, listening = await start_gateway(config, self.spawn, self._hear)
        async with asyncio.timeout(START_SECONDS_MAX):
            self.server = await listening
        self.witness = Witness(self.server)
        self._listening = self.spawn(self.witness.listen(), name="witness")
        await until(lambda: self.witness.is_up, seconds_max=START_SECONDS_MAX)

    def _hear(self, line: str) -> None:
        entry = log_entry(line)
        self.logged.append(entry)
        if entry["level"] in ("error", "critical"):
            self.faults.append(entry)
        if entry["event"] == "metrics_listening":
            self.metrics_port = int(entry["listen"].rpartition(":")[2])

    async def figures(self) -> dict[str, float]:
        """The page of metrics, which may be half a second old."""
        return (await get(self.metrics_port, "/metrics")).values

    async def sample(self, seconds: float) -> Sample:
        """What the gateway holds and says now."""
        figures = await self.figures()
        return Sample(
            seconds,
            self.witness.number,
            holding(self.gateway.pid),
            int(figures["ultra_gateway_tasks"]),
            int(figures["ultra_gateway_connections"]),
            folder_bytes(self.folder / "var" / "journal"),
        )

    async def alone(self, seconds: float) -> Sample:
        """The same with nobody there but the witness; the sample is no part of a slope."""

        async def nobody_else() -> bool:
            return (await self.figures())["ultra_gateway_connections"] == 1

        await until_told(nobody_else, seconds_max=SETTLE_SECONDS_MAX)
        return await self.sample(seconds)

    async def watch(self, seconds: float, pause: float) -> None:
        """Sample for so long."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        never = asyncio.Event()
        while loop.time() < began + seconds:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await never.wait()
            self.samples.append(await self.sample(loop.time() - began))

    async def trouble(self, company: Company, dice: random.Random) -> None:
        """The link is cut by the switch, stopped and started by a person, the files are read anew."""
        while True:
            await self.witness.passed(dice.randrange(1, CUT_STAYS * company.stay_events))
            match dice.randrange(3):
                case 0:
                    await self._cut(company)
                case 1:
                    await company.tried(self._stop_and_start(company))
                case _:
                    self.gateway.signal(signal.SIGHUP)
                    company.did["reloads"] += 1
            await until(lambda: self.witness.is_up, seconds_max=SETTLE_SECONDS_MAX)

    async def _cut(self, company: Company) -> None:
        downs = self.witness.downs
        await self.switch.ask_switch("reset_links")
        await until(lambda: self.witness.downs > downs, seconds_max=SETTLE_SECONDS_MAX)
        company.did["link cuts"] += 1

    async def _stop_and_start(self, company: Company) -> None:
        client = await UlpClient.connect(self.server, Hello("operator", Role.ADMIN))
        assert (await client.request(Request(Kind.LINK_STOP))).accepted
        assert (await client.request(Request(Kind.LINK_START))).accepted
        await client.close()
        company.did["link stops"] += 1

    async def stop(self) -> int | None:
        """Witness and gateway end in order, whatever happened before; the gateway's exit code."""
        if hasattr(self, "_listening"):
            self._listening.cancel()
            await asyncio.wait({self._listening})
        return await self.gateway.stop(STOP_SECONDS_MAX) if hasattr(self, "gateway") else None

    async def quiet(self, company: Company) -> None:
        """Traffic has come to its end, what is left are calls that were asked for; then those end too, and three
        accounts say so: the witness's, the gateway's, the switch's."""
        await self.switch.ask_switch("traffic off")
        await until_told(self._no_story_runs, seconds_max=SETTLE_SECONDS_MAX)
        await company.tried(self._ask_and_go(*map(DeviceNumber, company.devices[:2])))
        try:
            await until_told(self._as_the_switch, seconds_max=SETTLE_SECONDS_MAX)
            for call in tuple(self._mirror.calls.values()):
                await company.tried(self._clear(call))
                company.did["calls left over"] += 1
            await until(lambda: not self._mirror.calls, seconds_max=SETTLE_SECONDS_MAX)
        except AssertionError:
            print("at the witness:", *self._mirror.calls.values(), sep="\n")
            print("at the switch:", await self.switch.ask_switch("table"))
            raise
        assert (await self.switch.ask_switch("table"))["calls"] == {}
        place, owner = await gateway_snapshot(self.server)
        await until(lambda: self.witness.number >= place.number)
        assert snapshot_differences(self._mirror.snapshot(), owner) == ()

    @property
    def _mirror(self) -> Mirror:
        assert self.witness.mirror is not None
        return self.witness.mirror

    async def _no_story_runs(self) -> bool:
        return bool((await self.switch.ask_switch("counts"))["stories"] == 0)

    async def _as_the_switch(self) -> bool:
        table = (await self.switch.ask_switch("table"))["calls"]
        return table_differences(self._mirror.calls.values(), table) == ()

    async def _ask_and_go(self, device: DeviceNumber, other: DeviceNumber) -> None:
        client = await UlpClient.connect(self.server, Hello("asker", Role.ADMIN))
        await client.request(Request(Kind.MAKE_CALL, device, destination=other))
        client.abort()

    async def _clear(self, call: Call) -> None:
        """Of a call that somebody asked for, who was cut off before he could end it."""
        client = await UlpClient.connect(self.server, Hello("operator", Role.ADMIN))
        there = next(one.device for one in call.connections if one.monitored)
        reply = await client.request(Request(Kind.CLEAR_CALL, there, call.call_id))
        assert reply.accepted, (reply, call)
        await client.close()


async def attend(soak: Soak, company: Company, seconds: float, pause: float) -> None:
    """Everybody for so long; then all but the witness go."""
    dice = random.Random(7)
    async with asyncio.TaskGroup() as group:
        goers = [company.tail, company.sleep, company.ask, company.guess]
        tasks = [group.create_task(one(random.Random(dice.random()))) for one in goers]
        tasks += [group.create_task(company.visit(random.Random(dice.random()))) for _ in range(VISITORS)]
        tasks.append(group.create_task(soak.trouble(company, dice)))
        await soak.watch(seconds, pause)
        for task in tasks:
            task.cancel()


async def course(
    folder: Path, seconds: float, pause: float, stay_events: int, talk_seconds: int
) -> tuple[Soak, Sample, Sample, str]:
    """The whole course: the soak, the gateway alone before and after it, and everything in a line."""
    async with asyncio.TaskGroup() as group:
        spawn = owned_by(group)
        switch = CstaSite(folder, SITE, (*TRAFFIC, str(talk_seconds)), spawn)
        soak = Soak(switch, spawn, folder)
        try:
            await switch.start_switch()
            await soak.start()
            devices = numbers_of(SITE.extensions[0])
            company = Company(soak.witness, soak.server, soak.metrics_port, folder, devices, spawn, stay_events)
            before = await soak.alone(0)
            await attend(soak, company, seconds, pause)
            await soak.quiet(company)
            after = await soak.alone(seconds)
            files = open_files(soak.gateway.pid)
            soak.gateway.signal(signal.SIGUSR1)
            await until(lambda: any(one["event"] == "task_shown" for one in soak.logged))
        except BaseException:
            print(*soak.logged, sep="\n")  # whatever failed, this explains it
            raise
        finally:
            exit_code = await soak.stop()
            await switch.stop_switch()
    assert exit_code == 0
    assert soak.faults == []
    assert soak.witness.mismatches == []
    print(*files, *(one["task"] for one in soak.logged if one["event"] == "task_shown"), sep="\n")
    return soak, before, after, in_words(soak, company, before, after)


def in_words(soak: Soak, company: Company, before: Sample, after: Sample) -> str:
    """What was found, in a line; slopes only of a run long enough to have one."""
    company.did["interruptions of the witness"] = soak.witness.interruptions
    did = ", ".join(f"{number} {what}" for what, number in sorted(company.did.items()))
    warm = warmed(soak.samples)
    largest = max(one.journal_bytes for one in soak.samples)
    rss, own, files = (
        f", slope {slope(warm, figure) / unit:+.2f}/h" if warm else ""
        for figure, unit in ((rss_bytes, MEGABYTE), (own_bytes, MEGABYTE), (file_count, 1))
    )
    tens = [[own_megabytes(one) for one in soak.samples if begins <= one.seconds < begins + SPAN_SECONDS]
            for begins in range(0, int(after.seconds), SPAN_SECONDS)]  # fmt: skip
    course_of_memory = ", ".join(f"{sum(span) / len(span):.1f}" for span in tens if span)
    span = f" (slopes of the last {warm[-1].seconds - warm[0].seconds:.0f} s)" if warm else ""
    return (
        f"soak {after.seconds:.0f} s{span}: {soak.witness.ended} calls ended, {after.events} events, {did}; "
        f"rss {after.held.rss_bytes / MEGABYTE:.1f} MB{rss}; own {after.held.own_bytes / MEGABYTE:.1f} MB{own}; "
        f"own every ten minutes: {course_of_memory}; "
        f"fds {before.held.files} at the start, {after.held.files} at the end{files}; "
        f"threads {before.held.threads} at the start, {after.held.threads} at the end; "
        f"tasks {before.tasks} at the start, {after.tasks} at the end; "
        f"journal at most {largest / MEGABYTE:.1f} MB, to be kept {KEPT_BYTES / MEGABYTE:.0f} MB"
    )


def warmed(samples: Sequence[Sample]) -> list[Sample]:
    """Those from which on nothing grows any more that may: the ring is full, what is kept for a time has been kept.
    None of a run that is over before."""
    return [one for one in samples if one.events >= RING_EVENTS_MAX and one.seconds >= WARM_SECONDS]


def rss_bytes(sample: Sample) -> float:
    return sample.held.rss_bytes


def own_megabytes(sample: Sample) -> float:
    return own_bytes(sample) / MEGABYTE


def own_bytes(sample: Sample) -> float:
    return sample.held.own_bytes


def file_count(sample: Sample) -> float:
    return sample.held.files


def slope(samples: Sequence[Sample], figure: Callable[[Sample], float]) -> float:
    return slope_an_hour([(one.seconds, figure(one)) for one in samples])


def test_the_slope_of_what_grows_is_found() -> None:
    assert slope_an_hour([(0, 5), (60, 6), (120, 7)]) == pytest.approx(60)
    assert slope_an_hour([(0, 5), (60, 5), (120, 5)]) == 0
    assert slope_an_hour([(0, 5), (60, 6)]) == 0


async def test_twenty_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The course of the hour; how it slopes is seen in none of so few samples."""
    soak, before, after, words = await course(tmp_path, SECONDS_SHORT, 0.5, STAY_EVENTS_SHORT, TALK_SECONDS_SHORT)
    with capsys.disabled():
        print(f"\n{words}")
    nothing_left(soak, before, after)


@pytest.mark.deep
@pytest.mark.timeout(SECONDS_DEEP + 600)
async def test_an_hour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soak, before, after, words = await course(tmp_path, SECONDS_DEEP, 5.0, STAY_EVENTS, TALK_SECONDS)
    with capsys.disabled():
        print(f"\n{words}")
    nothing_left(soak, before, after)
    warm = warmed(soak.samples)
    assert abs(slope(warm, file_count)) < FILES_SLOPE_MAX
    assert slope(warm, own_bytes) < OWN_SLOPE_BYTES_MAX


def nothing_left(soak: Soak, before: Sample, after: Sample) -> None:
    """With everybody gone it is as it was before they came; the journal keeps to its size."""
    assert after.tasks == before.tasks
    assert after.held.threads == before.held.threads
    assert after.held.files <= before.held.files + OPEN_READERS_MAX, "segments that were read may still be open"
    assert after.connections == before.connections == 1
    assert max(one.journal_bytes for one in soak.samples) < OVERSHOOT * KEPT_BYTES
