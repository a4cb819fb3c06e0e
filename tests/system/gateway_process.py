"""A gateway as it is shipped, ``ultralnk`` in its own process, and a subscriber that hears everything it says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.events import CallEvent, Event, LinkEvent, MismatchEvent
from model.ids import CallId, DeviceNumber
from model.mirror import Mirror
from model.states import LinkState
from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.errors import UlpError
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Reply, Request
from runtime.tasks import Spawn, owned_by
from tests.system.site_processes import start_gateway
from tests.waiting import until
from ultra.demo_checks import table_differences
from ultra.demo_stage import log_entry
from ultra.processes import Child

START_SECONDS_MAX = 20.0
STOP_SECONDS_MAX = 10.0


@dataclass(slots=True)
class Subscriber:
    """Everything that a gateway said since its snapshot: the mirror made from it, an account of calls and of the link.

    ``server`` is where the gateway listens, ``logged`` its log so far, line by line.
    """

    gateway: Child
    server: Address
    logged: list[dict[str, Any]]
    client: UlpClient
    mirror: Mirror | None = None
    links: list[tuple[LinkState, str]] = field(default_factory=list)
    begun: set[CallId] = field(default_factory=set)
    ended: Counter[CallId] = field(default_factory=Counter)
    mismatches: list[MismatchEvent] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    async def listen(self) -> None:
        """Take the stream until the session ends."""
        self.client.subscribe()
        try:
            async for item in self.client.items():
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

    async def ask(self, kind: Kind, device: str = "", destination: str = "") -> Reply:
        """A request of this session."""
        return await self.client.request(Request(kind, DeviceNumber(device), destination=destination))

    @property
    def is_up(self) -> bool:
        """Whether the gateway's link to the switch is up, as far as the stream says."""
        return self.mirror is not None and self.mirror.link.state.is_up

    @property
    def call_events(self) -> list[CallEvent]:
        return [event for event in self.events if isinstance(event, CallEvent)]

    def said(self) -> list[str]:
        """The call events in short: ``DELIVERED 8002 newCall``."""
        return [f"{event.kind.name} {event.subject} {event.cause.text}" for event in self.call_events]

    def asked_for(self) -> list[str]:
        """The same of those that answer a request of this session."""
        mine = self.client.welcome.session
        return [
            f"{event.kind.name} {event.subject}"
            for event in self.call_events
            if event.request is not None and event.request.session == mine
        ]

    def story(self, switch_call_id: str) -> list[str]:
        """What was said of calls with an id of the switch, in lines, for a failure's explanation."""
        return [
            f"{(event.received_us - self.events[0].received_us) / 1e6:.3f} {event.kind.name} {event.subject} "
            f"{event.cause.text} {call.call_id}{' ended' * call.ended} "
            + " ".join(f"{one.key or '?' + one.device}={one.state.name}" for one in call.connections)
            for event in self.call_events
            for call in event.calls
            if call.switch_call_id == switch_call_id
        ]

    def differences(self, table: dict[str, dict[str, str]]) -> tuple[str, ...]:
        """What a simulated switch's own table says otherwise."""
        assert self.mirror is not None
        return table_differences(self.mirror.calls.values(), table)

    def faults(self) -> list[dict[str, Any]]:
        """What the gateway logged as its own failure."""
        return [entry for entry in self.logged if entry["level"] in ("error", "critical")]

    def warnings(self) -> list[str]:
        """The events of the gateway's log that say more than that something was done."""
        return [f"{one['event']} {one}" for one in self.logged if one["level"] in ("warning", "error", "critical")]


@asynccontextmanager
async def subscribed(config: Path, role: Role, spawn: Spawn) -> AsyncIterator[Subscriber]:
    """A gateway that logs JSON to standard error, its link up, and its subscriber; it stops in order at the end."""
    logged: list[dict[str, Any]] = []
    gateway, listening = await start_gateway(config, spawn, lambda line: logged.append(log_entry(line)))
    try:
        async with asyncio.timeout(START_SECONDS_MAX):
            server = await listening
        client = await UlpClient.connect(server, Hello("test", role))
        try:
            subscriber = Subscriber(gateway, server, logged, client)
            spawn(subscriber.listen(), name="subscriber")
            await until(lambda: subscriber.is_up, seconds_max=START_SECONDS_MAX)
            yield subscriber
        finally:
            await client.close()
    finally:
        exit_code = await gateway.stop(STOP_SECONDS_MAX)
    assert exit_code == 0, logged[-5:]


@asynccontextmanager
async def gateway(folder: Path, switch: str, port_cfg: str, role: Role = Role.SUPERVISOR) -> AsyncIterator[Subscriber]:
    """A gateway and its subscriber; ``switch`` is the text of ``[switch]``."""
    (folder / "port.cfg").write_text(port_cfg, encoding="utf-8")
    config = folder / "gateway.toml"
    config.write_text(
        f'port_cfg = "port.cfg"\n[switch]\n{switch}\n[serve]\nlisten = "127.0.0.1:0"\n'
        '[licence]\nclock_file = "clock"\n[log]\nformat = "json"\n',
        encoding="utf-8",
    )
    async with asyncio.TaskGroup() as group, subscribed(config, role, owned_by(group)) as subscriber:
        yield subscriber
