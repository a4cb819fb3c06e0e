"""A small run of the fan-out bench against real brokers: what is counted is what was published, nothing is lost."""

import pytest

from bench.brokers import BROKERS, find_program
from bench.fanout import LOADS, Load, Result, Spans, measure, run, summary
from bench.receiver import Latencies

SHORT = Spans(warm_up=0.1, throughput=0.2, latency=0.3)
SMALL_LOADS = (Load("7 × all events", 7, one_device=False), Load("20 × one device", 20, one_device=True))


@pytest.mark.parametrize("name", BROKERS)
@pytest.mark.parametrize("load", SMALL_LOADS, ids=lambda load: load.name)
def test_a_run_loses_nothing_and_sees_latencies(name: str, load: Load) -> None:
    if find_program(BROKERS[name][1]) is None:
        pytest.skip(f"{name} is not installed")
    result = measure(name, load, SHORT)
    assert result.lost == 0
    assert result.deliveries_per_second > 0
    assert result.latency.samples > 0
    assert 0 < result.latency.median_us <= result.latency.p99_us


def result_of(broker: str, rate: int) -> Result:
    return Result(broker, LOADS[1].name, 1_000, rate, 174, rate // 10, Latencies(1, 2, 3), 0)


def test_the_ratio_is_ours_by_nats_at_a_thousand_subscribers() -> None:
    outcome = summary([result_of("ulp", 30_000), result_of("ulp+journal", 25_000), result_of("nats-server", 2_000)])
    assert outcome["ratio"] == 15.0
    assert outcome["with_journal"] == 12.5
    assert outcome["ours_deliveries_per_second"] == 30_000
    assert outcome["nats_deliveries_per_second"] == 2_000
    assert outcome["results"][0]["latency"]["p99_us"] == 3


def test_without_the_peer_there_is_no_ratio() -> None:
    assert summary([result_of("ulp", 30_000)])["ratio"] is None


def test_a_run_goes_through_loads_and_brokers() -> None:
    results = list(run(("ulp",), SMALL_LOADS[:1], SHORT))
    assert [getattr(result, "broker", None) for result in results] == ["ulp"]
