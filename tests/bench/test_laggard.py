"""The slow subscriber of the bench: live at first, then so slow that it is closed."""

import asyncio
import sys

from protocol.limits import ServerLimits
from tests.protocol.running import serving
from tests.waiting import until


async def test_it_becomes_live_is_too_slow_and_says_that_it_was_closed() -> None:
    async with serving(ServerLimits(waiting_bytes_max=16 * 1024, goodbye_seconds=0.1)) as site:
        command = (sys.executable, "-m", "bench.laggard", str(site.address.port), "snail", "1000000")
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"live\n"
        await until(lambda: [row.name for row in site.server.sessions()] == ["snail"])

        def is_closed() -> bool:
            site.publish_many(500)
            return site.server.slow_consumers == 1

        await until(is_closed)
        assert (await process.stdout.readline()).startswith(b"closed")
        assert await process.wait() == 0
