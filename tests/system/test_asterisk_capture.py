"""A run of SIPp through a real Asterisk, captured by the shipped gateway, and played again: the same frames, twice,
each part by itself, and many times faster than it happened."""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.capture.part_files import parts_in
from protocol.kinds import Kind
from runtime.tasks import owned_by
from tests.peers import asterisk_config
from tests.peers.phone import answers
from tests.peers.sipp import Count
from tests.system.kept_frames import frames_kept
from tests.system.replaying import first_difference, replayed
from tests.system.sipp_traffic import ATTENDED, LOTS, SippSite, fewer, sipp_site
from tests.waiting import until

TIMES_AS_FAST = 20
OURS = tuple(str(number) for number in ATTENDED.extensions[:2])
"""Telephones that do what this test says."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ultra-capture-") as name:
        yield Path(name)


def settings(part_mb: float) -> str:
    return f'[capture]\nfolder = "capture"\npart_mb = {part_mb}\n'


async def requests(site: SippSite) -> None:
    """A client makes a call and clears it, and asks for what cannot be."""
    subscriber, (caller, called) = site.subscriber, OURS
    for number in (caller, called):
        site.phones.on_call(number, answers)
    assert (await subscriber.ask(Kind.MAKE_CALL, caller, called)).accepted
    await until(lambda: subscriber.said()[-1] == f"ESTABLISHED {called} makeCall")
    assert not (await subscriber.ask(Kind.SINGLE_STEP_TRANSFER, caller, "1234")).accepted
    assert (await subscriber.ask(Kind.CLEAR_CONNECTION, caller)).accepted
    await until(lambda: site.is_quiet)


async def again(site: SippSite) -> None:
    """The link is stopped and started; then the switch dies, and comes back."""
    subscriber = site.subscriber
    assert (await subscriber.ask(Kind.LINK_STOP)).accepted
    assert (await subscriber.ask(Kind.LINK_START)).accepted
    await until(lambda: subscriber.is_up)
    site.asterisk.kill()
    await site.asterisk.ended()
    await until(lambda: not subscriber.is_up)
    await site.asterisk.start()
    await until(lambda: subscriber.is_up, seconds_max=60)


def played_alike(folder: Path, kept: bytes) -> int:
    """All parts, twice; then each alone. How many times as fast the faster of the two was: others use the machine."""
    parts = parts_in(folder / "capture")
    times = []
    for _ in range(2):
        one = replayed(*parts)
        assert one.exit_code == 0, one.err
        assert first_difference(one.frames, kept) == ""
        times += [int(found) for found in re.findall(r"(\d+) times as fast", one.err)]
    alone = [replayed(part) for part in parts]
    assert [part.exit_code for part in alone] == [0] * len(parts), [part.err for part in alone]
    assert b"".join(part.frames for part in alone) == kept
    print(len(parts), "parts,", sum(part.stat().st_size for part in parts), "bytes")
    print(one.err)
    return max(times)


def masked_alike(folder: Path, kept: bytes) -> None:
    """A copy without the callers' numbers is played, and tells as much."""
    made = replayed(folder / "capture", options=("--quiet", "--masked", str(folder / "masked")))
    assert made.exit_code == 0, made.err
    copies = parts_in(folder / "masked")
    again = replayed(*copies)
    assert again.exit_code == 0, again.err
    caller = re.compile(rb"1380000\d")
    assert caller.search(kept) is not None
    assert all(caller.search(one) is None for one in (again.frames, *(copy.read_bytes() for copy in copies)))
    assert len(again.frames) == len(kept)


@pytest.mark.timeout(180)
async def test_a_few_calls_of_every_sort_with_requests_and_lost_links(folder: Path) -> None:
    async with asyncio.TaskGroup() as group, sipp_site(folder, settings(0.2)) as site:
        kept = await frames_kept(site.subscriber.server, owned_by(group))
        counts, callers = await site.calls(fewer(4))
        assert set(counts.values()) == {Count(4, 0)}, [one.errors() for one in callers.values()]
        await requests(site)
        await again(site)
    played_alike(folder, bytes(kept.kept))
    for part in parts_in(folder / "capture"):
        assert asterisk_config.SECRET.encode() not in part.read_bytes()
        assert re.search(rb"Key: [0-9a-f]{32}", part.read_bytes()) is None
    masked_alike(folder, bytes(kept.kept))


@pytest.mark.deep
@pytest.mark.timeout(300)
async def test_500_calls_many_times_faster_than_they_happened(folder: Path) -> None:
    async with asyncio.TaskGroup() as group, sipp_site(folder, settings(2)) as site:
        kept = await frames_kept(site.subscriber.server, owned_by(group))
        counts, callers = await site.calls(LOTS)
        for lot, count in counts.items():
            assert count == Count(lot.calls, 0), callers[lot].errors()
    assert played_alike(folder, bytes(kept.kept)) >= TIMES_AS_FAST
