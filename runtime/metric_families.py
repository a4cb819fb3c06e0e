"""Metrics as Prometheus has them, each daemon's under its own prefix. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric


@dataclass(frozen=True, slots=True)
class Families:
    """Makes families whose names begin with ``prefix`` (``ultra_gateway``)."""

    prefix: str

    def gauge(self, name: str, meaning: str, value: float | None) -> Metric:
        """One figure; without a value it is named and not given."""
        return GaugeMetricFamily(f"{self.prefix}_{name}", meaning, value=value)

    def gauges(self, name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
        """A figure for each value of a label."""
        family = GaugeMetricFamily(f"{self.prefix}_{name}", meaning, labels=[label])
        for said, value in values.items():
            family.add_metric([said], value)
        return family

    def counter(self, name: str, meaning: str, value: float) -> Metric:
        """One count; its name ends in ``_total``."""
        return CounterMetricFamily(f"{self.prefix}_{name}_total", meaning, value=value)

    def counters(self, name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
        """A count for each value of a label."""
        family = CounterMetricFamily(f"{self.prefix}_{name}_total", meaning, labels=[label])
        for said, value in sorted(values.items()):
            family.add_metric([said], value)
        return family
