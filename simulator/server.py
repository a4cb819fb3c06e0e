"""Puts a `Site` on the network: one TCP port for CSTA clients, one for the admin line protocol, one task for time.

The only asyncio of the simulator. It decides nothing: bytes and the clock go into the site, writes come out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

import structlog

from runtime.clock import Clock, SystemClock
from runtime.tasks import spawn
from simulator.actions import act
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.scenario import Scenario
from simulator.switch import SECOND_US, Plan, Switch
from simulator.switch_site import Site
from simulator.traffic import Mix

log = structlog.get_logger()

IDLE_SECONDS_MAX = 1.0
"""The clock task looks again at least so often, so that a stop is never waited for longer."""
ADMIN_LINE_BYTES_MAX = 4096
CLIENT_BUFFER_BYTES_MAX = 16 * 1024 * 1024
"""A client that does not read is cut when so much waits for it; a minute of heavy traffic is less."""
_NO_CALLS = Mix(calls_per_second=0.0)


class SimulatorServer:
    """A running simulated switch: `async with SimulatorServer(Plan()) as simulator: … simulator.port`."""

    def __init__(
        self,
        plan: Plan | None = None,
        habits: Habits | None = None,
        mix: Mix = _NO_CALLS,
        faults: Faults | None = None,
        *,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        admin_port: int | None = 0,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Port 0 takes a free one; `admin_port` None leaves the admin port closed. Admin listens on loopback only."""
        self.site = Site(plan or Plan(), habits or Habits(), mix, faults or Faults(), seed)
        self.port = port
        self.admin_port = admin_port
        self._host = host
        self._clock = clock or SystemClock()
        self._began_us = self._clock.monotonic_us()
        self._scenario = scenario
        self._links: dict[int, _Link] = {}
        self._woken = asyncio.Event()
        self.scenario_over = asyncio.Event()
        self._is_stopping = False
        self._failure: BaseException | None = None
        self._exits = contextlib.AsyncExitStack()

    @property
    def pbx(self) -> Switch:
        """The switch itself, for tests that act on it in-process; call `settle` after it."""
        return self.site.switch

    @property
    def now_us(self) -> int:
        return self._clock.monotonic_us() - self._began_us

    @property
    def address(self) -> str:
        return f"{self._host}:{self.port}"

    async def start(self) -> None:
        """Listen and let time pass. OSError when a port is taken."""
        async with contextlib.AsyncExitStack() as exits:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: _Link(self), self._host, self.port)
            exits.callback(server.close)
            self.port = server.sockets[0].getsockname()[1]
            if self.admin_port is not None:
                admin = await loop.create_server(lambda: _AdminLink(self), "127.0.0.1", self.admin_port)
                exits.callback(admin.close)
                self.admin_port = admin.sockets[0].getsockname()[1]
            self._group = await exits.enter_async_context(asyncio.TaskGroup())
            exits.callback(self._stop)
            spawn(self._group, self._keep_time(), name="simulator clock")
            self._exits = exits.pop_all()

    async def stop(self) -> None:
        """Close every connection and port. Raises what failed in the simulator while it ran."""
        await self.__aexit__(None, None, None)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        await self._exits.__aexit__(kind, error, trace)

    def act(self, line: str) -> dict[str, object]:
        """Do an action of `simulator.actions` now."""
        reply = act(self.site, line, self.now_us)
        self.settle()
        return reply

    def settle(self) -> None:
        """Send what direct acts on `pbx` have caused."""
        self.site.settle(self.now_us)
        self._write_all()

    async def flushed(self) -> None:
        """Wait until everything written has left this process."""
        for link in list(self._links.values()):
            await link.is_drained.wait()

    def freeze_then(self, reply: Callable[[dict[str, object]], None]) -> None:
        """Freeze, and reply when every client's connection has taken what was sent."""

        async def freeze() -> None:
            answer = self.act("freeze")
            await self.flushed()
            reply(answer)

        spawn(self._group, freeze(), name="simulator freeze")

    def reset_links(self) -> int:
        """Cut every client's connection by a reset; returns how many."""
        links = list(self._links.values())
        for link in links:
            link.reset()
        return len(links)

    def admit(self, link: _Link) -> int | None:
        number = self.site.connect(self.now_us)
        if number is not None:
            self._links[number] = link
            self._write_all()
            self._woken.set()
        return number

    def gone(self, number: int) -> None:
        self._links.pop(number, None)
        self.site.disconnect(number)

    def received(self, number: int, received: bytes) -> None:
        """Bytes of a client. Our own failure ends the simulator, it must not pass for the peer's."""
        try:
            self.site.receive(number, received, self.now_us)
            self._write_all()
        except Exception as failure:
            self._failure = failure
        if not self.site.is_open(number) and number in self._links:
            self._links[number].close()
        self._woken.set()

    def _stop(self) -> None:
        self._is_stopping = True
        self._woken.set()
        for link in list(self._links.values()):
            link.close()

    async def _keep_time(self) -> None:
        while not self._is_stopping:
            self._woken.clear()
            if self._failure is not None:
                raise self._failure
            now_us = self.now_us
            self.site.pass_time(now_us)
            due_us = self._play_scenario(now_us)
            self._write_all()
            seconds = IDLE_SECONDS_MAX if due_us is None else min((due_us - now_us) / SECOND_US, IDLE_SECONDS_MAX)
            if seconds > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._woken.wait()
            else:
                # Something is due again at once: let others have their turn.
                await asyncio.sleep(0)

    def _play_scenario(self, now_us: int) -> int | None:
        """Go on with the scenario if there is one; returns when the site or the scenario has something to do."""
        scenario = self._scenario
        again_us = None if scenario is None or scenario.is_over else scenario.pass_time(self.site, now_us)
        if scenario is not None and scenario.is_over:
            self.scenario_over.set()
        return min((due for due in (self.site.deadline_us, again_us) if due is not None), default=None)

    def _write_all(self) -> None:
        for number, link in list(self._links.items()):
            link.write(self.site.take_writes(number))


