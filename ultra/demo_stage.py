"""The demonstration's processes: a simulated switch and a site's daemons, under the supervisor of ``ultra up``.

Started together, watched, stopped in order. Decides nothing about calls.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from protocol.client import Address
from runtime.tasks import Spawn, StartRefused
from ultra.demo_site import QUEUE_NUMBER, DemoSite, write_cdr, write_site
from ultra.supervisor import Program, Supervisor, programs_of

START_SECONDS_MAX: Final = 30.0
"""For all to say that they run: two or three on an idle machine."""

LINES_KEPT: Final = 20
"""Of what was said last, to be shown when one ends by itself."""

STARTED: Final = {"simulator": "listening on ", "gateway": "gateway_started", "cdr": "recording"}
"""How each says that it runs: a daemon by an event in its log, the simulator by a line that begins so."""


class Stage:
    """Processes that run together, made by ``set_up``; whoever leaves without the end of ``running`` kills them by
    ``supervisor``."""

    def __init__(
        self, folder: Path, programs: Sequence[Program], server: Address, admin_port: int, spawn: Spawn
    ) -> None:
        self.folder = folder
        self.server = server
        self.admin_port = admin_port
        self.supervisor = Supervisor(programs, spawn, self._hear, is_settled=self._fail)
        self._spawn = spawn
        self._starting = {program.name for program in programs}
        self._started = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self.errors: list[str] = []
        """Lines of level error in the logs, behind their daemon's name: bugs of ours, or losses."""
        self.failed = asyncio.Event()
        """A process has ended without being asked; ``failure`` says which and how."""
        self.failure = ""

    @classmethod
    def set_up(cls, folder: Path, site: DemoSite, traffic: Sequence[str], spawn: Spawn) -> Stage:
        """The site's files, and a simulated switch beside it; ``traffic`` are options of ``ultra sim``. Nothing runs
        yet, and their ports are free."""
        switch_port, admin_port, server = free_port(), free_port(), Address("127.0.0.1", free_port())
        etc = write_site(folder, site, switch_port, server.port).parent
        if site.has_records:
            write_cdr(folder, str(server))
        switch = Program("simulator", "ultra", simulator_arguments(site, switch_port, admin_port, traffic))
        return cls(folder, [switch, *programs_of(etc)], server, admin_port, spawn)

    @property
    def database(self) -> str:
        """Where the records are."""
        return f"sqlite:///{self.folder / 'var' / 'cdr.db'}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All run inside. StartRefused when one does not come up."""
        supervision = self._spawn(self.supervisor.run(), name="demo supervision")
        try:
            try:
                async with asyncio.timeout(START_SECONDS_MAX):
                    await self._started.wait()
            except TimeoutError:
                silent = ", ".join(sorted(self._starting))
                raise StartRefused(f"not started within {START_SECONDS_MAX:.0f} s: {silent}") from None
            if self.failure:
                raise StartRefused(self.failure)
            yield
        finally:
            await self.supervisor.stop()
            await asyncio.wait({supervision})

    def _hear(self, name: str, line: str) -> None:
        entry = log_entry(line)
        self._last_lines.append(line)
        if entry["level"] == "error":
            self.errors.append(f"{name}: {line}")
        if entry["event"].startswith(STARTED[name]):
            self._starting.discard(name)
        if not self._starting:
            self._started.set()

    def _fail(self, name: str, exit_code: int) -> bool:
        """One has ended by itself. None is started again: a demonstration that hides a crash shows nothing."""
        if not self.failure:
            last = "".join(f"\n    {line}" for line in self._last_lines)
            self.failure = f"the {name} ended by itself, exit code {exit_code}; it said last:{last}"
            self.failed.set()
            self._started.set()
        return True


def simulator_arguments(site: DemoSite, csta_port: int, admin_port: int, options: Sequence[str]) -> tuple[str, ...]:
    """Of ``python -m ultra``: a switch with the site's devices on loopback, and more options of ``ultra sim``."""
    where = ("--listen", f"127.0.0.1:{csta_port}", "--admin", str(admin_port))
    devices = ("--extensions", ",".join(site.extensions), "--trunks", str(site.trunks), "--queue", QUEUE_NUMBER)
    return ("sim", *where, *devices, *options)


def free_port() -> int:
    """A port of loopback that nobody listens on now; somebody else may take it until we do."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def log_entry(line: str) -> dict[str, Any]:
    """A line of a JSON log, its ``event`` and ``level`` at least. Words for people, before the log is open, are of the
    level text; an interpreter's last words are an error."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if isinstance(entry, dict):
        return {"event": "", "level": "text", **entry}
    return {"event": line, "level": "error" if line.startswith("Traceback") else "text"}
