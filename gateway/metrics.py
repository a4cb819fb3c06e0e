"""The gateway's figures for Prometheus, read from what it holds when somebody asks. Changes nothing, keeps no count.

The table in docs/operations.md is held equal to what stands here. More figures are another collector, handed to
``runtime.metrics.Watch`` beside this one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.figures import FIGURES
from gateway.licence import LicenceKind, LicenceState
from gateway.owner import Owner
from model.states import LinkState, PortKind
from model.view import Snapshot
from protocol.requests import SessionRow
from protocol.server import UlpServer
from runtime.clock import MICROSECONDS, Clock
from runtime.logs import Log

ROW_PAUSE_US: Final = 8_000
"""Per open session between two looks at all of them. A look costs some 4 µs a session: so it takes a two-thousandth of
the time whoever asks, every 0.8 s at 100 sessions, every 40 s at 5,000."""


class GatewayCollector(Collector):
    """Reads one gateway. ``licence`` gives the licence in force."""

    def __init__(
        self, owner: Owner, server: UlpServer, licence: Callable[[], LicenceState], opened_log: Log, clock: Clock
    ) -> None:
        self._owner = owner
        self._server = server
        self._licence = licence
        self._log = opened_log
        self._clock = clock
        self._rows: list[SessionRow] = []
        self._rows_until_us = 0

    def collect(self) -> Iterable[Metric]:
        """Every family, those without a value now included."""
        snapshot = self._owner.model.snapshot()
        yield from self._calls_and_devices(snapshot)
        yield from self._link(snapshot)
        yield from self._subscribers()
        yield from self._seats(snapshot)
        yield FIGURES.counter("log_lines_lost", "log lines that could be written nowhere", self._log.lines_lost)

    def _calls_and_devices(self, snapshot: Snapshot) -> Iterator[Metric]:
        yield FIGURES.counter(
            "events_published", "number of the last event; falls only with a new epoch", snapshot.number
        )
        yield FIGURES.gauge("calls", "calls that are not ended", len(snapshot.calls))
        alike = Counter(
            (one.kind, one.licensed, one.monitored) for one in snapshot.devices
        )  # thousands: looked at once
        yield _by_kind("devices", "ports of port.cfg", alike.items())
        licensed = ((key, count) for key, count in alike.items() if key[1])
        yield _by_kind("devices_licensed", "ports that need no seat or have one", licensed)
        monitored = ((key, count) for key, count in alike.items() if key[2])
        yield _by_kind("devices_monitored", "ports of which the switch reports", monitored)
        yield FIGURES.counters(
            "model_oddities", "reports that did not fit the calls as they were known", "kind", self._owner.model.counts
        )

    def _link(self, snapshot: Snapshot) -> Iterator[Metric]:
        state = snapshot.link.state
        yield FIGURES.gauge("link_up", "1 while what is shown is true", int(state.is_up))
        states = {one.name.lower(): int(one is state) for one in LinkState}
        yield FIGURES.gauges("link_state", "1 for the state that the link is in", "state", states)
        yield FIGURES.counters("link_oddities", "what was odd on the link", "kind", self._owner.link_counts)
        alarms = self._owner.alarms.by_code()
        raised = {code: one.count for code, one in alarms.items()}
        yield FIGURES.counters("alarms", "alarms of the link and the journal", "code", raised)
        last = {code: one.last_us / MICROSECONDS for code, one in alarms.items()}
        yield FIGURES.gauges("alarm_last_timestamp_seconds", "when an alarm was last raised, Unix time", "code", last)
        held = GaugeMetricFamily(f"{FIGURES.prefix}_condition", "1 for trouble that lasts", labels=["code", "subject"])
        for one in snapshot.conditions:
            held.add_metric([one.code, one.subject], 1)
        yield held

    def _subscribers(self) -> Iterator[Metric]:
        rows = self._session_rows()
        yield FIGURES.gauge(
            "connections", "connections of subscribers, those without HELLO included", self._server.session_count
        )
        yield FIGURES.gauge("sessions", "open sessions", len(rows))
        yield FIGURES.counter("sessions_refused", "connections that were turned away", self._server.refused_sessions)
        yield FIGURES.counter(
            "slow_consumers", "subscribers closed because they were too slow", self._server.slow_consumers
        )
        failed = self._server.tls_failed.count
        yield FIGURES.counter("tls_failed", "connections at the TLS port that came to no TLS session", failed)
        yield FIGURES.gauge("waiting_bytes", "bytes that wait for subscribers", sum(row.waiting_bytes for row in rows))
        most = max((row.waiting_bytes for row in rows), default=0)
        yield FIGURES.gauge("waiting_bytes_max", "bytes that wait for the subscriber with the most", most)
        behind = max((row.behind_events for row in rows), default=0)
        yield FIGURES.gauge("behind_events_max", "events that the subscriber furthest behind has still to get", behind)

    def _session_rows(self) -> list[SessionRow]:
        now = self._clock.monotonic_us()
        if now >= self._rows_until_us:
            self._rows = self._server.sessions()
            self._rows_until_us = now + len(self._rows) * ROW_PAUSE_US
        return self._rows

    def _seats(self, snapshot: Snapshot) -> Iterator[Metric]:
        licence = self._licence()
        yield FIGURES.gauge("seats", "seats of the licence, or of the evaluation", snapshot.licence.seats)
        yield FIGURES.gauge("seats_needed", "extensions that port.cfg names", snapshot.licence.seats_needed)
        kinds = {one.label: int(one is licence.kind) for one in LicenceKind}
        yield FIGURES.gauges("licence_state", "1 for where the licence stands", "state", kinds)
        left = "whole days to the end of the licence, or of its grace; no value without an end"
        yield FIGURES.gauge("licence_left_days", left, licence.days_left)


def _by_kind(name: str, meaning: str, alike: Iterable[tuple[tuple[PortKind, bool, bool], int]]) -> Metric:
    values = dict.fromkeys((kind.name.lower() for kind in PortKind), 0)
    for (kind, _, _), count in alike:
        values[kind.name.lower()] += count
    return FIGURES.gauges(name, meaning, "kind", values)
