"""A gateway as it is shipped, ``ultralnk`` in its own process, and a subscriber that hears everything it says."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from model.events import CallEvent, Event
from model.ids import DeviceNumber
from model.mirror import Mirror
from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.errors import UlpError
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Reply, Request
from runtime.tasks import spawn
from tests.peers.asterisk import free_tcp_port
from tests.waiting import until

STOP_SECONDS_MAX = 10


@dataclass(slots=True)
class Subscriber:
    """Everything that a gateway said since its snapshot, and the mirror made from it."""

    folder: Path
    client: UlpClient
    events: list[Event] = field(default_factory=list)
    mirror: Mirror | None = None

    async def listen(self) -> None:
        """Take the stream until the session ends."""
        self.client.subscribe()
        try:
            async for item in self.client.items():
                if isinstance(item, SnapshotTaken):
                    self.mirror = Mirror(item.snapshot)
                elif isinstance(item, EventSeen) and self.mirror is not None:
                    assert item.event.number == self.mirror.number + 1, "a hole in the stream"
                    self.mirror.apply(item.event)
                    self.events.append(item.event)
        except UlpError as error:
            (self.folder / "subscriber-ended").write_text(str(error))

    async def ask(self, kind: Kind, device: str, destination: str = "") -> Reply:
        """A request of this session."""
        return await self.client.request(Request(kind, DeviceNumber(device), destination=destination))

    def said(self) -> list[str]:
        """The call events in short: ``DELIVERED 8002 newCall``."""
        calls = [event for event in self.events if isinstance(event, CallEvent)]
        return [f"{event.kind.name} {event.subject} {event.cause.text}" for event in calls]

    def asked_for(self) -> list[str]:
        """The same of those that answer a request of this session."""
        mine = self.client.welcome.session
        calls = [event for event in self.events if isinstance(event, CallEvent)]
        return [
            f"{event.kind.name} {event.subject}"
            for event in calls
            if event.request is not None and event.request.session == mine
        ]

    @property
    def is_up(self) -> bool:
        """Whether the gateway's link to the switch is up."""
        return self.mirror is not None and self.mirror.link.state.is_up

    def warnings(self) -> list[str]:
        """The events of the gateway's log that say more than that something was done."""
        lines = (self.folder / "gateway.log").read_text(encoding="utf-8").splitlines()
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        return [f"{one['event']} {one}" for one in logged if one.get("level") in ("warning", "error", "critical")]


@asynccontextmanager
async def gateway(folder: Path, switch: str, port_cfg: str) -> AsyncIterator[Subscriber]:
    """A gateway and its subscriber; ``switch`` is the text of ``[switch]``."""
    port = free_tcp_port()
    (folder / "port.cfg").write_text(port_cfg, encoding="utf-8")
    config = folder / "gateway.toml"
    config.write_text(
        f'port_cfg = "port.cfg"\n[switch]\n{switch}\n[serve]\nlisten = "127.0.0.1:{port}"\n'
        '[licence]\nclock_file = "clock"\n[log]\nfile = "gateway.log"\nformat = "json"\n',
        encoding="utf-8",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "--config", str(config), stdin=asyncio.subprocess.DEVNULL
    )
    try:
        client = await _connected(Address("127.0.0.1", port))
        subscriber = Subscriber(folder, client)
        async with asyncio.TaskGroup() as group:
            listening = spawn(group, subscriber.listen(), name="subscriber")
            await until(lambda: subscriber.is_up)
            yield subscriber
            listening.cancel()
        await client.close()
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOP_SECONDS_MAX):
            await process.wait()


async def _connected(address: Address) -> UlpClient:
    """A session, as soon as there is one to be had."""
    clients: list[UlpClient] = []

    async def connect() -> None:
        while not clients:
            try:
                clients.append(await UlpClient.connect(address, Hello("test", Role.SUPERVISOR)))
            except UlpError:
                await _a_moment()

    async with asyncio.timeout(20):
        await connect()
    return clients[0]


async def _a_moment() -> None:
    turn = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, turn.set)
    await turn.wait()
