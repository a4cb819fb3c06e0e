"""A server with the call model of a large site behind it, in a process of its own: many live calls, always events.

``python -m bench.busy_site PORT CALLS EVENTS_PER_SECOND``. The log goes to standard error. A line on
standard input is answered by a line: what the process used since the line before, as JSON.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from pathlib import Path

from bench.ulp_process import run, tell
from model.commands import Command, Outcome, Refusal
from model.core import CallModel
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import CallReport, CallSnapshot, Happening, PartySnapshot
from model.states import ConnectionState, LinkState, PortKind
from model.view import Device, Licence, Link
from protocol.errors import Code
from protocol.kinds import Role
from protocol.requests import Reply, Request
from protocol.server import Hooks, UlpServer
from runtime.long_lived import LongLived
from runtime.tasks import owned_by

DEVICES_MAX = 2_000
"""Configured ones; the calls' other parties are outside."""

BEAT_SECONDS = 0.002
"""Between two beats by which the loop's pauses are seen."""

TICK_SECONDS = 1.0


class BusySite:
    """The model, and telephones that hold and retrieve their calls by turns."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._at = 0
        self.model = CallModel(
            time.time_ns() // 1000, Link(LinkState.DOWN, "bench", "", _now()), Licence("evaluation", "", calls, 0, "")
        )
        self.model.link_changed(LinkState.UP, "", _now())
        names = (extension(number) for number in range(min(calls, DEVICES_MAX)))
        self.model.configure([Device(name, PortKind.EXT, "", "") for name in names], _now())
        self.model.whole_switch([_found(number) for number in range(calls)], _now(), _now())

    def next_report(self) -> CallReport:
        """Somebody holds a call, and in the next round retrieves it."""
        number, is_held = self._at % self._calls, self._at // self._calls % 2 == 1
        self._at += 1
        device = extension(number)
        connection = SwitchConnection(SwitchCallId(f"c{number}"), ConnectionKey(f"N<{device}>"))
        happening = Happening.RETRIEVED if is_held else Happening.HELD
        return CallReport(happening, device, connection, _now(), subject=device)


def extension(number: int) -> DeviceNumber:
    return DeviceNumber(f"1{number:05}")


def _found(number: int) -> CallSnapshot:
    device, outside = extension(number), DeviceNumber(f"0137{number:07}")
    parties = (
        PartySnapshot(device, ConnectionKey(f"N<{device}>"), ConnectionState.CONNECTED),
        PartySnapshot(outside, ConnectionKey(f"T{number}"), ConnectionState.CONNECTED),
    )
    return CallSnapshot(SwitchCallId(f"c{number}"), _now(), _now(), parties, outside, device)


def _now() -> Microseconds:
    return Microseconds(time.time_ns() // 1000)


class Watched:
    """What the process used since it was last asked."""

    def __init__(self, server: UlpServer) -> None:
        self._server = server
        self._beat = time.monotonic()
        self._longest = 0.0
        self.beat()

    def beat(self) -> None:
        now = time.monotonic()
        self._longest = max(self._longest, now - self._beat - BEAT_SECONDS)
        self._beat = now
        asyncio.get_running_loop().call_later(BEAT_SECONDS, self.beat)

    def answer(self) -> None:
        """Tell, and begin anew."""
        sys.stdin.readline()
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = {
            "peak_bytes": int(status["VmHWM"].split()[0]) * 1024,
            "bytes": int(status["VmRSS"].split()[0]) * 1024,
            "longest_pause_ms": round(self._longest * 1000, 1),
            "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
            "refused": self._server.refused_sessions,
            "slow_consumers": self._server.slow_consumers,
        }
        print(json.dumps(told), flush=True)
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
        self._longest, self._beat = 0.0, time.monotonic()


async def serve(port: int, calls: int, events_per_second: int) -> None:
    """Serve until killed."""
    site = BusySite(calls)

    async def on_request(_session: int, _number: int, _command: Command, _role: Role) -> Outcome:
        return Outcome(Refusal.NOT_SUPPORTED)

    async def on_admin(_request: Request, _role: Role) -> Reply:
        return Reply(Code.NOT_SUPPORTED)

    async with asyncio.TaskGroup() as group:
        hooks = Hooks(site.model.snapshot, on_request, on_admin, owned_by(group), _now)
        server = UlpServer("bench/gateway", site.model.epoch, hooks, last=site.model.number)
        await server.start("127.0.0.1", port)
        gc.collect()
        gc.freeze()
        asyncio.get_running_loop().add_reader(0, Watched(server).answer)
        long_lived = LongLived()
        began = ticked = time.monotonic()
        reports = 0
        while True:
            await asyncio.sleep(1 / events_per_second)
            now = time.monotonic()
            while reports < (now - began) * events_per_second:
                reports += 1
                for event in site.model.report(site.next_report()).events:
                    server.publish(event)
            if now - ticked >= TICK_SECONDS:
                ticked = now
                long_lived.tick(server.arrived, server.arrived - server.session_count)


if __name__ == "__main__":
    tell()
    run(serve(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
