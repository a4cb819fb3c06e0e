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
from pathlib import Path

import pytest

from gateway.journal.limits import OPEN_READERS_MAX
from runtime.tasks import owned_by
from simulator.numbering import numbers_of
from tests.system.csta_site import CstaSite
from tests.system.soak.company import Company
from tests.system.soak.figures import HOUR_SECONDS, Holding, open_files, slope_an_hour
from tests.system.soak.samples import (
    MEGABYTE,
    Sample,
    blocks_a_call,
    file_count,
    own_bytes,
    own_megabytes,
    rss_bytes,
    slope,
    warmed,
)
from tests.system.soak.soak import KEPT_BYTES, Soak
from tests.waiting import until
from ultra.demo_site import DemoSite

SECONDS_SHORT, SECONDS_DEEP = 20.0, float(os.environ.get("ULTRA_SOAK_SECONDS", "3600"))
SITE = DemoSite(("1000-1399",), 400, 120)
TRAFFIC = ("--calls-per-second", "40", "--mean-ring-seconds", "2", "--seed", "7", "--mean-talk-seconds")
TALK_SECONDS, TALK_SECONDS_SHORT = 4, 1
VISITORS = 8
STAY_EVENTS, STAY_EVENTS_SHORT = 2_000, 300
"""The longest stay of a subscriber: ten seconds; and in the short form."""

BLOCKS_A_CALL_MAX = 2.0
"""Pieces of memory that a call may leave; one that is not forgotten leaves dozens."""
OWN_SLOPE_BYTES_MAX = 8 * MEGABYTE
"""An hour. Numbers of callers and texts of ended calls gather and are emptied, six megabytes in half an hour; a leak of
a kilobyte a call would be 150 MB."""
FILES_SLOPE_MAX = 6.0
"""An hour: sockets come and go; one lost with each cut link would be 90."""
SPAN_SECONDS = 600
"""Of the means by which memory's course is told."""
OVERSHOOT = 1.5
"""Of what is to be kept: retention looks once a minute, and deletes whole segments."""


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
    left = f", {blocks_a_call(warm, calls_an_hour(soak, after)):+.2f} a call" if len(warm) > 1 else ""
    tens = [[own_megabytes(one) for one in soak.samples if begins <= one.seconds < begins + SPAN_SECONDS]
            for begins in range(0, int(after.seconds), SPAN_SECONDS)]  # fmt: skip
    course_of_memory = ", ".join(f"{sum(span) / len(span):.1f}" for span in tens if span)
    span = f" (slopes of the last {warm[-1].seconds - warm[0].seconds:.0f} s)" if warm else ""
    return (
        f"soak {after.seconds:.0f} s{span}: {soak.witness.ended} calls ended, {after.events} events, {did}; "
        f"rss {after.held.rss_bytes / MEGABYTE:.1f} MB{rss}; own {after.held.own_bytes / MEGABYTE:.1f} MB{own}; "
        f"own every ten minutes: {course_of_memory}; "
        f"pieces of memory in use {before.blocks} at the start, {after.blocks} at the end{left}; "
        f"fds {before.held.files} at the start, {after.held.files} at the end{files}; "
        f"threads {before.held.threads} at the start, {after.held.threads} at the end; "
        f"tasks {before.tasks} at the start, {after.tasks} at the end; "
        f"journal at most {largest / MEGABYTE:.1f} MB, to be kept {KEPT_BYTES / MEGABYTE:.0f} MB"
    )


def calls_an_hour(soak: Soak, after: Sample) -> float:
    return soak.witness.ended / after.seconds * HOUR_SECONDS


def test_the_slope_of_what_grows_is_found() -> None:
    assert slope_an_hour([(0, 5), (60, 6), (120, 7)]) == pytest.approx(60)
    assert slope_an_hour([(0, 5), (60, 5), (120, 5)]) == 0
    assert slope_an_hour([(0, 5), (60, 6)]) == 0


def test_what_each_call_leaves_is_told() -> None:
    held = Holding(0, 0, 1, 1)
    samples = [Sample(seconds, 0, held, 1, 1000 + 30 * seconds, 1, 0) for seconds in (0, 60, 120, 180)]
    assert blocks_a_call(samples, calls_an_hour=36_000) == pytest.approx(3)


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
    assert blocks_a_call(warm, calls_an_hour(soak, after)) < BLOCKS_A_CALL_MAX
    assert slope(warm, own_bytes) < OWN_SLOPE_BYTES_MAX


def nothing_left(soak: Soak, before: Sample, after: Sample) -> None:
    """With everybody gone it is as it was before they came; the journal keeps to its size."""
    assert after.tasks == before.tasks
    assert after.held.threads == before.held.threads
    assert after.held.files <= before.held.files + OPEN_READERS_MAX, "segments that were read may still be open"
    assert after.connections == before.connections == 1
    assert max(one.journal_bytes for one in soak.samples) < OVERSHOOT * KEPT_BYTES
