"""The call records as they are shipped, ``ultracdr`` in its own process, beside a gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.client import Address, UlpClient
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Request
from runtime.tasks import Spawn, owned_by
from tests.asking import Answer, get
from tests.system.gateway_process import START_SECONDS_MAX, STOP_SECONDS_MAX
from tests.system.site_processes import start_cdr
from tests.waiting import until_told
from ultra.demo_checks import gateway_snapshot
from ultra.demo_stage import log_entry
from ultra.processes import Child

WRITTEN_SECONDS_MAX = 60.0


@dataclass
class CdrProcess:
    """One daemon; ``logged`` is its log so far."""

    config: Path
    gateway: Address
    spawn: Spawn
    logged: list[dict[str, Any]] = field(default_factory=list)
    child: Child = field(init=False)
    port: int = 0

    async def start(self) -> None:
        """Start it, or start it again."""
        self.child, listening = await start_cdr(self.config, self.spawn, self._hear)
        async with asyncio.timeout(START_SECONDS_MAX):
            self.port = await listening

    def _hear(self, line: str) -> None:
        self.logged.append(log_entry(line))

    async def stop(self) -> int:
        """As an operator does; the exit code."""
        return await self.child.stop(STOP_SECONDS_MAX)

    async def ready(self) -> Answer:
        """What it says of itself."""
        return await get(self.port, "/readyz", "Accept: application/json")

    async def reasons(self) -> list[str]:
        """The codes of that."""
        return [one["code"] for one in json.loads((await self.ready()).body)["reasons"]]

    async def figures(self) -> dict[str, float]:
        """Its metrics."""
        return (await get(self.port, "/metrics")).values

    async def written(self, seconds_max: float = WRITTEN_SECONDS_MAX) -> None:
        """Return once everything that the gateway has told so far stands in the database."""
        place, _ = await gateway_snapshot(self.gateway)

        async def confirmed() -> bool:
            client = await UlpClient.connect(self.gateway, Hello("look-out", Role.ADMIN))
            reply = await client.request(Request(Kind.QUERY_SESSIONS))
            await client.close()
            return next(row.confirmed for row in reply.consumers if row.name == "cdr") >= place.number

        await until_told(confirmed, seconds_max=seconds_max)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Lines of its log."""
        return [one for one in self.logged if one["event"] == name]

    def faults(self) -> list[dict[str, Any]]:
        """What it logged as wrong."""
        return [one for one in self.logged if one["level"] in ("warning", "error", "critical")]


@asynccontextmanager
async def recording(config: Path, gateway: Address) -> AsyncIterator[CdrProcess]:
    """A daemon that runs, and ends in order."""
    async with asyncio.TaskGroup() as group:
        one = CdrProcess(config, gateway, owned_by(group))
        await one.start()
        try:
            yield one
            assert await one.stop() == 0
        except BaseException:
            print(*one.logged, sep="\n")
            raise
        finally:
            one.child.kill()
