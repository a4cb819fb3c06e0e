"""The demonstration's processes: the simulator, and a site's daemons under the supervisor that a real site has. Started
in order, watched, stopped in the other.

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
from ultra.demo_site import DemoSite, write_cdr, write_site
from ultra.processes import Child
from ultra.site_processes import free_port, log_entry, start_simulator, start_site

START_SECONDS_MAX: Final = 30.0
"""For a daemon to say where it listens: one or two on an idle machine."""

LINES_KEPT: Final = 20
"""Of what a child said last, to be shown when it ends by itself."""

T = TypeVar("T")


class Stage:
    """Running processes. ``children`` is everybody that has been started by us, in order."""

    def __init__(self, daemon: Daemon, children: list[Child], folder: Path) -> None:
        self._daemon = daemon
        self.children = children
        self.folder = folder
        self._is_stopping = False
        self._last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.switch_port = 0
        self.admin_port = 0
        self.server = Address("127.0.0.1", 0)
        self.errors: list[str] = []
        """Lines of level error in the logs, behind their daemon's name: bugs of ours, or losses."""
        self.failed = asyncio.Event()
        """A process has ended without being asked; ``failure`` says which and how."""
        self.failure = ""

    @property
    def database(self) -> str:
        """Where the records are."""
        return f"sqlite:///{self.folder / 'var' / 'cdr.db'}"

    @classmethod
    @asynccontextmanager
    async def set_up(
        cls, folder: Path, site: DemoSite, traffic: list[str], daemon: Daemon, children: list[Child]
    ) -> AsyncIterator[Stage]:
        """All run inside. ``traffic`` are options of ``ultra sim``; StartRefused when one does not come up."""
        stage = cls(daemon, children, folder)
        try:
            await stage._start_simulator(site, traffic)
            await stage._start_site(site)
            yield stage
        finally:
            stage._is_stopping = True
            for child in reversed(children):
                await child.stop()

    async def _start_simulator(self, site: DemoSite, traffic: list[str]) -> None:
        ports = await self._started(*await start_simulator(site, traffic, self._daemon.spawn, self._last_lines.append))
        self.switch_port, self.admin_port = ports.csta, ports.admin

    async def _start_site(self, site: DemoSite) -> None:
        server = Address("127.0.0.1", free_port())
        config = write_site(self.folder, site, self.switch_port, server.port)
        wanted = {"gateway_started"}
        if site.has_records:
            write_cdr(self.folder, str(server))
            wanted.add("recording")
        up: asyncio.Future[Address] = asyncio.get_running_loop().create_future()

        def said(name: str, line: str) -> None:
            entry = log_entry(line)
            if name == "up" and entry["event"] in ("program_crashed", "program_ended"):
                self._fail(entry["program"], entry["exit_code"], up)
            self._last_lines.append(line)
            if entry["level"] == "error":
                self.errors.append(f"{name}: {line}")
            wanted.discard(entry["event"])
            if not wanted and not up.done():
                up.set_result(server)

        self.server = await self._started(await start_site(config.parent, self._daemon.spawn, said), up)

    async def _started(self, child: Child, said: asyncio.Future[T]) -> T:
        self.children.append(child)
        self._daemon.spawn(self._watch(child, said), name=f"{child.name} watch")
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                return await said
        except TimeoutError:
            raise StartRefused(f"the {child.name} did not start within {START_SECONDS_MAX:.0f} s") from None

    async def _watch(self, child: Child, said: asyncio.Future[T]) -> None:
        self._fail(child.name, await child.wait(), said)

    def _fail(self, name: str, exit_code: int, said: asyncio.Future[T]) -> None:
        if self._is_stopping or self.failure:
            return
        last = "".join(f"\n    {line}" for line in self._last_lines)
        self.failure = f"the {name} ended by itself, exit code {exit_code}; it said last:{last}"
        self.failed.set()
        if not said.done():
            said.set_exception(StartRefused(self.failure))
