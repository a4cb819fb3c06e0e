"""Metrics of the gateway as Prometheus has them: all names begin with ``ultra_gateway``. Pure."""

from collections.abc import Mapping
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX: Final = "ultra_gateway"


def gauge(name: str, meaning: str, value: float | None) -> Metric:
    """One figure; without a value it is named and not given."""
    return GaugeMetricFamily(f"{PREFIX}_{name}", meaning, value=value)


def gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    """A figure for each value of a label."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=[label])
    for said, value in values.items():
        family.add_metric([said], value)
    return family


def counter(name: str, meaning: str, value: float) -> Metric:
    """One count; its name ends in ``_total``."""
    return CounterMetricFamily(f"{PREFIX}_{name}_total", meaning, value=value)


def counters(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    """A count for each value of a label."""
    family = CounterMetricFamily(f"{PREFIX}_{name}_total", meaning, labels=[label])
    for said, value in sorted(values.items()):
        family.add_metric([said], value)
    return family