class _Link(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: SimulatorServer) -> None:
        self.is_drained = asyncio.Event()
        self.is_drained.set()
        self._server = server
        self._number: int | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass of it
        # Any byte left in the buffer counts as not drained.
        self._transport.set_write_buffer_limits(high=0)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._number = self._server.admit(self)
        if self._number is None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._number is not None:
            self._server.received(self._number, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_drained.set()
        if self._number is not None:
            self._server.gone(self._number)

    def pause_writing(self) -> None:
        self.is_drained.clear()

    def resume_writing(self) -> None:
        self.is_drained.set()

    def write(self, pieces: list[bytes]) -> None:
        assert self._transport is not None
        for piece in pieces:
            self._transport.write(piece)
        if pieces and self._transport.get_write_buffer_size() > CLIENT_BUFFER_BYTES_MAX:
            log.warning("simulator_client_cut", client=self._number, reason="does not read")
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """RST instead of FIN, as a rebooted switch does."""
        if self._transport is not None:
            sock = self._transport.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            self._transport.abort()


class _AdminLink(asyncio.Protocol):
    """One admin connection: a line in, a JSON line out, in order."""

    def __init__(self, server: SimulatorServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *lines, self._pending = (self._pending + data).split(b"\n")
        if len(self._pending) > ADMIN_LINE_BYTES_MAX:
            self._transport.abort()
            return
        for line in lines:
            self._perform(line.decode("utf-8", "replace").strip())

    def _perform(self, line: str) -> None:
        assert self._transport is not None
        if line == "reset_links":
            self._reply({"ok": True, "links": self._server.reset_links()})
        elif line == "freeze":
            self._server.freeze_then(self._reply)
        else:
            self._reply(self._server.act(line))

    def _reply(self, reply: dict[str, object]) -> None:
        if self._transport is not None:
            self._transport.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
