"""A site that keeps records under load: simulated switch, gateway, the records' daemon, and a database of any kind."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.tasks import owned_by
from tests.peers.databases import Server, Unavailable
from tests.system.cdr_process import CdrProcess
from tests.system.csta_site import CstaSite, csta_site
from tests.ultra.real_site import ultra_apart
from tests.waiting import until, until_told
from ultra.demo_site import DemoSite, write_cdr

SITE = DemoSite(("1000-1399",), 400, 60, has_records=True)
TRAFFIC = ("--calls-per-second", "20", "--mean-talk-seconds", "2", "--mean-ring-seconds", "1")
LONG_CALLS = 5
SETTLE_SECONDS_MAX = 120.0
RESTART_TRIES = 40
EVENTS_A_SECOND_MIN = 20
"""Of this load on a machine that is busy."""


@dataclass
class RecordSite:
    """All of it; ``did`` counts what was done to it. ``server`` None: SQLite."""

    site: CstaSite
    cdr: CdrProcess
    server: Server | None
    did: Counter[str] = field(default_factory=Counter)

    @property
    def number(self) -> int:
        """Of the last event that the gateway has told."""
        mirror = self.site.subscriber.mirror
        return 0 if mirror is None else mirror.number

    async def more_events(self, count: int) -> None:
        """Wait until so many have passed."""
        goal = self.number + count
        await until(lambda: self.number >= goal, seconds_max=SETTLE_SECONDS_MAX + count / EVENTS_A_SECOND_MIN)

    async def begin_long_calls(self) -> None:
        """Calls that go on over everything that happens."""
        await self.site.ask_switch("traffic off")
        await until_told(self.no_story_runs, seconds_max=SETTLE_SECONDS_MAX)
        for one in range(1000, 1000 + 2 * LONG_CALLS, 2):
            await self.site.ask_switch(f"call {one} {one + 1}", f"answer {one + 1}")
        await self.site.ask_switch("traffic on")

    async def no_story_runs(self) -> bool:
        """Whether nobody has anything more to do."""
        return int((await self.site.ask_switch("counts"))["stories"]) == 0

    async def kill_cdr(self) -> None:
        """``kill -9``, then another one."""
        self.cdr.child.signal(signal.SIGKILL)
        await self.cdr.child.wait()
        self.did["kills of the daemon"] += 1

    def stop_database(self, how: signal.Signals = signal.SIGKILL) -> None:
        """As a power cut, or in order."""
        assert self.server is not None
        self.server.stop(how)
        self.did["kills of the database"] += 1

    def start_database(self) -> None:
        """Where it was; what a killed server leaves behind goes only when its last process has noticed."""
        assert self.server is not None
        for left in reversed(range(RESTART_TRIES)):
            try:
                self.server.start()
            except Unavailable:
                if not left:
                    raise
            else:
                return

    async def settle(self) -> dict[str, Any]:
        """Everybody has hung up, everything is written; what the journal says of the rows."""
        await self.site.ask_switch("traffic off")
        await until_told(self.no_story_runs, seconds_max=SETTLE_SECONDS_MAX)
        table = (await self.site.ask_switch("table"))["calls"]
        for device in sorted({device for connections in table.values() for device in connections}):
            await self._hang_up(device)
        mirror = self.site.subscriber.mirror
        assert mirror is not None
        await until(lambda: not mirror.calls, seconds_max=SETTLE_SECONDS_MAX)
        await self.cdr.written(SETTLE_SECONDS_MAX)
        return await verified(self.site.folder, self.cdr.config)

    async def _hang_up(self, device: str) -> None:
        table = (await self.site.ask_switch("table"))["calls"]
        if any(device in connections for connections in table.values()):
            await self.site.ask_switch(f"hangup {device}")


async def verified(folder: Path, config: Path) -> dict[str, Any]:
    """What ``ultra cdr verify`` says of the rows."""
    verify = ("cdr", "verify", "--from", str(folder / "var" / "journal"), "--config", str(config), "--json")
    done = await asyncio.to_thread(ultra_apart, *verify)
    assert done.code in (0, 1), done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@asynccontextmanager
async def record_site(
    folder: Path, url: str, server: Server | None, seed: int, more: str = ""
) -> AsyncIterator[RecordSite]:
    """Everything runs; the daemon that runs at the end ends in order. ``more`` stands in cdr.toml too."""
    async with csta_site(folder, SITE, *TRAFFIC, "--seed", str(seed)) as site, asyncio.TaskGroup() as group:
        config = write_cdr(folder, str(site.subscriber.server), url)
        config.write_text(config.read_text("utf-8") + more, "utf-8")
        cdr = CdrProcess(config, site.subscriber.server, owned_by(group))
        await cdr.start()
        one = RecordSite(site, cdr, server)
        try:
            yield one
            assert await cdr.stop() == 0
        except BaseException:
            print(*cdr.logged, sep="\n")
            raise
        finally:
            cdr.child.kill()
