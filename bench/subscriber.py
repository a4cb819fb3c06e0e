"""A subscriber in a process of its own: subscribes to everything, reads, and tells how far it has come.

So that the measured process pays for sending to a real reader and for nothing of the reading.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.kinds import Role
from protocol.messages import Hello


class Reader:
    """The reader's process, seen from the measuring one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def has_read_up_to(self, number: int) -> None:
        """Wait until it has seen that event."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{number}\n".encode())
        await self._process.stdin.drain()
        answer = await self._process.stdout.readline()
        assert answer == b"read\n", answer


@asynccontextmanager
async def reader_process(port: int) -> AsyncIterator[Reader]:
    """A subscriber of the server at ``port`` that is live when this is entered."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.subscriber", str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"live\n"
    try:
        yield Reader(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def read(port: int) -> None:
    """The reader: live, then until the number asked for on standard input."""
    client = await UlpClient.connect(Address("127.0.0.1", port), Hello("bench", Role.CONSUMER))
    client.subscribe()
    seen = 0
    wanted: int | None = None
    loop = asyncio.get_running_loop()
    line = loop.run_in_executor(None, sys.stdin.readline)
    async for item in client.items():
        if isinstance(item, SnapshotTaken):
            seen = item.snapshot.number
            print("live", flush=True)
        elif isinstance(item, EventSeen):
            seen = item.event.number
        if wanted is None and line.done():
            wanted = int(await line)
        if wanted is not None and seen >= wanted:
            break
    print("read", flush=True)
    await client.close()


if __name__ == "__main__":
    asyncio.run(read(int(sys.argv[1])))
