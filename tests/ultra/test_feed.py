"""``ultra feed`` as a process of its own: a file is a stream, over a restart too; a bad line is named."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from model.centre_events import AgentEvent, CentreEvent
from model.centre_mirror import CentreMirror
from model.ids import EventId
from protocol.client import Address, CentreEventSeen, CentreSnapshotTaken, UlpClient
from protocol.json_form import event_json, json_line
from protocol.kinds import Role
from protocol.messages import Hello
from tests.protocol.centre_samples import CentreWorld
from ultra.feed import LINE_BYTES_MAX

SECONDS_MAX = 20.0
EVENTS = 30


def history(events: int = EVENTS) -> tuple[list[CentreEvent], CentreWorld]:
    """Some events, always the same."""
    world, turn = CentreWorld(), 0

    def choose(options: Sequence[Any]) -> Any:
        nonlocal turn
        turn += 1
        return list(options)[turn * turn % len(list(options))]

    return [world.step(choose) for _ in range(events)], world


def lines(events: Sequence[CentreEvent]) -> str:
    return "".join(json_line(event_json(7, event)) + "\n" for event in events)


@asynccontextmanager
async def feeding(
    *arguments: str, errors: int | None = asyncio.subprocess.PIPE
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Address]]:
    """The command, listening; it ends in order. Who does not read its standard error, and keeps it busy, has ``errors``
    None, ours: a full pipe would hold it up."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ultra", "feed", *arguments, "--epoch", "7",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS_MAX):
            said = (await process.stdout.readline()).decode()
        assert said.startswith("listening on 127.0.0.1:"), said
        yield process, Address("127.0.0.1", int(said.rpartition(":")[2]))
        process.terminate()
        async with asyncio.timeout(SECONDS_MAX):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def events_after(server: Address, after: EventId, count: int) -> list[CentreEvent]:
    """So many events after a place."""
    client = await UlpClient.connect(server, Hello("test", Role.CONSUMER))
    client.subscribe(after)
    seen: list[CentreEvent] = []
    async with asyncio.timeout(SECONDS_MAX):
        async for item in client.items():
            if isinstance(item, CentreEventSeen):
                seen.append(item.event)
            if len(seen) == count:
                break
    await client.close()
    return seen


async def test_a_file_is_a_stream_over_a_restart_too(tmp_path: Path) -> None:
    events, _ = history()
    file = tmp_path / "cti.jsonl"
    file.write_text(lines(events), "utf-8")
    async with feeding(str(file)) as (_, server):
        assert await events_after(server, EventId(7, 0), EVENTS) == events
    async with feeding(str(file)) as (_, server):
        assert await events_after(server, EventId(7, 20), EVENTS - 20) == events[20:]


async def test_who_comes_late_gets_what_goes_on_now(tmp_path: Path) -> None:
    events, world = history()
    file = tmp_path / "cti.jsonl"
    file.write_text(lines(events), "utf-8")
    async with feeding(str(file)) as (_, server):
        client = await UlpClient.connect(server, Hello("test", Role.CONSUMER))
        assert [one.name for one in client.welcome.streams] == ["site/cti"]
        client.subscribe()
        async with asyncio.timeout(SECONDS_MAX):
            async for item in client.items():
                if isinstance(item, CentreSnapshotTaken):
                    assert item.snapshot == world.state
                    break
        await client.close()


async def test_a_line_is_published_as_it_comes_and_a_bad_one_is_refused_by_name() -> None:
    events, _ = history()
    async with feeding("-", "--stream", "ivr", "--name", "here/ivr") as (process, server):
        assert process.stdin is not None
        assert process.stderr is not None
        client = await UlpClient.connect(server, Hello("test", Role.CONSUMER))
        assert client.welcome.streams[0].name == "here/ivr"
        client.subscribe(EventId(7, 0))
        nonsense = [b'{"kind": "nonsense"}', b"\xff", b'{"a": ' * 100_000, b"[" + b" " * 2 * LINE_BYTES_MAX + b"]"]
        process.stdin.write(lines(events[:3]).encode() + b"\n".join([*nonsense, lines(events[3:]).encode()]))
        mirror = CentreMirror(CentreWorld().state)
        async with asyncio.timeout(SECONDS_MAX):
            async for item in client.items():
                if isinstance(item, CentreEventSeen):
                    mirror.apply(item.event)
                if mirror.number == EVENTS:
                    break
            said = [(await process.stderr.readline()).decode() for _ in range(1 + len(nonsense))]
            told = [one for one in said if one.startswith("line ")]
        assert told[0].startswith("line 4: kind: expected one of agent_logged_in,")
        assert told[0].endswith("got 'nonsense'\n")
        assert told[1].startswith("line 5: expected a JSON object: 'utf-8' codec can't decode byte 0xff"), told
        assert told[2].startswith("line 6: expected a JSON object: maximum recursion depth exceeded"), told
        assert told[3] == f"line 7: expected a JSON object of at most {LINE_BYTES_MAX} bytes, the line is longer\n"
        await client.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected a JSON object: "),
        ('{"kind": "seen", "time": "2026-01-31T08:00:00Z"}', "seen: is missing"),
        ('{"kind": "seen", "time": "2026-01-31T08:00:00Z", "seen": "1:2", "number": 5}', "number: expected 2, "),
    ],
)
async def test_a_file_with_a_mistake_is_refused_by_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "cti.jsonl"
    file.write_text(f'{{"kind": "seen", "time": "2026-01-31T08:00:00Z", "seen": "1:1"}}\n{text}\n', "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ultra", "feed", str(file), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(SECONDS_MAX):
        _, err = await process.communicate()
    assert process.returncode == 1
    assert f"{file}:2: {said}" in err.decode()


def test_the_events_tell_of_agents() -> None:
    assert any(isinstance(event, AgentEvent) for event in history()[0])
    assert json.loads(lines(history()[0]).splitlines()[0])["epoch"] == 7
