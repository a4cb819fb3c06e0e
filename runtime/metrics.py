"""Metrics and health of any daemon: `/metrics` for Prometheus, `/healthz` and `/readyz` for supervisors and people.

Nothing is counted for the sake of a metric: collectors read what the daemon holds anyway, when somebody asks, so what
runs for every event pays nothing. What a daemon tells beside the figures of its process is handed in.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from runtime.health import Reason, is_good, page
from runtime.http_endpoint import HttpEndpoint
from runtime.http_page import Page
from runtime.http_request import Request
from runtime.loop_watch import LoopWatch
from runtime.loopback import LoopbackAddress
from runtime.metrics_settings import MetricsSettings
from runtime.tasks import Daemon, StartRefused

log = structlog.get_logger("runtime.metrics")

PAGE_SECONDS: Final = 0.5
"""For so long a page of metrics is given again: whoever asks a thousand times a second costs what two cost."""

Readiness = Callable[[], Sequence[Reason]]
"""Why the daemon is not ready, or not whole; () when there is nothing to say. Called from the loop, must not block."""


class Watch:
    """What is told of one daemon, page by page. ``prefix`` begins the names of its metrics (``ultra_gateway``)."""

    def __init__(self, prefix: str, readiness: Readiness, collectors: Iterable[Collector]) -> None:
        self.loop_watch = LoopWatch()
        self.endpoint = HttpEndpoint({"/metrics": self._metrics, "/healthz": self._healthz, "/readyz": self._readyz})
        self._prefix = prefix
        self._readiness = readiness
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_OwnCollector(self))
        for collector in collectors:
            self._registry.register(collector)
        self._page = Page(b"")
        self._page_until = 0.0

    async def start(self, address: LoopbackAddress) -> LoopbackAddress:
        """Listen and watch the loop; where it listens. OSError when the address cannot be had."""
        bound = await self.endpoint.start(address)
        self.loop_watch.start(asyncio.get_running_loop())
        return bound

    def stop(self) -> None:
        """Listen and watch no more."""
        self.endpoint.close()
        self.loop_watch.stop()

    def own_metrics(self) -> Iterator[Metric]:
        """What every daemon tells."""
        yield GaugeMetricFamily(
            f"{self._prefix}_ready", "1 while /readyz says so, else 0", value=int(is_good(self._readiness()))
        )
        pause = self.loop_watch.longest_pause(_now())
        yield GaugeMetricFamily(
            f"{self._prefix}_loop_pause_seconds", "longest standstill of the event loop in the last minute", value=pause
        )
        yield GaugeMetricFamily(
            f"{self._prefix}_tasks", "tasks that run or wait in the event loop", value=len(asyncio.all_tasks())
        )
        yield GaugeMetricFamily(
            f"{self._prefix}_memory_blocks", "pieces of memory in use", value=sys.getallocatedblocks()
        )
        refused = CounterMetricFamily(
            f"{self._prefix}_http_refused_total", "connections to this port not answered with a page", labels=["reason"]
        )
        for reason, count in sorted(self.endpoint.refused.items()):
            refused.add_metric([reason], count)
        yield refused

    def _metrics(self, request: Request) -> Page:
        if _now() >= self._page_until:
            self._page = Page(generate_latest(self._registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
            self._page_until = _now() + PAGE_SECONDS
        return self._page

    def _healthz(self, request: Request) -> Page:
        trouble = self.loop_watch.trouble(_now())
        return page("healthy", [Reason("loop_stood_still", trouble)] if trouble else [], as_json=request.wants_json)

    def _readyz(self, request: Request) -> Page:
        return page("ready", self._readiness(), as_json=request.wants_json)


class _OwnCollector(Collector):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterable[Metric]:
        return self._watch.own_metrics()


async def serve_metrics(
    settings: MetricsSettings, config: Path, daemon: Daemon, watch: Watch
) -> LoopbackAddress | None:
    """Serve the pages until the daemon ends; where, None when the settings ask for nothing.

    StartRefused, which names the line of `config`, when the address cannot be had.
    """
    address = settings.address
    if address is None:
        return None
    try:
        bound = await watch.start(address)
    except OSError as error:
        where = f"see [metrics] listen in {config}"
        raise StartRefused(f"cannot listen on {settings.listen}: {error.strerror}; {where}") from error
    log.info("metrics_listening", listen=str(bound))
    daemon.spawn(_until_the_end(watch), name="metrics")
    return bound


async def _until_the_end(watch: Watch) -> None:
    """The endpoint belongs to a task, so that it ends with the daemon whichever way that ends."""
    try:
        await asyncio.Event().wait()
    finally:
        watch.stop()


def _now() -> float:
    return asyncio.get_running_loop().time()
