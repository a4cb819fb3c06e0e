"""A simulated switch and a gateway as they are shipped, each its own process, and a subscriber of the gateway.

The switch can be killed and started again at the same port, as one that loses power.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from protocol.kinds import Role
from runtime.tasks import Spawn, owned_by
from tests.system.gateway_process import START_SECONDS_MAX, STOP_SECONDS_MAX, Subscriber, subscribed
from tests.system.site_processes import ANY_PORTS, start_simulator
from ultra.demo_checks import SwitchAdmin
from ultra.demo_site import DemoSite, write_site
from ultra.processes import Child


class CstaSite:
    """Two processes and a subscriber, whose gateway's files lie in `folder`."""

    subscriber: Subscriber

    def __init__(self, folder: Path, site: DemoSite, sim_options: Sequence[str], spawn: Spawn) -> None:
        self.folder = folder
        self.ports = ANY_PORTS
        self._site = site
        self._sim_options = sim_options
        self._spawn = spawn
        self._switch: Child | None = None

    async def start_switch(self, *changed: str) -> None:
        """Start the simulated switch, a second time where it was; `changed` are options instead of those it had."""
        options = changed or self._sim_options
        self._switch, listening = await start_simulator(self._site, options, self._spawn, print, self.ports)
        async with asyncio.timeout(START_SECONDS_MAX):
            self.ports = await listening

    async def kill_switch(self) -> None:
        """As a power cut."""
        assert self._switch is not None
        self._switch.signal(signal.SIGKILL)
        await self._switch.wait()

    async def stop_switch(self) -> None:
        if self._switch is not None:
            await self._switch.stop(STOP_SECONDS_MAX)

    async def ask_switch(self, *lines: str) -> dict[str, Any]:
        """Say lines to the switch's admin port; the last answer."""
        async with SwitchAdmin.connect(self.ports.admin) as admin:
            for line in lines:
                answer = await admin.ask(line)
                assert answer.get("ok"), (line, answer)
        return answer

    def write_files(self, switch_settings: str) -> Path:
        """The gateway's files, with more lines of `[switch]`; gateway.toml."""
        config = write_site(self.folder, self._site, self.ports.csta)
        port_line = f"port = {self.ports.csta}\n"
        config.write_text(config.read_text("utf-8").replace(port_line, port_line + switch_settings), "utf-8")
        return config


@asynccontextmanager
async def csta_site(
    folder: Path, site: DemoSite, *sim_options: str, switch_settings: str = ""
) -> AsyncIterator[CstaSite]:
    """Both processes run and the link is up."""
    async with asyncio.TaskGroup() as group:
        spawn = owned_by(group)
        one = CstaSite(folder, site, sim_options, spawn)
        try:
            await one.start_switch()
            async with subscribed(one.write_files(switch_settings), Role.ADMIN, spawn) as one.subscriber:
                yield one
        finally:
            await one.stop_switch()
