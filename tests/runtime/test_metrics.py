"""The three pages of a daemon that lives: figures, health, readiness; and that they end with it, whichever way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from structlog.testing import capture_logs

from runtime.health import Reason
from runtime.metrics import PAGE_SECONDS, Watch, serve_metrics
from runtime.metrics_settings import MetricsSettings
from runtime.problems import Severity
from runtime.tasks import Daemon, ExitCode
from tests.asking import get
from tests.waiting import until

CONFIG = Path("etc/probe.toml")
ANY_PORT = MetricsSettings(listen="127.0.0.1:0")


class Probe(Collector):
    """A figure of the daemon's own, and how often it was looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def collect(self) -> list[Metric]:
        self.looks += 1
        return [GaugeMetricFamily("ultra_probe_looks", "how often this was read", value=self.looks)]


class Site:
    """What a daemon would hold."""

    def __init__(self) -> None:
        self.reasons: list[Reason] = []
        self.probe = Probe()
        self.watch = Watch("ultra_probe", lambda: self.reasons, [self.probe])
        self.port = 0


async def live(act: Callable[[Site], Awaitable[None]], settings: MetricsSettings = ANY_PORT) -> ExitCode:
    """Run a daemon with its pages until `act` is done."""
    site = Site()

    async def main(daemon: Daemon) -> None:
        bound = await serve_metrics(settings, CONFIG, daemon, site.watch)
        site.port = 0 if bound is None else bound.port
        await act(site)

    return await Daemon("probe").live(main)


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """A port that somebody else has."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_figures_of_the_process_of_the_loop_and_of_the_daemon() -> None:
    async def act(site: Site) -> None:
        answer = await get(site.port, "/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert answer.values["ultra_probe_ready"] == 1
        assert answer.values["ultra_probe_loop_pause_seconds"] < 1
        assert answer.values["ultra_probe_tasks"] == len(asyncio.all_tasks())
        assert answer.values["ultra_probe_memory_blocks"] > 0
        assert answer.values["ultra_probe_looks"] == 1
        assert answer.values["process_resident_memory_bytes"] > 1_000_000
        await get(site.port, "/nowhere")
        site.reasons.append(Reason("cable", "pulled"))
        await until(lambda: asyncio.get_running_loop().time() > began + 2 * PAGE_SECONDS)
        answer = await get(site.port, "/metrics")
        assert answer.values["ultra_probe_ready"] == 0
        assert answer.values["ultra_probe_http_refused_total{reason=not_found}"] == 1

    began = asyncio.get_running_loop().time()
    assert await live(act) is ExitCode.STOPPED


async def test_who_asks_without_end_costs_no_more_than_who_asks_twice_a_second() -> None:
    async def act(site: Site) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(200):
            assert (await get(site.port, "/metrics")).status == 200
        assert site.probe.looks <= 1 + (loop.time() - began) / PAGE_SECONDS

    assert await live(act) is ExitCode.STOPPED


async def test_ready_and_not() -> None:
    async def act(site: Site) -> None:
        assert (await get(site.port, "/readyz")).body == "ready\n"
        site.reasons.append(Reason("seats", "too few", Severity.WARNING))
        answer = await get(site.port, "/readyz")
        assert (answer.status, answer.body) == (200, "ready\nwarning seats: too few\n")
        site.reasons.append(Reason("cable", "pulled"))
        answer = await get(site.port, "/readyz", "Accept: application/json")
        assert (answer.status, answer.headers["content-type"]) == (503, "application/json")
        assert [one["code"] for one in json.loads(answer.body)["reasons"]] == ["cable", "seats"]
        assert (await get(site.port, "/healthz")).body == "healthy\n"  # alive, and not ready

    assert await live(act) is ExitCode.STOPPED


async def test_a_loop_that_stood_still_is_not_healthy() -> None:
    async def act(site: Site) -> None:
        loop = asyncio.get_running_loop()
        site.watch.loop_watch.beat(loop.time() + 8)  # as if it had been held up since the last one
        answer = await get(site.port, "/healthz")
        assert answer.status == 503
        assert answer.body.startswith("not healthy\nerror loop_stood_still: the event loop stood still for ")
        told = json.loads((await get(site.port, "/healthz", "Accept: application/json")).body)
        assert (told["healthy"], told["reasons"][0]["code"]) == (False, "loop_stood_still")

    assert await live(act) is ExitCode.STOPPED


async def test_off_unless_asked_for() -> None:
    async def act(site: Site) -> None:
        assert site.port == 0

    assert await live(act, MetricsSettings()) is ExitCode.STOPPED


async def test_a_port_in_use_is_a_refused_start_that_names_the_line() -> None:
    async def act(site: Site) -> None:
        pytest.fail("it started")

    with capture_logs() as logs:
        async with listening() as port:
            settings = MetricsSettings(listen=f"127.0.0.1:{port}")
            assert await live(act, settings) is ExitCode.REFUSED
    (refused,) = [one for one in logs if one["event"] == "start_refused"]
    assert refused["reason"].startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert refused["reason"].endswith("; see [metrics] listen in etc/probe.toml")


class Broken(Exception):
    """What a test's daemon crashes with."""


async def test_its_port_is_free_again_however_the_daemon_ended() -> None:
    ports = []

    async def crash(site: Site) -> None:
        ports.append(site.port)
        raise Broken

    with capture_logs():
        assert await live(crash) is ExitCode.CRASHED

    async def act(site: Site) -> None:
        assert (await get(site.port, "/healthz")).status == 200

    assert await live(act, MetricsSettings(listen=f"127.0.0.1:{ports[0]}")) is ExitCode.STOPPED
