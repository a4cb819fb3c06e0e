"""The journal's disk is full under load: live service goes on, what is not kept is told as exactly that hole.

A small file system of its own, filled and freed again. A consumer that was there the whole time misses nothing; one
that comes back later gets what comes before the hole, then the gap, then a snapshot.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.archive import Hole
from tests.system.disturbed_site import WITNESS, DisturbedSite, disturbed_site
from tests.system.records import differing, judged_calls, read_record
from tests.system.small_disk import fill, needs_root, small_disk
from tests.system.stream_from_start import stream_from_start
from tests.waiting import until

pytestmark = needs_root

MEGABYTES = 256
AWAY = "away"
ENDS = ("space", "kill", "stop")
"""How an outage goes on: there is space again; the gateway is killed in it; or stopped in order."""
LINES_BEFORE = 300
LINES_IN_OUTAGE = 1_000
SAID_SECONDS_MAX = 30.0
KEPT_MAX = 50
"""Events of an outage that are kept all the same: the last page of a full disk has room for a few."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Its var/ is a small file system."""
    with small_disk(tmp_path / "var", MEGABYTES):
        yield tmp_path


async def outage(site: DisturbedSite, end: str) -> tuple[Hole, int | None]:
    """From a full disk to a journal that goes on: the first and last number that may be missing, and the number that
    was given up, if the gateway began again with less than it had published: the witness must be told of it."""
    since = len(site.log)
    filler = fill(site.folder / "var")
    await until(lambda: site.said("journal_unwritable", since), seconds_max=SAID_SECONDS_MAX)
    await site.more_lines(LINES_IN_OUTAGE)
    [unwritable] = site.said("journal_unwritable", since)
    lost = re.fullmatch(r"the disk is full; events from (\d+) on go out and are not kept", unwritable["text"])
    assert lost is not None, unwritable
    told = None
    if end != "space":
        again = len(site.log)
        await (site.kill_gateway() if end == "kill" else site.stop_gateway())
        await site.start_gateway()
        [incomplete] = site.said("state_incomplete", again)
        told = int(incomplete["number"])
        await until(lambda: site.said("journal_unwritable", again), seconds_max=SAID_SECONDS_MAX)
        await site.more_lines(LINES_IN_OUTAGE)
        assert len(site.said("journal_unwritable", again)) == 1, "said once by each"
    filler.unlink()
    await until(lambda: site.said("journal_writable", since), seconds_max=SAID_SECONDS_MAX)
    assert len(site.said("journal_writable", since)) == 1
    await site.up()
    return Hole(int(lost[1]), site.said("journal_hole", since)[-1]["last"]), told


async def course(folder: Path, ends: list[str]) -> str:
    """One outage after the other; the consumer that is away comes back when the gateway has begun again after it."""
    outages: list[Hole] = []
    gaps: list[int] = []
    async with disturbed_site(folder) as site:
        for end in ends:
            await site.start_consumer(AWAY)
            await site.caught_up(AWAY)
            await site.kill_consumer(AWAY)
            away_at = site.place(AWAY)
            whole, gap = await outage(site, end)
            assert whole.first > away_at
            outages.append(whole)
            gaps += [] if gap is None else [gap]
            await site.more_lines(LINES_BEFORE)
            await site.stop_gateway()  # what was sent in the outage is in nobody's memory then
            await site.start_gateway()
        await site.start_consumer(AWAY)
        await site.settle()
        witness, away = read_record(site.record(WITNESS)), read_record(site.record(AWAY))
        told = await stream_from_start(site.server, witness.epoch)
    assert told.is_whole
    holes = [[hole for hole in told.holes if one.first <= hole.first <= hole.last <= one.last] for one in outages]
    assert [hole for some in holes for hole in some] == told.holes, "no other hole"
    assert [(some[0].first, some[-1].last) for some in holes] == [(one.first, one.last) for one in outages]
    kept = sum(one.first <= number <= one.last for one in outages for number in told.lines)
    assert kept < KEPT_MAX * len(ends), "what the last room of a full disk took"
    assert away.gaps == [some[0] for some in holes]
    # From behind the last that it had heard up to what was given up, or on to what the full disk had not taken by then.
    assert len(witness.gaps) == len(gaps)
    for heard, given_up in zip(witness.gaps, gaps, strict=True):
        assert heard.first <= given_up <= heard.last
        assert any(hole.first <= heard.first <= heard.last <= hole.last for hole in told.holes)
    assert differing(witness.lines, told.lines) == differing(away.lines, told.lines) == []
    in_holes = sum(hole.first <= number <= hole.last for number in witness.lines for hole in told.holes)
    assert in_holes > LINES_IN_OUTAGE // 2 * len(ends), "live service went on meanwhile"
    calls = judged_calls(witness, site.lives)
    return (
        f"rounds {len(ends)}, full disks {len(ends)} ({dict(Counter(ends))}), events {len(witness.lines)}, of which in "
        f"holes {in_holes}, lost 0, doubled 0, gaps told {len(away.gaps)} to who was away, {len(gaps)} to who was "
        f"there, each exactly the hole, {away.passed_over} events behind them made up for by a snapshot, {calls}"
    )


@pytest.mark.timeout(300)
async def test_three_full_disks(folder: Path) -> None:
    print(await course(folder, list(ENDS)))


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_twenty_four_full_disks(folder: Path) -> None:
    print(await course(folder, list(ENDS) * 8))
