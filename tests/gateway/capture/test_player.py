"""A replay holds itself against the capture, and says where they part."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.capture import still
from gateway.capture.header import Header, read_header
from gateway.capture.layout import CHECKPOINT, HEADER, BadCapture, Record, opening, pack_record
from gateway.capture.part_files import parts_in
from gateway.capture.player import Player
from gateway.capture.recorder import values
from gateway.capture.step import Step, StepCodec
from gateway.doors import Door
from tests.gateway.capture.captured import captured, frames_of, records_of

Change = Callable[[list[Step]], None]


@pytest.fixture
async def part(tmp_path: Path) -> Path:
    async with captured(tmp_path) as site:
        await site.calls()
        site.works.tick()
    return parts_in(tmp_path)[0]


def steps_of(part: Path) -> tuple[Header, list[Record], list[Step]]:
    """Header, the first two records, and the steps."""
    records = records_of(part)
    header = read_header(records[0].content)
    codec = StepCodec(header.wall_us, header.monotonic_us)
    return header, records[:2], [codec.read(record.kind, record.content) for record in records[2:-1]]


def rewrite(part: Path, header: Header, records: list[Record], steps: list[Step]) -> None:
    """The same part with other steps."""
    codec = StepCodec(header.wall_us, header.monotonic_us)
    out = opening() + pack_record(HEADER, header.pack()) + pack_record(CHECKPOINT, records[1].content)
    for step in steps:
        readings = [now << 1 | clock for clock, now in step.readings]
        content = codec.pack(step.wall_us, step.brought, readings, step.sent, step.events, step.frames_crc)
        out += pack_record(step.door, content)
    part.write_bytes(out)


def index_of(steps: list[Step], door: Door) -> int:
    """The first step by a door that published something."""
    return next(index for index, step in enumerate(steps) if step.door is door and step.events)


def changed(at: Door, **fields: object) -> Change:
    def change(steps: list[Step]) -> None:
        index = index_of(steps, at)
        steps[index] = replace(steps[index], **fields)  # type: ignore[arg-type]

    return change


def less_time(steps: list[Step]) -> None:
    index = index_of(steps, Door.RECEIVED)
    steps[index] = replace(steps[index], readings=steps[index].readings[:-1])


def more_time(steps: list[Step]) -> None:
    index = index_of(steps, Door.RECEIVED)
    steps[index] = replace(steps[index], readings=(*steps[index].readings, (0, 5)))


def other_time(steps: list[Step]) -> None:
    index = index_of(steps, Door.RECEIVED)
    steps[index] = replace(steps[index], readings=tuple((clock, now + 1) for clock, now in steps[index].readings))


def left_out(steps: list[Step]) -> None:
    del steps[index_of(steps, Door.RECEIVED)]


def other_sent(steps: list[Step]) -> None:
    index = next(index for index, step in enumerate(steps) if step.sent)
    steps[index] = replace(steps[index], sent=steps[index].sent.replace(b"0", b"1", 1))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (less_time, "the time is asked for once more than the"),
        (more_time, "the time is asked for 1 times less than it was then"),
        (other_time, "has another frame than then"),
        (left_out, "."),
        (other_sent, "sent to the switch: from byte"),
        (changed(Door.RECEIVED, events=9), "events are published where it were 9 then"),
        (changed(Door.RECEIVED, frames_crc=1), "has another frame than then"),
        (changed(Door.RECEIVED, door=Door.TICK, brought=b""), "."),
        (changed(Door.BEGUN, door=Door.LATER), "LATER of a link, and there is none"),
        (changed(Door.CONNECTING, door=Door.GOODBYE), "GOODBYE on a link without a connection"),
        (changed(Door.SITE, brought=values(Door.SITE, (1, 2, 3))), "TypeError"),
        (changed(Door.SITE, brought=b"\x80\x04cos\nsystem\n)R."), "may not stand in a capture"),
    ],
)
async def test_the_first_difference_ends_it(part: Path, change: Change, text: str) -> None:
    header, records, steps = steps_of(part)
    change(steps)
    rewrite(part, header, records, steps)
    with pytest.raises(BadCapture, match=text) as failed:
        frames_of(part)
    assert f"{part.name}: byte {failed.value.offset}: " in str(failed.value)
    assert failed.value.offset in [record.offset for record in records_of(part)]


async def test_unchanged_it_is_played(part: Path) -> None:
    header, records, steps = steps_of(part)
    whole = frames_of(part)
    rewrite(part, header, records, steps)
    assert frames_of(part) == whole


async def test_another_software_is_named_where_it_parts(part: Path) -> None:
    header, records, steps = steps_of(part)
    other_time(steps)
    rewrite(part, replace(header, software="0.0.9+00000000"), records, steps)
    with pytest.raises(BadCapture, match=r"this capture was made by 0\.0\.9\+00000000, and this is "):
        frames_of(part)


@pytest.mark.parametrize("checkpoint", [b"", b"\x80\x04N.", still.written({"a": 1}, {}), b"\x80\x04cos\nsystem\n."])
async def test_a_checkpoint_of_something_else(part: Path, checkpoint: bytes) -> None:
    header, records, steps = steps_of(part)
    rewrite(part, header, [records[0], replace(records[1], content=checkpoint)], steps)
    with pytest.raises(BadCapture):
        frames_of(part)


async def test_when_a_step_came_can_be_asked_before_it_is_played(part: Path) -> None:
    player = Player(part.name)
    for record in records_of(part):
        came_us = player.time_of(record)
        player.play(record)
        assert came_us in (None, player.wall_us)
    assert player.is_ended
    assert player.steps == len(records_of(part)) - 3
