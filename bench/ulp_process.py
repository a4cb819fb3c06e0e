"""The shipped ULP server in a process of its own, with an inlet for events that are encoded already.

Everything that a gateway's server does is on: sessions, roles, filters, heartbeats, ring, limits. The inlet stands
where the call model would call ``publish``; it takes bytes because the peers' publishers hand over bytes too.
"""

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from bench.payload import FIRST_DEVICE
from gateway.archive import JournalArchive
from gateway.config import JournalSettings
from gateway.resuming import begin
from model.commands import Command, Outcome, Refusal
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link, Snapshot
from protocol.errors import Code
from protocol.frame import FrameReader
from protocol.kinds import Role
from protocol.limits import BODY_BYTES_MAX_SERVER, ServerLimits
from protocol.requests import Reply, Request
from protocol.server import Hooks, UlpServer
from protocol.snapshots import pack_snapshot
from runtime.clock import SystemClock
from runtime.long_lived import LongLived
from runtime.tasks import owned_by

DEVICES = 100
"""In the snapshot each subscriber gets first; filters name devices beyond them."""


TICK_SECONDS = 1.0
"""As often as the gateway does."""


class Inlet(asyncio.Protocol):
    """Frames in, events out."""

    def __init__(self, server: UlpServer) -> None:
        self._server = server
        self._reader = FrameReader(BODY_BYTES_MAX_SERVER)

    def data_received(self, data: bytes) -> None:
        publish = self._server.publish_body
        for frame in self._reader.receive(data):
            publish(frame.kind, frame.body)


async def serve(port: int, inlet: str, limits: ServerLimits, journal_folder: Path | None = None) -> None:
    """Serve until killed; with a folder for it, the gateway's journal behind the stream."""
    devices = tuple(Device(DeviceNumber(str(FIRST_DEVICE + index)), PortKind.EXT, "", "") for index in range(DEVICES))
    link = Link(LinkState.UP, "bench", "", Microseconds(0))
    licence = Licence("evaluation", "", DEVICES, DEVICES, "")

    clock = SystemClock()
    begun = begin(JournalSettings(folder=journal_folder), link, licence, clock, single_appearance=True)
    archive = None

    def snapshot() -> Snapshot:
        return Snapshot(server.stream.last, link, licence, devices, ())

    def trouble(*said: str | None) -> None:
        raise AssertionError(f"trouble: {said}")

    async def on_request(_session: int, _number: int, _command: Command, _role: Role) -> Outcome:
        return Outcome(Refusal.NOT_SUPPORTED)

    async def on_admin(_request: Request, _role: Role) -> Reply:
        return Reply(Code.NOT_SUPPORTED)

    async with asyncio.TaskGroup() as group:
        hooks = Hooks(snapshot, on_request, on_admin, owned_by(group), clock.wall_us)
        if begun.journal is not None:
            archive = JournalArchive(
                begun.journal, lambda: pack_snapshot(snapshot(), 1), clock, trouble, trouble, trouble
            )
        server = UlpServer("bench/gateway", begun.model.epoch, hooks, limits=limits, archive=archive)
        if archive is not None:
            archive.begin_segment()
        await server.start("127.0.0.1", port)
        listener = await asyncio.get_running_loop().create_unix_server(lambda: Inlet(server), inlet)
        gc.collect()  # as the gateway does
        gc.freeze()
        long_lived = LongLived()
        async with listener:  # held: a listener nobody holds is closed
            while True:
                await asyncio.sleep(TICK_SECONDS)
                long_lived.tick(server.arrived, server.arrived - server.session_count)


def tell() -> None:
    """The server's log as JSON lines on standard error, which the bench reads."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt=None),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a server on the loop that daemons use; ULTRA_BENCH_LOOP=asyncio for the standard one."""
    loop_factory = None
    if os.environ.get("ULTRA_BENCH_LOOP") != "asyncio":
        import uvloop

        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)


def main() -> None:
    """``python -m bench.ulp_process PORT INLET [LIMITS [FOLDER]]``; LIMITS is a JSON object of ``ServerLimits``, FOLDER
    the journal's."""
    tell()
    limits = ServerLimits(**json.loads(sys.argv[3])) if len(sys.argv) > 3 else ServerLimits()
    run(serve(int(sys.argv[1]), sys.argv[2], limits, Path(sys.argv[4]) if len(sys.argv) > 4 else None))


if __name__ == "__main__":
    main()
