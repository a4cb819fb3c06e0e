"""A recorder keeps what comes in, begins parts anywhere, and never disturbs what it watches."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.capture.part_files import parts_in
from gateway.capture.player import Player
from gateway.capture.recorder import values, values_of
from gateway.doors import Door
from model.commands import Command, CommandKind, Outcome
from model.ids import DeviceNumber
from model.states import LinkState
from tests.gateway.capture.captured import captured, frames_of, records_of
from tests.waiting import until


async def test_what_was_published_is_played_again(tmp_path: Path) -> None:
    async with captured(tmp_path) as site:
        await site.calls(2)
    (part,) = parts_in(tmp_path)
    assert frames_of(part) == site.frames
    assert len(site.frames) > 20
    assert site.said == []


async def test_every_step_may_be_the_first_of_a_part(tmp_path: Path) -> None:
    """Half-read messages, questions on their way, requests without an answer: all of it stands in a checkpoint."""
    outcomes: list[Outcome] = []
    async with captured(tmp_path, part_bytes=1) as site:
        make = Command(CommandKind.MAKE_CALL, DeviceNumber("1003"), destination="1004")
        site.works.request(1, 1, make, outcomes.append)
        await site.states("1004", "ringing")
        site.switch.reset_links()
        await until(lambda: not site.works.owner.model.link.state.is_up)
        await until(lambda: site.works.owner.model.link.state.is_up)
        site.works.condition("journal_unwritable", "", "the disk is full")
        await site.calls()
        site.works.condition("journal_unwritable", "", None)
        site.works.tick()
    parts = parts_in(tmp_path)
    assert len(parts) > 30
    assert {len(records_of(part)) for part in parts[:-1]} == {4}, "header, checkpoint, one step, end"
    assert frames_of(*parts) == site.frames
    assert outcomes == [Outcome()]


async def test_old_parts_make_room(tmp_path: Path) -> None:
    async with captured(tmp_path, part_bytes=1, keep_bytes=50_000) as site:
        await site.calls()
    parts = parts_in(tmp_path)
    assert "000001" not in parts[0].name
    assert sum(part.stat().st_size for part in parts[:-1]) <= 50_000
    assert frames_of(*parts) == site.frames[-len(frames_of(*parts)) :]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("a disk of its own needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


async def test_a_full_disk_ends_the_capture_and_nothing_else(small_disk: Path) -> None:
    async with captured(small_disk) as site:
        while site.recorder.is_capturing:
            await site.calls()
            site.works.tick()
        lost = site.recorder.steps_lost
        await site.calls(2)
        assert site.recorder.steps_lost > lost
    (code, text), *more = site.said
    assert (code, more) == ("capture_stopped", [])
    assert "No space left on device; service goes on" in text
    (part,) = parts_in(small_disk)
    kept = frames_of(part)
    assert kept == site.frames[: len(kept)]
    assert len(kept) > 30


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with captured(tmp_path / "file") as site:
        await site.calls()
    assert [code for code, _ in site.said] == ["capture_stopped"]


async def test_a_capture_that_has_ended_holds_nothing_for_the_next_step(tmp_path: Path) -> None:
    """The service goes on for months after it: what it sends must not pile up."""
    (tmp_path / "file").write_text("")
    async with captured(tmp_path / "file") as site:
        await site.calls()
        assert not site.recorder.is_capturing
        assert (site.recorder._sent, site.recorder._events, site.recorder._crc) == ([], 0, 0)
        assert len(site.frames) > 10


async def test_a_part_that_was_cut_off_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    async with captured(tmp_path) as site:
        await site.calls()
    (part,) = parts_in(tmp_path)
    whole = part.read_bytes()
    for end in range(len(whole) - 400, len(whole), 37):
        part.write_bytes(whole[:end])
        frames = frames_of(part)
        assert frames == site.frames[: len(frames)]
        assert len(frames) > 10


async def test_the_header_tells_what_is_captured(tmp_path: Path) -> None:
    async with captured(tmp_path):
        pass
    (part,) = parts_in(tmp_path)
    player = Player(part.name)
    player.play(records_of(part)[0])
    assert player.header is not None
    assert (player.header.epoch, player.header.next_number, player.header.seats) == (7, 1, 32)
    assert "EXT" in player.header.port_cfg
    assert player.header.switch["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("door", "brought"),
    [
        (Door.RECEIVED, (b"\x80\x04bytes of the switch",)),
        (Door.OVER, (LinkState.REFUSED, "no")),
        (Door.REQUEST, (1, 2, Command(CommandKind.MAKE_CALL, DeviceNumber("1"), destination="2"))),
        (Door.TICK, ()),
    ],
)
def test_values_come_back(door: Door, brought: tuple[object, ...]) -> None:
    assert values_of(door, values(door, brought)) == brought
