"""The gateway, the records' daemon or both are killed in mid-call: the rows are what the journal says they must be.

Calls that go on over a restart of the gateway are told by the same events as before and after it: one conversation,
whose time between the last proof and the restart is uncertain if anything had changed.
"""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from cdr.store.reader import Filter, Reader
from tests.system.cdr_process import CdrProcess
from tests.system.disturbed_site import disturbed_site, killed
from tests.system.record_site import SITE, TRAFFIC, verified
from ultra.demo_site import write_cdr

LINES_BETWEEN_MAX, LINES_BETWEEN_DEEP = 150, 400


async def course(folder: Path, rounds: int, seed: int, lines_max: int) -> str:
    """So many kills, then quiet; what was found, in words."""
    dice, did = Random(seed), Counter[str]()
    async with disturbed_site(folder, SITE, (*TRAFFIC, "--seed", str(seed))) as site:
        cdr = CdrProcess(write_cdr(folder, str(site.server)), site.server, site.spawn)
        await cdr.start()
        try:
            for _ in range(rounds):
                await site.more_lines(dice.randrange(1, lines_max))
                victim = dice.choice(("gateway", "records", "both"))
                did[victim] += 1
                await site.up()
                if victim != "records":
                    await site.kill_gateway()
                if victim != "gateway":
                    await killed(cdr.child)
                    await cdr.start()
                if victim != "records":
                    await site.start_gateway()
            await site.settle()
            await cdr.written()
            found = await verified(folder, cdr.config)
            assert await cdr.stop() == 0
        finally:
            cdr.child.kill()
    assert found["differences"] == [], found
    reader = Reader.open(f"sqlite:///{folder / 'var' / 'cdr.db'}")
    conversations = list(reader.conversations(Filter()))
    reader.close()
    uncertain = sum(one.uncertain_us > 0 for one in conversations)
    assert all(one.complete for one in conversations), "the stream has no gap"
    return (
        f"kills {dict(did)}; {found['events']} events, {len(conversations)} conversations, {uncertain} of them "
        f"uncertain for a while, {found['rows']} rows, different 0"
    )


@pytest.mark.timeout(240)
async def test_some_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, 4, 5, LINES_BETWEEN_MAX)
    with capsys.disabled():
        print(f"\n{told}")


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_a_hundred_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = await course(tmp_path, 100, 6, LINES_BETWEEN_DEEP)
    with capsys.disabled():
        print(f"\n{told}")
