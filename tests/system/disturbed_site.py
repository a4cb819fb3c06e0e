"""A site under load that is disturbed: a simulated switch, a gateway with a journal, consumers that keep a record.

Each is its own process and can be killed, stopped in order, halted and started again. The site remembers between which
of the switch's times a gateway could hear it, so that the switch's account can be held against the records.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.client import Address
from runtime.tasks import Spawn, owned_by
from tests.peers.asterisk import free_tcp_port
from tests.system.csta_site import CstaSite
from tests.system.records import Life
from tests.system.site_processes import start_gateway
from tests.waiting import until, until_told
from ultra.demo_checks import gateway_snapshot
from ultra.demo_site import DemoSite
from ultra.demo_stage import log_entry
from ultra.processes import Child

SITE = DemoSite(("1000-1999",), 1_000, 200)
TRAFFIC = ("--calls-per-second", "200", "--mean-ring-seconds", "0.7", "--mean-talk-seconds", "1.3", "--seed", "3")
"""A call lives for two seconds."""
SWITCH_SETTINGS = "silence_seconds = 5.0\noutstanding_requests = 200\n"
JOURNAL_SETTINGS = "segment_mb = 1\n"
"""A segment lasts for three seconds of this traffic."""
START_SECONDS_MAX = 60.0
SETTLE_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
LAST_LINE_BYTES = 1024 * 1024
EVERYDAY = ("call_ended", "session_ended", "session_lost")
"""Of the log, not shown when a test fails: there are thousands."""
WITNESS = "witness"
"""The consumer that is not disturbed but by what happens to the gateway."""


@dataclass
class DisturbedSite:
    """``log`` is what all gateways said, in order; ``lives`` those of the switch."""

    folder: Path
    switch: CstaSite
    server: Address
    spawn: Spawn
    config: Path = Path()
    log: list[dict[str, Any]] = field(default_factory=list)
    lives: list[Life] = field(default_factory=lambda: [Life()])
    gateway: Child | None = None
    consumers: dict[str, Child] = field(default_factory=dict)
    _is_link_up: bool = False

    @property
    def journal(self) -> Path:
        """The journal's folder."""
        return self.folder / "var" / "journal"

    # -- the gateway ---------------------------------------------------------------------------------------------

    async def start_gateway(self) -> None:
        """Until it listens; its link comes later."""
        self.gateway, listening = await start_gateway(self.config, self.spawn, self._hear)
        async with asyncio.timeout(START_SECONDS_MAX):
            await listening

    def _hear(self, line: str) -> None:
        entry = log_entry(line)
        self.log.append(entry)
        if entry["event"] in ("gateway_started", "link_changed"):
            self._is_link_up = entry.get("state") == "up"

    async def kill_gateway(self) -> None:
        """As a crash."""
        await self.is_up()
        await self.nobody_hears()
        await killed(self.gateway)

    async def stop_gateway(self) -> None:
        """In order, as before an upgrade; exit code 0."""
        await self.is_up()
        await self.nobody_hears()
        assert self.gateway is not None
        assert await self.gateway.stop(STOP_SECONDS_MAX) == 0, self.log[-5:]

    def said(self, event: str, since: int = 0) -> list[dict[str, Any]]:
        """The gateways' log lines of an event, from a place in the log on."""
        return [one for one in self.log[since:] if one["event"] == event]

    # -- the switch ----------------------------------------------------------------------------------------------

    async def nobody_hears(self) -> None:
        """From now on, until a gateway's link is up, the switch speaks to nobody."""
        if self.lives[-1].unheard_since is None:
            self.lives[-1].heard_no_more(await self.now_us())

    async def is_up(self) -> bool:
        """Whether the gateway that runs now holds what the switch holds."""
        if not self._is_link_up:
            return False
        if self.lives[-1].unheard_since is not None:
            self.lives[-1].heard_again(await self.now_us())
        return True

    async def up(self) -> None:
        """Wait until it is."""
        await until_told(self.is_up, seconds_max=SETTLE_SECONDS_MAX)

    async def kill_switch(self) -> None:
        """As a power cut. It stands still for a moment before, so that its account is whole."""
        await self.is_up()
        await self.switch.ask_switch("freeze")
        await self.nobody_hears()
        await self._close_account()
        await self.switch.kill_switch()

    async def restart_switch(self, seed: int) -> None:
        """Another life at the same ports; its calls are numbered anew."""
        await self.switch.start_switch(*TRAFFIC[:-1], str(seed))
        self.lives.append(Life())

    async def now_us(self) -> int:
        """The switch's clock."""
        return int((await self.switch.ask_switch("counts"))["now_us"])

    async def _close_account(self) -> None:
        account: dict[str, Any] = await self.switch.ask_switch("account")
        self.lives[-1].account = account["calls"]

    # -- consumers -----------------------------------------------------------------------------------------------

    def record(self, name: str) -> Path:
        """Of a consumer."""
        return self.folder / f"{name}.jsonl"

    async def start_consumer(self, name: str) -> None:
        """It goes on after its record's last line."""
        arguments = [str(self.server), str(self.record(name))]
        self.consumers[name] = await Child.start(
            name, "tests.system.keeping_consumer", arguments, self.spawn,
            output=print, errors=lambda line: print(line, file=sys.stderr),
        )  # fmt: skip

    async def kill_consumer(self, name: str) -> None:
        """At whatever it does."""
        await killed(self.consumers.pop(name))

    def lines(self, name: str = WITNESS) -> int:
        """Of a consumer's record."""
        record = self.record(name)
        return record.read_bytes().count(b"\n") if record.exists() else 0

    async def more_lines(self, count: int, name: str = WITNESS) -> None:
        """Wait until a record has grown by so many."""
        wanted = self.lines(name) + count
        await until(lambda: self.lines(name) >= wanted, seconds_max=START_SECONDS_MAX)

    async def caught_up(self, name: str) -> None:
        """Wait until a consumer has what the witness has now."""
        head = self.place()
        await until(lambda: self.place(name) >= head, seconds_max=SETTLE_SECONDS_MAX)

    def place(self, name: str = WITNESS) -> int:
        """The last number in a record; 0 without a line."""
        record = self.record(name)
        if not record.exists():
            return 0
        with record.open("rb") as file:
            file.seek(max(0, record.stat().st_size - LAST_LINE_BYTES))
            whole = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
        return int(json.loads(whole)["number"]) if whole else 0

    # -- the end -------------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """No more calls; wait until all have ended, and until every consumer that runs has heard of it."""
        await self.up()
        life = self.lives[-1]
        life.heard_no_more(await self.now_us())  # the end of what is judged
        await self.switch.ask_switch("traffic off")
        await until_told(self._is_quiet, seconds_max=SETTLE_SECONDS_MAX)
        await self._close_account()
        last = (await gateway_snapshot(self.server))[0].number
        for name in self.consumers:
            await until(lambda name=name: self.place(name) >= last, seconds_max=SETTLE_SECONDS_MAX)  # type: ignore[misc]

    async def _is_quiet(self) -> bool:
        counts: dict[str, Any] = await self.switch.ask_switch("counts")
        _, snapshot = await gateway_snapshot(self.server)
        return counts["live"] == 0 and counts["stories"] == 0 and snapshot.link.state.is_up and not snapshot.calls

    async def stop(self) -> None:
        """Everything that still runs."""
        for child in (*self.consumers.values(), self.gateway):
            if child is not None:
                child.signal(signal.SIGCONT)
                await child.stop(10.0)
        await self.switch.stop_switch()


