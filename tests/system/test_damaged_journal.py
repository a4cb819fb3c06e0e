"""The journal is damaged while the gateway is down, in the middle of traffic: what is missing is told, nothing else is.

The harms: the beginning of a record that a crash kept from being written whole; bytes flipped in the last record; bytes
flipped in a segment further back, in one record or in several in a row. The gateway says what it found by file and
offset. A consumer that was there misses nothing; one that resumes before or inside the hole gets exactly that gap.
"""

import json
import struct
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from protocol.archive import Hole
from tests.system.disturbed_site import WITNESS, DisturbedSite, disturbed_site
from tests.system.records import differing, judged_calls, read_record
from tests.system.stream_from_start import stream_from_start
from tests.waiting import until

HARMS = ("torn", "one record", "records in a row", "last record")
SEGMENT_HEADER = struct.Struct(">8sHQQqQI")
RECORD = struct.Struct(">IIB")
NUMBER_AT = 8
"""In a frame's header."""
IN_A_ROW = 6
AWAY = "away"
SAID_SECONDS_MAX = 30.0
SEGMENTS_SECONDS_MAX = 60.0


EVENT = 2


@dataclass(frozen=True)
class Kept:
    """An event's record in a segment's file, as docs/journal.md describes it."""

    at: int
    end: int
    number: int


def kept_in(segment: Path) -> tuple[list[Kept], int]:
    """The event records, and where the last record of any kind ends; read without the code that is to be proven."""
    content = segment.read_bytes()
    kept: list[Kept] = []
    at = SEGMENT_HEADER.size
    while at + RECORD.size <= len(content):
        length, _, kind = RECORD.unpack_from(content, at)
        end = at + RECORD.size + length
        if end > len(content):
            break
        if kind == EVENT:
            kept.append(Kept(at, end, int.from_bytes(content[at + RECORD.size + NUMBER_AT :][:8], "big")))
        at = end
    return kept, at


def segments(site: DisturbedSite) -> list[Path]:
    """Oldest first."""
    return sorted(site.journal.glob("*.journal"))


@dataclass
class Harm:
    """What was done to which file at which offset, the hole that it makes (None: none), and what must be said."""

    file: Path
    at: int
    hole: Hole | None
    event: str
    words: str


def tear(site: DisturbedSite, dice: Random) -> Harm:
    """The next event's record, cut off somewhere: it was not sent."""
    newest = segments(site)[-1]
    kept, end = kept_in(newest)
    content = newest.read_bytes()
    record = bytearray(content[kept[-1].at : kept[-1].end])
    at = RECORD.size + NUMBER_AT
    record[at : at + 8] = (kept[-1].number + 1).to_bytes(8, "big")
    torn = dice.randrange(1, len(record))
    newest.write_bytes(content[:end] + record[:torn])
    words = f"{newest.name} ended at byte {end} in {torn} bytes of an event that was not written whole and not sent: "
    return Harm(newest, end, None, "journal_mended", words + "cut off")


def flip(segment: Path, kept: list[Kept], dice: Random) -> None:
    """Some bytes of each of these records, not beyond it."""
    content = bytearray(segment.read_bytes())
    for one in kept:
        for _ in range(dice.randrange(1, 4)):
            content[dice.randrange(one.at + RECORD.size + NUMBER_AT + 8, one.end)] ^= dice.randrange(1, 256)
    segment.write_bytes(content)


def between(site: DisturbedSite, place: int) -> list[tuple[Path, int]]:
    """Segments that lie wholly after a place and before the witness's, each with the number that follows it: the start
    does not read them, the witness has heard them, and who is at that place has not."""
    found = segments(site)
    heard = site.place()
    followed = [(one, first_of(following)) for one, following in pairwise(found)]
    return [(one, following) for one, following in followed if first_of(one) > place and following <= heard]


def damage_behind(site: DisturbedSite, place: int, dice: Random, in_a_row: int) -> Harm:
    """In the newest of the segments between."""
    segment, following = between(site, place)[-1]
    kept, _ = kept_in(segment)
    begin = dice.randrange(len(kept) - IN_A_ROW)
    harmed = kept[begin : begin + in_a_row]
    flip(segment, harmed, dice)
    last = harmed[0].number if in_a_row == 1 else following - 1
    return said_damaged(segment, harmed[0].at, Hole(harmed[0].number, last))


def damage_last(site: DisturbedSite, dice: Random) -> Harm:
    """It has been sent, and what came after it nobody can know."""
    newest = segments(site)[-1]
    last = kept_in(newest)[0][-1]
    flip(newest, [last], dice)
    return said_damaged(newest, last.at, Hole(last.number, 0))


