"""A consumer is halted under load (SIGSTOP) and goes on: it catches up, or was closed and resumes; nothing is missing.

The gateway closes it when too much waits for it (``slow_consumer``) or when it is silent for too long
(``heartbeat_lost``); others do not notice.
"""

import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.system.disturbed_site import WITNESS, DisturbedSite, disturbed_site
from tests.system.records import differing, judged_calls, read_record
from tests.waiting import until

HALTED = "halted"
LINES_SHORT = 500
"""Of the witness, while it is halted for less than anybody minds."""
LINES_LONG = 24_000
"""Thirty seconds of this traffic: ten megabytes, more than the gateway and the kernel let wait for anybody."""
CLOSED_SECONDS_MAX = 90.0


def closed(site: DisturbedSite, since: int) -> str | None:
    """How the gateway has ended the halted consumer's session since a place in the log, if it has."""
    slow = [one for one in site.said("slow_consumer_closed", since) if one["name"] == name_of(site)]
    ended = [one["code"] for one in site.said("session_ended", since) if one["name"] == name_of(site)]
    return "slow_consumer" if slow else ended[0] if ended else None


def name_of(site: DisturbedSite) -> str:
    """What the halted consumer calls itself."""
    return f"keeping {site.consumers[HALTED].pid}"


async def course(folder: Path, lines_halted: list[int | None], seed: int) -> str:
    """One halt after the other, each for so many lines of the witness, or (None) until it is closed; then quiet."""
    dice = Random(seed)
    ends: Counter[str] = Counter()
    async with disturbed_site(folder) as site:
        await site.start_consumer(HALTED)
        await site.more_lines(1, HALTED)
        halted_since = await site.now_us()
        witness_name = f"keeping {site.consumers[WITNESS].pid}"
        for lines in lines_halted:
            await site.more_lines(dice.randrange(100, 1_000), HALTED)
            since = len(site.log)
            site.consumers[HALTED].signal(signal.SIGSTOP)
            if lines is None:
                await until(lambda: closed(site, since), seconds_max=CLOSED_SECONDS_MAX)  # noqa: B023
            else:
                await site.more_lines(lines)
            site.consumers[HALTED].signal(signal.SIGCONT)
            await site.caught_up(HALTED)
            ends[closed(site, since) or "caught up"] += 1
        await site.settle()
    witness, halted = read_record(site.record(WITNESS)), read_record(site.record(HALTED))
    assert witness.gaps == halted.gaps == [], "what it had not taken was held for it"
    assert differing(halted.lines, witness.lines) == []
    assert len(halted.lines) > sum(filter(None, lines_halted))
    calls = judged_calls(witness, site.lives)
    judged_calls(halted, site.lives, halted_since)
    ended = [
        one for one in (*site.said("session_ended"), *site.said("session_lost")) if one.get("name") == witness_name
    ]
    assert ended == [], "others did not notice"
    return (
        f"rounds {len(lines_halted)}, halted {len(lines_halted)} ({dict(ends)}), events {len(halted.lines)}, lost 0, "
        f"doubled 0, gaps told 0, {calls}"
    )


@pytest.mark.timeout(240)
async def test_a_short_halt_and_one_until_it_is_closed(tmp_path: Path) -> None:
    said = await course(tmp_path, [LINES_SHORT, None], seed=31)
    print(said)
    assert "'caught up': 1" in said


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_halts_of_thirty_seconds(tmp_path: Path) -> None:
    said = await course(tmp_path, [LINES_SHORT, LINES_LONG] * 6, seed=32)
    print(said)
    assert "'caught up': 6" in said
