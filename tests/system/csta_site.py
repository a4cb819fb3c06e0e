"""A simulated switch and a gateway as they are shipped, each its own process, and a subscriber of the gateway.

The switch can be killed and started again at the same port, as one that loses power.
"""

import asyncio
import json
import re
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from model.events import CallEvent, Event, LinkEvent, MismatchEvent
from model.ids import CallId
from model.mirror import Mirror
from model.states import LinkState
from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.errors import UlpError
from protocol.kinds import Role
from protocol.messages import Hello
from runtime.tasks import Spawn, owned_by
from tests.waiting import until
from ultra.demo_checks import SwitchAdmin, table_differences
from ultra.demo_site import QUEUE_NUMBER, DemoSite, write_site
from ultra.processes import Child

START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 10.0
_LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+), admin on 127\.0\.0\.1:(\d+)")


@dataclass
class Subscriber:
    """One who hears everything: its mirror, and its own account of calls and of the link."""

    mirror: Mirror | None = None
    links: list[tuple[LinkState, str]] = field(default_factory=list)
    begun: set[CallId] = field(default_factory=set)
    ended: Counter[CallId] = field(default_factory=Counter)
    mismatches: list[MismatchEvent] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    async def listen(self, client: UlpClient) -> None:
        """Take the stream until the session ends."""
        client.subscribe()
        try:
            async for item in client.items():
                if isinstance(item, SnapshotTaken):
                    assert self.mirror is None, "a second snapshot: something was lost"
                    self.mirror = Mirror(item.snapshot)
                elif isinstance(item, EventSeen):
                    self._take(item.event)
        except UlpError as error:
            self.links.append((LinkState.DOWN, f"the session ended: {error}"))

    def _take(self, event: Event) -> None:
        assert self.mirror is not None
        assert event.number == self.mirror.number + 1, "a hole in the stream"
        self.mirror.apply(event)
        self.events.append(event)
        if isinstance(event, LinkEvent):
            self.links.append((event.link.state, event.link.reason))
        elif isinstance(event, CallEvent):
            self.begun |= {call.call_id for call in event.calls}
            self.ended.update(call.call_id for call in event.calls if call.ended)
        elif isinstance(event, MismatchEvent):
            self.mismatches.append(event)

    @property
    def is_up(self) -> bool:
        """Whether the link is up, as far as the stream says."""
        return self.mirror is not None and self.mirror.link.state.is_up

    def differences(self, table: dict[str, dict[str, str]]) -> tuple[str, ...]:
        """What the switch's own table says otherwise."""
        assert self.mirror is not None
        return table_differences(self.mirror.calls.values(), table)

    def story(self, switch_call_id: str) -> list[str]:
        """What was said of calls with an id of the switch, in lines, for a failure's explanation."""
        return [
            f"{(event.received_us - self.events[0].received_us) / 1e6:.3f} {event.kind.name} {event.subject} "
            f"{event.cause.text} {call.call_id}{' ended' * call.ended} "
            + " ".join(f"{one.key or '?' + one.device}={one.state.name}" for one in call.connections)
            for event in self.events
            if isinstance(event, CallEvent)
            for call in event.calls
            if call.switch_call_id == switch_call_id
        ]


class CstaSite:
    """Two processes and a subscriber. `logged` are the lines of the gateway's log."""

    def __init__(self, folder: Path, site: DemoSite, sim_options: Sequence[str], spawn: Spawn) -> None:
        self.folder = folder
        self.subscriber = Subscriber()
        self.logged: list[dict[str, object]] = []
        self.admin_port = free_port()
        self.switch_port = free_port()
        self.server = Address("127.0.0.1", 0)
        self.client: UlpClient | None = None
        self.gateway: Child | None = None
        self._site = site
        self._sim_options = sim_options
        self._spawn = spawn
        self._switch: Child | None = None

    async def start_switch(self, *changed: str) -> None:
        """Start the simulated switch; `changed` are options instead of those it had."""
        listening = asyncio.Event()

        def said(line: str) -> None:
            if _LISTENING.search(line):
                listening.set()

        site = self._site
        arguments = [
            *("sim", "--listen", f"127.0.0.1:{self.switch_port}", "--admin", str(self.admin_port)),
            *("--queue", QUEUE_NUMBER, "--extensions", ",".join(site.extensions), "--trunks", str(site.trunks)),
            *(changed or self._sim_options),
        ]
        self._switch = await Child.start("switch", "ultra", arguments, self._spawn, output=said, errors=said)
        async with asyncio.timeout(START_SECONDS_MAX):
            await listening.wait()

    async def kill_switch(self) -> None:
        """As a power cut."""
        assert self._switch is not None
        self._switch.signal(signal.SIGKILL)
        await self._switch.wait()

    async def start_gateway(self, switch_settings: str = "") -> None:
        """Start the gateway and subscribe; `switch_settings` are more lines of `[switch]`."""
        config = write_site(self.folder, self._site, self.switch_port)
        text = config.read_text("utf-8")
        config.write_text(text.replace(f"port = {self.switch_port}\n", f"port = {self.switch_port}\n{switch_settings}"))
        arguments = ["--config", str(config)]
        self.gateway = await Child.start(
            "gateway", "gateway", arguments, self._spawn, output=self._log, errors=self._log
        )
        await until(lambda: self.server.port, seconds_max=START_SECONDS_MAX)
        self.client = await UlpClient.connect(self.server, Hello("test", Role.ADMIN))
        self._spawn(self.subscriber.listen(self.client), name="subscriber")
        await until(lambda: self.subscriber.is_up, seconds_max=START_SECONDS_MAX)

    async def ask_switch(self, *lines: str) -> dict[str, dict[str, dict[str, str]]]:
        """Say lines to the switch's admin port; the last answer."""
        async with SwitchAdmin.connect(self.admin_port) as admin:
            for line in lines:
                answer = await admin.ask(line)
                assert answer.get("ok"), (line, answer)
        return answer

    async def stop(self) -> None:
        if self.client is not None:
            await self.client.close()
        for child in (self.gateway, self._switch):
            if child is not None:
                await child.stop(STOP_SECONDS_MAX)

    def faults(self) -> list[dict[str, object]]:
        """What the gateway logged as its own failure."""
        return [entry for entry in self.logged if entry.get("level") in ("error", "critical")]

    def _log(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            # Words for people, before the log is open; a traceback is no such word.
            entry = {"level": "error" if line.startswith("Traceback") else "text", "event": line}
        self.logged.append(entry)
        if entry.get("event") == "gateway_started":
            self.server = Address.parse(entry["listen"], 0)


@asynccontextmanager
async def csta_site(
    folder: Path, site: DemoSite, *sim_options: str, switch_settings: str = ""
) -> AsyncIterator[CstaSite]:
    """Both processes run and the link is up."""
    async with asyncio.TaskGroup() as group:
        one = CstaSite(folder, site, sim_options, owned_by(group))
        try:
            await one.start_switch()
            await one.start_gateway(switch_settings)
            yield one
        finally:
            await one.stop()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
