"""Gateway, consumer or both are killed at any instant under load: the consumer misses nothing and counts nothing twice.

Real processes, ``kill -9``. The consumer's record of the stream has every number once; its calls are the switch's own,
but for those that lived only while no gateway was there to hear of them.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.system.disturbed_site import WITNESS, disturbed_site
from tests.system.records import judged_calls, read_record

LINES_BETWEEN_MAX = 1_500
"""Of the record, from one kill to the next: a kill meets a start, a catch-up, or plain traffic."""


async def course(folder: Path, rounds: int, seed: int) -> str:
    """So many kills, then quiet; what was found, in words."""
    dice = Random(seed)
    kills: Counter[str] = Counter()
    async with disturbed_site(folder) as site:
        for _ in range(rounds):
            await site.more_lines(dice.randrange(1, LINES_BETWEEN_MAX))
            victim = dice.choice(("gateway", "consumer", "both"))
            kills[victim] += 1
            await site.is_up()
            if victim != "consumer":
                await site.kill_gateway()
            if victim != "gateway":
                await site.kill_consumer(WITNESS)
            if victim != "consumer":
                await site.start_gateway()
            if victim != "gateway":
                await site.start_consumer(WITNESS)
        await site.settle()
    record = read_record(site.record(WITNESS))
    assert record.gaps == [], "nothing was lost that had to be made up"
    calls = judged_calls(record, site.lives)
    return f"rounds {rounds}, kills {dict(kills)}, events {len(record.lines)}, lost 0, doubled 0, gaps told 0, {calls}"


@pytest.mark.timeout(240)
async def test_eight_kills(tmp_path: Path) -> None:
    print(await course(tmp_path, 8, seed=1))


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_a_hundred_kills(tmp_path: Path) -> None:
    print(await course(tmp_path, 100, seed=2))
