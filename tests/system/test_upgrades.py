"""The gateway is stopped in order and a new one started on the same journal, under load: an upgrade.

Consumers stay and reconnect by themselves. Same epoch, every number once, no snapshot made up for anything.
"""

from pathlib import Path
from random import Random

import pytest

from tests.system.disturbed_site import WITNESS, disturbed_site
from tests.system.records import differing, judged_calls, read_record
from tests.system.stream_from_start import stream_from_start

LINES_BETWEEN_MAX = 3_000
"""Of the record, from one upgrade to the next: some meet a link that is not up yet."""


async def course(folder: Path, rounds: int, seed: int) -> str:
    """So many upgrades, then quiet; what was found, in words."""
    dice = Random(seed)
    async with disturbed_site(folder) as site:
        await site.start_consumer("other")
        await site.more_lines(1, "other")
        other_since = await site.now_us()
        for _ in range(rounds):
            await site.more_lines(dice.randrange(1, LINES_BETWEEN_MAX))
            await site.stop_gateway()
            await site.start_gateway()
        await site.settle()
        witness, other = read_record(site.record(WITNESS)), read_record(site.record("other"))
        told = await stream_from_start(site.server, witness.epoch)
        assert site.said("journal_mended") == site.said("state_incomplete") == []
    assert witness.gaps == other.gaps == told.holes == []
    assert told.is_whole
    assert differing(witness.lines, told.lines) == differing(other.lines, told.lines) == []
    calls = judged_calls(witness, site.lives)
    judged_calls(other, site.lives, other_since)
    return f"rounds {rounds}, upgrades {rounds}, events {len(witness.lines)}, lost 0, doubled 0, gaps told 0, {calls}"


@pytest.mark.timeout(240)
async def test_three_upgrades(tmp_path: Path) -> None:
    print(await course(tmp_path, 3, seed=11))


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_thirty_upgrades(tmp_path: Path) -> None:
    print(await course(tmp_path, 30, seed=12))
