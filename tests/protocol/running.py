"""A real server on a free port, with a small site behind it, and raw sockets to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from model.commands import Command, Outcome
from model.events import Event
from model.ids import DeviceNumber
from model.view import Snapshot
from protocol.archive import Archive
from protocol.client import Address, UlpClient
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, ServerLimits
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe
from protocol.requests import Reply, Request
from protocol.server import Entrance, Hooks, UlpServer
from runtime.tasks import owned_by
from tests.protocol import samples
from tests.protocol.mirrors import DEVICES, Mirror
from tests.protocol.samples import EPOCH

WAIT_SECONDS = 15.0


@dataclass
class Site:
    """A server, its owner's state, and what was asked of it."""

    server: UlpServer = field(init=False)
    address: Address = field(init=False)
    owner: Mirror = field(default_factory=lambda: Mirror(samples.snapshot(0, DEVICES)))
    asked: list[tuple[int, int, Command, Role]] = field(default_factory=list)
    answer: Callable[[Command], Awaitable[Outcome]] | None = None

    def publish(self, *events: Event) -> None:
        """Change the owner's state and tell the world, in one go."""
        for event in events:
            self.owner.take(event)
            self.server.publish(event)

    def publish_many(self, count: int) -> None:
        """Some events of one call between 8001 and 8002."""
        for _ in range(count):
            self.publish(samples.established(self.server.stream.last + 1))

    def snapshot(self) -> Snapshot:
        return replace(self.owner.state, number=self.server.stream.last)

    async def on_request(self, session: int, number: int, command: Command, role: Role) -> Outcome:
        self.asked.append((session, number, command, role))
        return await self.answer(command) if self.answer is not None else Outcome(text="done")

    async def on_admin(self, request: Request, role: Role) -> Reply:
        return Reply(text=f"{request.kind.name} by {role.name}", lines=(request.level,))

    async def client(self, role: Role = Role.ADMIN, name: str = "test", device: str = "") -> UlpClient:
        """A session with this server."""
        return await UlpClient.connect(self.address, Hello(name, role, DeviceNumber(device)))


@asynccontextmanager
async def serving(
    limits: ServerLimits | None = None,
    port: int = 0,
    epoch: int = EPOCH,
    entrance: Entrance | None = None,
    archive: Archive | None = None,
) -> AsyncIterator[Site]:
    """A site whose server listens, until the block ends."""
    site = Site()
    async with asyncio.TaskGroup() as group:
        hooks = Hooks(site.snapshot, site.on_request, site.on_admin, owned_by(group), lambda: samples.T0)
        site.server = UlpServer("site/gateway", epoch, hooks, limits=limits, entrance=entrance, archive=archive)
        site.address = Address("127.0.0.1", await site.server.start("127.0.0.1", port))
        try:
            yield site
        finally:
            await site.server.stop()


class RawClient:
    """A socket that says what a test wants and reads frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = FrameReader(BODY_BYTES_MAX_SERVER)
        self._waiting: list[Frame] = []

    async def frame(self) -> Frame | None:
        """The next frame; None when the server has closed."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not self._waiting:
                received = await self.reader.read(65536)
                if not received:
                    return None
                self._waiting += self._frames.receive(received)
            return self._waiting.pop(0)

    async def frames_until(self, kind: Kind) -> list[Frame]:
        """Frames up to and with the first of a kind."""
        frames: list[Frame] = []
        while not frames or frames[-1].kind != kind:
            frame = await self.frame()
            assert frame is not None, f"closed before {kind.name}, after {[Kind(one.kind).name for one in frames]}"
            frames.append(frame)
        return frames

    def say(self, kind: int, number: int = 0, body: bytes = b"", stream: int = 0) -> None:
        self.writer.write(pack_frame(kind, stream, number, body))

    async def open(self, role: Role = Role.ADMIN, name: str = "raw") -> None:
        """HELLO and WELCOME."""
        self.say(Kind.HELLO, 0, pack_hello(Hello(name, role)))
        await self.frames_until(Kind.WELCOME)

    def subscribe(self, subscribe: Subscribe | None = None, number: int = 1, stream: int = 1) -> None:
        self.say(Kind.SUBSCRIBE, number, pack_subscribe(subscribe or Subscribe()), stream)


@asynccontextmanager
async def raw_client(site: Site, receive_buffer_bytes: int | None = None) -> AsyncIterator[RawClient]:
    """A raw connection; a small receive buffer makes a slow reader of it soon."""
    import socket

    connection = socket.socket()
    if receive_buffer_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (site.address.host, site.address.port))
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()
