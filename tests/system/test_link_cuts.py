"""The link to the switch is cut under load, again and again, and now and then the switch itself is killed.

The stream goes on without a hole, and consumers notice nothing but that the link is down. When it is back, calls are
compared: every call that the switch had while it was heard is known once, and has ended.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.system.disturbed_site import WITNESS, DisturbedSite, disturbed_site
from tests.system.records import judged_calls, read_record
from tests.waiting import until

LINES_BETWEEN = (800, 3_000)
"""Of the record, from one cut to the next: a cut meets the comparing after the last one, or plain traffic."""


async def cut(site: DisturbedSite) -> None:
    """RST on the gateway's TCP connection."""
    await site.is_up()
    await site.nobody_hears()
    losses = len(site.said("link_changed"))
    await site.switch.ask_switch("reset_links")
    await until(lambda: len(site.said("link_changed")) > losses)


async def course(folder: Path, rounds: int, seed: int) -> str:
    """So many cuts, every third by a new switch in the old one's place, then quiet; what was found, in words."""
    dice = Random(seed)
    cuts: Counter[str] = Counter()
    async with disturbed_site(folder) as site:
        for round_number in range(1, rounds + 1):
            await site.more_lines(dice.randrange(*LINES_BETWEEN))
            if round_number % 3:
                cuts["link"] += 1
                await cut(site)
            else:
                cuts["switch"] += 1
                losses = len(site.said("link_changed"))
                await site.kill_switch()
                await until(lambda: len(site.said("link_changed")) > losses)  # noqa: B023
                await site.restart_switch(seed + round_number)
            await site.up()
        await site.settle()
        reconciled = sum(b'"kind": "reconciled"' in line for line in read_record(site.record(WITNESS)).lines.values())
    record = read_record(site.record(WITNESS))
    assert record.gaps == [], "the gateway was there all the time"
    assert reconciled, "calls ended while nobody heard, and were found missing"
    calls = judged_calls(record, site.lives)
    return (
        f"rounds {rounds}, cuts {dict(cuts)}, events {len(record.lines)}, lost 0, doubled 0, gaps told 0, {calls}, "
        f"reconciled {reconciled}"
    )


@pytest.mark.timeout(240)
async def test_three_cuts(tmp_path: Path) -> None:
    print(await course(tmp_path, 3, seed=21))


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_thirty_cuts(tmp_path: Path) -> None:
    print(await course(tmp_path, 30, seed=22))