def said_damaged(segment: Path, at: int, hole: Hole) -> Harm:
    """What flipped bytes are said to be."""
    return Harm(
        segment, at, hole, "journal_damaged", f"{segment.name} is damaged at byte {at}: events are missing there"
    )


def first_of(segment: Path) -> int:
    """The number of a segment's first event."""
    return int(segment.stem.partition("-")[2])


async def resumed_inside(site: DisturbedSite, hole: Hole, epoch: int, dice: Random) -> None:
    """A consumer whose place is inside the hole, or just before it, is told the rest of it, and goes on."""
    name = f"inside {hole.first}"
    after = dice.randrange(hole.first - 1, hole.last)
    site.record(name).write_text(json.dumps({"kind": "snapshot", "epoch": epoch, "number": after, "calls": {}}) + "\n")
    await site.start_consumer(name)
    await site.more_lines(50, name)
    await site.kill_consumer(name)
    assert read_record(site.record(name)).gaps == [Hole(after + 1, hole.last)]


def said(site: DisturbedSite, since: int, harm: Harm) -> list[str]:
    """What a start has said of harms of this kind; older ones are found again."""
    return [one["text"] for one in site.said(harm.event, since)]


async def harmed(site: DisturbedSite, kind: str, dice: Random) -> Harm:
    """The gateway is killed and its journal harmed, while a consumer is away."""
    await site.kill_consumer(AWAY)
    place = site.place(AWAY)
    if kind in ("one record", "records in a row"):
        await until(lambda: between(site, place), seconds_max=SEGMENTS_SECONDS_MAX)
    await site.kill_gateway()
    while not kept_in(segments(site)[-1])[0]:  # killed right after a segment began
        await site.start_gateway()
        await site.more_lines(1)
        await site.kill_gateway()
    if kind == "torn":
        return tear(site, dice)
    if kind == "last record":
        return damage_last(site, dice)
    return damage_behind(site, place, dice, 1 if kind == "one record" else IN_A_ROW)


async def course(folder: Path, harms: list[str], seed: int) -> str:
    """One harm after the other; a consumer that is away comes back after each."""
    dice = Random(seed)
    holes: list[Hole] = []
    at_end: list[Hole] = []
    damages: list[str] = []
    async with disturbed_site(folder) as site:
        epoch = read_record(site.record(WITNESS)).epoch
        for kind in harms:
            await site.start_consumer(AWAY)
            await site.caught_up(AWAY)
            harm = await harmed(site, kind, dice)
            since = len(site.log)
            await site.start_gateway()
            damages.append(harm.words)
            await until(lambda: harm.words in said(site, since, harm), seconds_max=SAID_SECONDS_MAX)  # noqa: B023
            assert set(said(site, since, harm)) <= set(damages), "nothing else was harmed"
            if kind == "last record" and harm.hole is not None:  # whatever came after it may have been sent too
                [incomplete] = site.said("state_incomplete", since)
                harm.hole = Hole(harm.hole.first, incomplete["number"])
                at_end.append(harm.hole)
            if harm.hole is not None:
                holes.append(harm.hole)
                await resumed_inside(site, harm.hole, epoch, dice)
        await site.start_consumer(AWAY)
        await site.settle()
        witness, away = read_record(site.record(WITNESS)), read_record(site.record(AWAY))
        told = await stream_from_start(site.server, witness.epoch)
    assert len(site.said("state_incomplete")) == len(at_end)
    assert told.holes == holes
    assert told.is_whole
    assert away.gaps == holes
    # What was sent and not kept it has, if it came in time before the kill.
    assert witness.gaps == [Hole(one.first + (one.first in witness.lines), one.last) for one in at_end]
    assert differing(witness.lines, told.lines) == differing(away.lines, told.lines) == []
    calls = judged_calls(witness, site.lives)
    return (
        f"seed {seed}, rounds {len(harms)}, harms {dict(Counter(harms))}, events {len(witness.lines)}, lost 0, doubled "
        f"0, gaps told {len(away.gaps)} to who was away, {len(holes)} to who resumed inside, {len(at_end)} to who was "
        f"there, each exactly the hole, {away.passed_over} events behind them made up for by a snapshot, {calls}"
    )


@pytest.mark.timeout(300)
async def test_each_harm_once(tmp_path: Path) -> None:
    print(await course(tmp_path, list(HARMS), seed=41))


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_thirty_two_harms(tmp_path: Path) -> None:
    harms = list(HARMS) * 8
    Random(42).shuffle(harms)
    print(await course(tmp_path, harms, seed=42))
