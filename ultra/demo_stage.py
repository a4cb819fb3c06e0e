"""The demonstration's two daemons, simulator and gateway: started in order, watched, stopped in the other.

Decides nothing about calls.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

from protocol.client import Address
from runtime.tasks import Daemon, StartRefused
from ultra.demo_site import DemoSite, write_site
from ultra.processes import Child
from ultra.site_processes import log_entry, start_gateway, start_simulator

START_SECONDS_MAX: Final = 30.0
"""For a daemon to say where it listens: one or two on an idle machine."""

LINES_KEPT: Final = 20
"""Of what a child said last, to be shown when it ends by itself."""

T = TypeVar("T")


class Stage:
    """Two running daemons. ``children`` is everybody that has been started, in order."""

    def __init__(self, daemon: Daemon, children: list[Child]) -> None:
        self._daemon = daemon
        self.children = children
        self._is_stopping = False
        self._last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.switch_port = 0
        self.admin_port = 0
        self.server = Address("127.0.0.1", 0)
        self.gateway_errors = 0
        """Lines of level error in the gateway's log: bugs of ours, or losses."""
        self.failed = asyncio.Event()
        """A child has ended without being asked; ``failure`` says which and how."""
        self.failure = ""

    @classmethod
    @asynccontextmanager
    async def set_up(
        cls, folder: Path, site: DemoSite, traffic: list[str], daemon: Daemon, children: list[Child]
    ) -> AsyncIterator[Stage]:
        """Both run inside. ``traffic`` are options of ``ultra sim``; StartRefused when one does not come up."""
        stage = cls(daemon, children)
        try:
            await stage._start_simulator(site, traffic)
            await stage._start_gateway(write_site(folder, site, stage.switch_port))
            yield stage
        finally:
            stage._is_stopping = True
            for child in reversed(children):
                await child.stop()

    async def _start_simulator(self, site: DemoSite, traffic: list[str]) -> None:
        ports = await self._started(*await start_simulator(site, traffic, self._daemon.spawn, self._last_lines.append))
        self.switch_port, self.admin_port = ports.csta, ports.admin

    async def _start_gateway(self, config: Path) -> None:
        def said(line: str) -> None:
            self._last_lines.append(line)
            self.gateway_errors += log_entry(line)["level"] == "error"

        self.server = await self._started(*await start_gateway(config, self._daemon.spawn, said))

    async def _started(self, child: Child, said: asyncio.Future[T]) -> T:
        self.children.append(child)
        self._daemon.spawn(self._watch(child, said), name=f"{child.name} watch")
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                return await said
        except TimeoutError:
            raise StartRefused(f"the {child.name} did not start within {START_SECONDS_MAX:.0f} s") from None

    async def _watch(self, child: Child, said: asyncio.Future[T]) -> None:
        exit_code = await child.wait()
        if not self._is_stopping:
            last = "".join(f"\n    {line}" for line in self._last_lines)
            self.failure = f"the {child.name} ended by itself, exit code {exit_code}; it said last:{last}"
            self.failed.set()
            if not said.done():
                said.set_exception(StartRefused(self.failure))