async def killed(child: Child | None) -> None:
    """``kill -9``, and wait for its end."""
    assert child is not None
    child.signal(signal.SIGKILL)
    await child.wait()


@asynccontextmanager
async def disturbed_site(
    folder: Path, devices: DemoSite = SITE, traffic: Sequence[str] = TRAFFIC
) -> AsyncIterator[DisturbedSite]:
    """The link is up and the witness takes the stream. What a gateway logged as its own failure fails the test."""
    async with asyncio.TaskGroup() as group:
        spawn = owned_by(group)
        switch = CstaSite(folder, devices, traffic, spawn)
        site = DisturbedSite(folder, switch, Address("127.0.0.1", free_tcp_port()), spawn)
        try:
            await switch.start_switch()
            site.config = switch.write_files(SWITCH_SETTINGS)
            text = site.config.read_text("utf-8").replace("127.0.0.1:0", str(site.server))
            site.config.write_text(text.replace("[journal]\n", f"[journal]\n{JOURNAL_SETTINGS}"), "utf-8")
            await site.start_gateway()
            await site.start_consumer(WITNESS)
            await site.more_lines(1)  # it hears the gateway before the gateway is said to hear the switch
            await site.up()
            await site.more_lines(1)
            yield site
        except BaseException:
            told = [one for one in site.log if one["event"] not in EVERYDAY]
            print(*told[-60:], *site.lives, sep="\n", file=sys.stderr)  # whatever failed, this explains it
            raise
        finally:
            await site.stop()
    faults = [one for one in site.log if one["level"] in ("error", "critical")]
    assert faults == [], [one["event"] for one in site.log if one["level"] in ("error", "critical", "text")]
