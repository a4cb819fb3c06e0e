"""A gateway as it is shipped, in its soak: its switch, its witness, its journal, and what goes wrong with its link."""

import asyncio
import random
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.ids import DeviceNumber
from model.mirror import Mirror
from model.view import Call
from protocol.client import Address, UlpClient
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Request
from runtime.tasks import Spawn
from tests.asking import get
from tests.system.csta_site import CstaSite
from tests.system.gateway_process import START_SECONDS_MAX, STOP_SECONDS_MAX
from tests.system.site_processes import start_gateway
from tests.system.soak.company import Company, Witness
from tests.system.soak.figures import folder_bytes, holding
from tests.system.soak.samples import MEGABYTE, Sample
from tests.waiting import until, until_told
from ultra.demo_checks import gateway_snapshot, snapshot_differences, table_differences
from ultra.demo_stage import log_entry
from ultra.processes import Child

KEPT_BYTES, SEGMENT_BYTES = 8 * MEGABYTE, 1 * MEGABYTE
"""Of the journal: retention has something to do every half minute."""
CUT_STAYS = 3
"""Between two troubles of the link: so many of the longest stays."""
SETTLE_SECONDS_MAX = 120.0
LOGGED_LINES = 300


@dataclass
class Soak:
    """One gateway in its course: the processes, what was sampled, what it logged."""

    switch: CstaSite
    spawn: Spawn
    folder: Path
    samples: list[Sample] = field(default_factory=list)
    logged: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOGGED_LINES))
    faults: list[dict[str, Any]] = field(default_factory=list)
    gateway: Child = field(init=False)
    server: Address = field(init=False)
    witness: Witness = field(init=False)
    metrics_port: int = 0
    _listening: asyncio.Task[None] = field(init=False)

    async def start(self) -> None:
        """Gateway and witness, the link up."""
        config = self.switch.write_files("silence_seconds = 5.0\n")
        kept = f"segment_mb = {SEGMENT_BYTES // MEGABYTE}\nkeep_gb = {KEPT_BYTES / 1024**3}\n"
        text = config.read_text("utf-8").replace("[journal]\n", f"[journal]\n{kept}")
        config.write_text(text + '\n[metrics]\nlisten = "127.0.0.1:0"\n', "utf-8")
        self.gateway, listening = await start_gateway(config, self.spawn, self._hear)
        async with asyncio.timeout(START_SECONDS_MAX):
            self.server = await listening
        self.witness = Witness(self.server)
        self._listening = self.spawn(self.witness.listen(), name="witness")
        await until(lambda: self.witness.is_up, seconds_max=START_SECONDS_MAX)

    def _hear(self, line: str) -> None:
        entry = log_entry(line)
        self.logged.append(entry)
        if entry["level"] in ("error", "critical"):
            self.faults.append(entry)
        if entry["event"] == "metrics_listening":
            self.metrics_port = int(entry["listen"].rpartition(":")[2])

    async def figures(self) -> dict[str, float]:
        """The page of metrics, which may be half a second old."""
        return (await get(self.metrics_port, "/metrics")).values

    async def sample(self, seconds: float) -> Sample:
        """What the gateway holds and says now."""
        figures = await self.figures()
        return Sample(
            seconds,
            self.witness.number,
            holding(self.gateway.pid),
            int(figures["ultra_gateway_tasks"]),
            int(figures["ultra_gateway_memory_blocks"]),
            int(figures["ultra_gateway_connections"]),
            folder_bytes(self.folder / "var" / "journal"),
        )

    async def alone(self, seconds: float) -> Sample:
        """The same with nobody there but the witness; the sample is no part of a slope."""

        async def nobody_else() -> bool:
            return (await self.figures())["ultra_gateway_connections"] == 1

        await until_told(nobody_else, seconds_max=SETTLE_SECONDS_MAX)
        return await self.sample(seconds)

    async def watch(self, seconds: float, pause: float) -> None:
        """Sample for so long."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        never = asyncio.Event()
        while loop.time() < began + seconds:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await never.wait()
            self.samples.append(await self.sample(loop.time() - began))

    async def trouble(self, company: Company, dice: random.Random) -> None:
        """The link is cut by the switch, stopped and started by a person, the files are read anew."""
        while True:
            await self.witness.passed(dice.randrange(1, CUT_STAYS * company.stay_events))
            match dice.randrange(3):
                case 0:
                    await self._cut(company)
                case 1:
                    await company.tried(self._stop_and_start(company))
                case _:
                    self.gateway.signal(signal.SIGHUP)
                    company.did["reloads"] += 1
            await until(lambda: self.witness.is_up, seconds_max=SETTLE_SECONDS_MAX)

    async def _cut(self, company: Company) -> None:
        downs = self.witness.downs
        await self.switch.ask_switch("reset_links")
        await until(lambda: self.witness.downs > downs, seconds_max=SETTLE_SECONDS_MAX)
        company.did["link cuts"] += 1

    async def _stop_and_start(self, company: Company) -> None:
        client = await UlpClient.connect(self.server, Hello("operator", Role.ADMIN))
        assert (await client.request(Request(Kind.LINK_STOP))).accepted
        assert (await client.request(Request(Kind.LINK_START))).accepted
        await client.close()
        company.did["link stops"] += 1

    async def stop(self) -> int | None:
        """Witness and gateway end in order, whatever happened before; the gateway's exit code."""
        if hasattr(self, "_listening"):
            self._listening.cancel()
            await asyncio.wait({self._listening})
        return await self.gateway.stop(STOP_SECONDS_MAX) if hasattr(self, "gateway") else None

    async def quiet(self, company: Company) -> None:
        """Traffic has come to its end, what is left are calls that were asked for; then those end too, and three
        accounts say so: the witness's, the gateway's, the switch's."""
        await self.switch.ask_switch("traffic off")
        await until_told(self._no_story_runs, seconds_max=SETTLE_SECONDS_MAX)
        await company.tried(self._ask_and_go(*map(DeviceNumber, company.devices[:2])))
        try:
            await until_told(self._as_the_switch, seconds_max=SETTLE_SECONDS_MAX)
            for call in tuple(self._mirror.calls.values()):
                await company.tried(self._clear(call))
                company.did["calls left over"] += 1
            await until(lambda: not self._mirror.calls, seconds_max=SETTLE_SECONDS_MAX)
        except AssertionError:
            print("at the witness:", *self._mirror.calls.values(), sep="\n")
            print("at the switch:", await self.switch.ask_switch("table"))
            raise
        assert (await self.switch.ask_switch("table"))["calls"] == {}
        place, owner = await gateway_snapshot(self.server)
        await until(lambda: self.witness.number >= place.number)
        assert snapshot_differences(self._mirror.snapshot(), owner) == ()

    @property
    def _mirror(self) -> Mirror:
        assert self.witness.mirror is not None
        return self.witness.mirror

    async def _no_story_runs(self) -> bool:
        return bool((await self.switch.ask_switch("counts"))["stories"] == 0)

    async def _as_the_switch(self) -> bool:
        table = (await self.switch.ask_switch("table"))["calls"]
        return table_differences(self._mirror.calls.values(), table) == ()

    async def _ask_and_go(self, device: DeviceNumber, other: DeviceNumber) -> None:
        client = await UlpClient.connect(self.server, Hello("asker", Role.ADMIN))
        await client.request(Request(Kind.MAKE_CALL, device, destination=other))
        client.abort()

    async def _clear(self, call: Call) -> None:
        """Of a call that somebody asked for, who was cut off before he could end it."""
        client = await UlpClient.connect(self.server, Hello("operator", Role.ADMIN))
        there = next(one.device for one in call.connections if one.monitored)
        reply = await client.request(Request(Kind.CLEAR_CALL, there, call.call_id))
        assert reply.accepted, (reply, call)
        await client.close()
