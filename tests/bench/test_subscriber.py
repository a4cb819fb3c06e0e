"""The bench's subscriber: a real process at a real server, that says when it has read up to an event."""

import asyncio

from bench.pipeline import gateway
from bench.subscriber import reader_process
from gateway.portcfg import parse
from model.causes import Cause
from model.ids import DeviceNumber, Microseconds
from model.reports import DeviceFlag, DeviceReport
from runtime.clock import SystemClock
from runtime.tasks import owned_by

PORTS = list(parse(b"EXT 8001-8003\n", "port.cfg").ports)


async def test_it_is_live_when_entered_and_reads_what_is_published_then() -> None:
    clock = SystemClock()
    async with asyncio.TaskGroup() as group:
        owner, server, model = gateway(PORTS, clock, owned_by(group))
        port = await server.start("127.0.0.1", 0)
        async with reader_process(port) as reader:
            live_at = model.number
            asked = group.create_task(reader.has_read_up_to(live_at + 2), name="asked")
            for flag in (DeviceFlag.OUT_OF_SERVICE, DeviceFlag.BACK_IN_SERVICE):
                owner.report(
                    DeviceReport(flag, DeviceNumber("8001"), Microseconds(clock.wall_us()), cause=Cause.NORMAL)
                )
            assert model.number == live_at + 2
            await asked
        await server.stop()


async def test_it_says_so_when_it_had_read_that_far_before_it_was_asked() -> None:
    clock = SystemClock()
    async with asyncio.TaskGroup() as group:
        _, server, model = gateway(PORTS, clock, owned_by(group))
        port = await server.start("127.0.0.1", 0)
        async with reader_process(port) as reader:
            await reader.has_read_up_to(model.number)
        await server.stop()
