"""The TCP connection to a manager interface: read until something is due, and no longer."""

import asyncio
from typing import Self

CHUNK_BYTES = 65_536
"""Read at once: some hundred events, handled in a few milliseconds."""

BUFFER_BYTES_MAX = 4 * 1024 * 1024
"""Held for us by the stream reader before it stops reading: a second's events of 500 calls a second."""

LOOK_SECONDS = 0.001
"""For what is there to read already."""


class AmiConnection:
    """One connection; one task reads, any may write."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._wait: asyncio.Timeout | None = None

    @classmethod
    async def open(cls, host: str, port: int, seconds_max: float) -> Self:
        """Connect. OSError or TimeoutError when that fails."""
        async with asyncio.timeout(seconds_max):
            return cls(*await asyncio.open_connection(host, port, limit=BUFFER_BYTES_MAX))

    async def read(self, seconds: float) -> bytes | None:
        """What the switch sent, empty at its end; None when it sent nothing for so long, or until ``due_in``.

        After a standstill of ours a timer comes before the bytes that came meanwhile: hence the second look.
        """
        chunk = await self._read_within(seconds)
        return await self._read_within(LOOK_SECONDS) if chunk is None else chunk

    async def _read_within(self, seconds: float) -> bytes | None:
        try:
            async with asyncio.timeout(seconds) as self._wait:
                return await self._reader.read(CHUNK_BYTES)
        except TimeoutError:
            return None
        finally:
            self._wait = None

    @property
    def is_reading(self) -> bool:
        """Whether ``read`` waits."""
        return self._wait is not None and not self._wait.expired()

    def due_in(self, seconds: float) -> None:
        """Something is due earlier or later than ``read`` was told."""
        if self._wait is not None and self.is_reading:
            self._wait.reschedule(asyncio.get_running_loop().time() + seconds)

    def write(self, outgoing: bytes) -> None:
        """Send, at the switch's speed."""
        self._writer.write(outgoing)

    async def drain(self) -> None:
        """Wait while the switch reads slower than we write."""
        await self._writer.drain()

    def abort(self) -> None:
        """Drop the connection, as a network would."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Close it in order."""
        self._writer.close()
