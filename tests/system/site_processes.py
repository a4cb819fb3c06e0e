"""Simulator, gateway and call records as child processes, one by one: how each is started, and how it says where it
listens.

The system chooses their ports, so nothing needs to be free beforehand. Decides neither when to start nor what an end
means; the futures stay open when a child ends without having listened.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protocol.client import Address
from runtime.tasks import Spawn
from ultra.demo_site import DemoSite
from ultra.demo_stage import log_entry, simulator_arguments
from ultra.processes import Child, TakeLine

_LISTENING: Final = re.compile(r"listening on 127\.0\.0\.1:(\d+), admin on 127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class SwitchPorts:
    """Where a simulator listens; 0: wherever something is free."""

    csta: int = 0
    admin: int = 0


ANY_PORTS: Final = SwitchPorts()


async def start_simulator(
    site: DemoSite, options: Sequence[str], spawn: Spawn, errors: TakeLine, ports: SwitchPorts = ANY_PORTS
) -> tuple[Child, asyncio.Future[SwitchPorts]]:
    """``ultra sim`` with the devices of ``site`` and more ``options``; its ports, as soon as it listens."""
    listening: asyncio.Future[SwitchPorts] = asyncio.get_running_loop().create_future()

    def said(line: str) -> None:
        found = _LISTENING.search(line)
        if found and not listening.done():
            listening.set_result(SwitchPorts(int(found[1]), int(found[2])))

    arguments = simulator_arguments(site, ports.csta, ports.admin, options)
    return await Child.start("simulator", "ultra", arguments, spawn, output=said, errors=errors), listening


async def start_gateway(config: Path, spawn: Spawn, say: TakeLine) -> tuple[Child, asyncio.Future[Address]]:
    """A gateway that logs JSON to standard error; its lines go to ``say``. Its address, as soon as it listens."""
    listening: asyncio.Future[Address] = asyncio.get_running_loop().create_future()

    def said(line: str) -> None:
        say(line)
        entry = log_entry(line)
        if entry["event"] == "gateway_started" and not listening.done():
            listening.set_result(Address.parse(entry["listen"], 0))

    arguments = ["--config", str(config)]
    return await Child.start("gateway", "gateway", arguments, spawn, output=said, errors=said), listening


async def start_cdr(config: Path, spawn: Spawn, say: TakeLine) -> tuple[Child, asyncio.Future[int]]:
    """The call records' daemon, logging JSON to standard error; its lines go to ``say``. The port of its pages, as soon
    as it listens."""
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def said(line: str) -> None:
        say(line)
        entry = log_entry(line)
        if entry["event"] == "metrics_listening" and not listening.done():
            listening.set_result(int(entry["listen"].rpartition(":")[2]))

    return await Child.start("cdr", "cdr", ["--config", str(config)], spawn, output=said, errors=said), listening
