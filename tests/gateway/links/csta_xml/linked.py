"""A whole link: the far end behind a real socket, the real call model behind the link, and a mirror of its stream."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

from gateway.links.csta_xml.link import CstaXmlLink
from gateway.links.csta_xml.messages import Message, SystemStatus, SystemStatusValue
from gateway.links.csta_xml.profiles import STANDARD, ProfileTraits
from gateway.links.csta_xml.session import SessionLimits
from gateway.owner import Owner
from gateway.portcfg import Port
from model.core import CallModel
from model.events import CallEvent, Event, LinkEvent, MismatchEvent
from model.ids import Microseconds
from model.mirror import Mirror
from model.states import LinkState
from model.view import Device, Licence, Link
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.tasks import spawn
from tests.gateway.links.csta_xml.far_end import FarEnd, ports
from tests.waiting import until

BARRIER_INVOKE_ID = 8888
LIMITS = SessionLimits(window=16, answer_seconds=5.0, silence_seconds=30.0)


class FarEndServer(asyncio.Protocol):
    """The far end's side of the newest connection."""

    def __init__(self, site: "Linked") -> None:
        self._site = site
        self.transport: asyncio.Transport | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.is_open = True
        self._site.connection = self
        self._site.connections += 1
        self._site.far_end.connected()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        if back := self._site.far_end.receive(data):
            self.transport.write(back)


@dataclass
class Linked:
    """A link that runs. `tell` says something and returns when the gateway has taken it in."""

    far_end: FarEnd
    model: CallModel
    owner: Owner
    mirror: Mirror
    events: list[Event] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    connection: FarEndServer | None = None
    connections: int = 0
    link: CstaXmlLink | None = None

    def publish(self, event: Event) -> None:
        self.events.append(event)
        self.mirror.apply(event)

    def alarm(self, code: str, text: str) -> None:
        self.alarms.append(f"{code}: {text}")

    async def until_up(self) -> None:
        await until(lambda: self.model.link.state.is_up)

    async def tell(self, *messages: Message | bytes) -> list[str]:
        """Say messages (or bytes as they are), wait until they are taken in; the call events they made."""
        before = len(self.events)
        said = [one if isinstance(one, bytes) else self.far_end.says(one) for one in messages]
        await self.tell_raw(b"".join(said))
        await self.taken_in()
        return [f"{one.kind.name.lower()} {one.subject}" for one in self.events[before:] if isinstance(one, CallEvent)]

    async def tell_raw(self, raw: bytes) -> None:
        assert self.connection is not None
        assert self.connection.transport is not None
        self.connection.transport.write(raw)

    async def taken_in(self) -> None:
        """The link answers each SystemStatus in its turn."""
        heard = self.far_end.heard
        answered = sum(number == BARRIER_INVOKE_ID for number, _ in heard)
        await self.tell_raw(self.far_end.says(SystemStatus(system_status=SystemStatusValue.NORMAL), BARRIER_INVOKE_ID))
        await until(lambda: sum(number == BARRIER_INVOKE_ID for number, _ in heard) > answered)

    @property
    def calls(self) -> dict[str, dict[str, str]]:
        """What the mirror holds: switch call id → key of each connection → its state."""
        return {
            call.switch_call_id: {one.key: one.state.name.lower() for one in call.connections}
            for call in self.mirror.snapshot().calls
        }

    @property
    def mismatches(self) -> int:
        """What was published as such; what cannot be while the link comes up is no news."""
        return sum(isinstance(event, MismatchEvent) for event in self.events)

    @property
    def link_states(self) -> list[LinkState]:
        return [one.link.state for one in self.events if isinstance(one, LinkEvent)]


class _AlarmingOwner(Owner):
    """An owner whose alarms a test can read."""

    def __init__(self, site: "Linked", model: CallModel, clock: SystemClock) -> None:
        super().__init__(model, site.publish, clock.wall_us)
        self._site = site

    def alarm(self, code: str, text: str) -> None:
        super().alarm(code, text)
        self._site.alarm(code, text)


@contextlib.asynccontextmanager
async def linked(
    far_end: FarEnd | None = None,
    *,
    port_cfg: str = "EXT 8001-8005;;TRUNK T001-T003",
    limits: SessionLimits = LIMITS,
    traits: ProfileTraits = STANDARD,
    host: str = "127.0.0.1",
    port: int | None = None,
) -> AsyncIterator[Linked]:
    """A running link. With `port` it goes to a switch of the caller's, else to the far end."""
    clock = SystemClock()
    model = new_model()
    site = Linked(far_end or FarEnd(), model, cast(Owner, None), Mirror(model.snapshot()))
    site.owner = owner = _AlarmingOwner(site, model, clock)
    served = ports(port_cfg)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FarEndServer(site), "127.0.0.1", 0)
    target = port if port is not None else server.sockets[0].getsockname()[1]
    owner.configure(devices_of(served))
    link = CstaXmlLink(host, target, traits, limits, 5.0, served, owner, clock, Backoff(random.Random(1).random))
    site.link = owner.link = link
    async with asyncio.TaskGroup() as group:
        task = spawn(group, link.run(), name="link under test")
        try:
            yield site
        finally:
            task.cancel()
            server.close()
            if site.connection is not None and site.connection.transport is not None:
                await asyncio.wait({task})
                site.connection.transport.abort()


def new_model() -> CallModel:
    now = Microseconds(0)
    return CallModel(1, Link(LinkState.DOWN, "csta-xml", "", now), Licence("evaluation", "", 1_000, 0, ""))


def devices_of(served: tuple[Port, ...]) -> list[Device]:
    return [Device(port.number, port.kind, port.name, port.group) for port in served]
