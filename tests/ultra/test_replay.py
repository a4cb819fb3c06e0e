"""``ultra replay`` as a process: the events of a capture, for people and programs, and what it says of bad files."""

import asyncio
import json
import re
import sys
import time
from pathlib import Path

import pytest

from gateway.capture.part_files import parts_in
from runtime.texts import Language, text
from tests.gateway.capture.captured import captured
from tests.gateway.capture.scripted import Script
from tests.system.replaying import COMMAND, replayed
from tests.waiting import until
from ultra.replay import Pace


async def captured_calls(folder: Path, *, calls: int = 2, part_bytes: int = 1 << 20) -> tuple[list[Path], bytes]:
    """Parts of a capture, and the frames that were published."""
    async with captured(folder, part_bytes=part_bytes) as site:
        await site.calls(calls)
    return parts_in(folder), b"".join(site.frames)


async def test_events_are_those_of_tail(tmp_path: Path) -> None:
    parts, frames = await captured_calls(tmp_path)
    done = await asyncio.to_thread(replayed, *parts, options=("--json",))
    assert (done.exit_code, done.frames) == (0, frames)
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["epoch"] for line in lines} == {7}
    assert re.search(rf"{len(lines)} events of \d+ steps, all as they were: .* times as fast", done.err)
    people = await asyncio.to_thread(replayed, tmp_path, options=())
    assert "established" in people.out
    assert "1001 → 1002" in people.out


async def test_it_ends_after_a_number(tmp_path: Path) -> None:
    parts, frames = await captured_calls(tmp_path, part_bytes=1)
    done = await asyncio.to_thread(replayed, *parts, options=("--json", "--until", "20"))
    assert [json.loads(line)["number"] for line in done.out.splitlines()] == list(range(1, 21))
    assert frames.startswith(done.frames)


async def test_a_part_that_is_missing_is_said(tmp_path: Path) -> None:
    parts, _ = await captured_calls(tmp_path, part_bytes=1)
    done = await asyncio.to_thread(replayed, parts[2], parts[9])
    assert done.exit_code == 0
    assert re.search(r"events \d+ to \d+ are in none of these files", done.err)


async def test_a_part_that_was_cut_off_is_played_so_far(tmp_path: Path) -> None:
    (part,), frames = await captured_calls(tmp_path)
    part.write_bytes(part.read_bytes()[:-40])
    done = await asyncio.to_thread(replayed, part)
    assert done.exit_code == 0
    assert "is cut off: " in done.err
    assert frames.startswith(done.frames)
    assert done.frames


async def test_damage_names_file_and_byte(tmp_path: Path) -> None:
    (part,), _ = await captured_calls(tmp_path)
    damaged = bytearray(part.read_bytes())
    damaged[-300] ^= 1
    part.write_bytes(damaged)
    done = await asyncio.to_thread(replayed, part)
    assert done.exit_code == 1
    assert re.search(rf"it ends here: {part.name}: byte \d+: ", done.err)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\x89PNG", "this is no capture"), (None, "there is no such file")],
    ids=["no capture", "gone"],
)
def test_what_is_no_capture_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "x.ultracap"
    if content is not None:
        path.write_bytes(content)
    done = replayed(path)
    assert (done.exit_code, done.frames) == (1, b"")
    assert said in done.err


async def test_it_follows_a_capture_that_is_being_written(tmp_path: Path) -> None:
    folder, kept = tmp_path / "captures", tmp_path / "kept"
    async with captured(folder, part_bytes=4_000) as site:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, "--tail", "--json", "--frames", str(kept), str(parts_in(folder)[0]),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        first = await process.stdout.readline()
        assert json.loads(first)["number"] == 1
        await site.calls(2)
        site.works.tick()
        await until(lambda: len(parts_in(folder)) > 2)
        await site.calls()
    out, err = await process.communicate()
    assert process.returncode == 0, err
    assert len((first + out).splitlines()) == len(site.frames)
    assert kept.read_bytes() == b"".join(site.frames)


def test_a_scenario_is_written_once(tmp_path: Path) -> None:
    script = Script(tmp_path / "captures")
    script.logs_in()
    script.call()
    part = script.part()
    options = ("--quiet", "--scenario", "story", "--into", str(tmp_path))
    done = replayed(part, options=options)
    assert done.exit_code == 0, done.err
    assert "SERVICE_INITIATED 8001" in (tmp_path / "story.txt").read_text("utf-8")
    again = replayed(part, options=options)
    assert again.exit_code == 1
    assert "story.txt cannot be written: File exists" in again.err


async def test_another_link_gives_no_scenario(tmp_path: Path) -> None:
    parts, _ = await captured_calls(tmp_path)
    done = await asyncio.to_thread(replayed, *parts, options=("--quiet", "--scenario", "x", "--into", str(tmp_path)))
    assert done.exit_code == 1
    assert "a capture of the Asterisk link, and this is none" in done.err


async def test_a_copy_with_other_numbers(tmp_path: Path) -> None:
    folder, copies = tmp_path / "raw", tmp_path / "masked"
    async with captured(folder, part_bytes=3_000) as site:
        site.act("call_in 13800001111 1001")
        await site.states("1001", "ringing")
        site.act("hangup 1001")
    done = await asyncio.to_thread(replayed, folder, options=("--quiet", "--masked", str(copies)))
    assert done.exit_code == 0, done.err
    assert b"13800001111" in b"".join(site.frames)
    again = await asyncio.to_thread(replayed, *parts_in(copies))
    assert again.exit_code == 0, again.err
    assert len(again.frames) == sum(map(len, site.frames))
    assert b"13800001111" not in again.frames


@pytest.mark.parametrize("speed", ["0", "fast", "-1"])
def test_a_speed_that_is_none(tmp_path: Path, speed: str) -> None:
    (tmp_path / "frames").write_bytes(b"")
    assert replayed(tmp_path / "x", options=("--speed", speed)).exit_code == 2


def test_a_replay_keeps_to_the_time_of_its_file() -> None:
    pace, began = Pace(10.0), time.monotonic()
    for came_us in (1_000_000, 1_200_000, 1_400_000):
        pace.wait_for(came_us)
    assert time.monotonic() - began >= 0.04
    Pace(None).wait_for(10**15)


def test_chinese() -> None:
    assert text("it ends here: {reason}", reason="x").render(Language.ZH) != "it ends here: x"
