"""Counters only rise, gauges stand anywhere, names are formed alike."""

import pytest

from runtime.counters import Counter, Counters


def test_values_are_read_by_name_in_the_order_they_were_made() -> None:
    counters = Counters()
    frames = counters.counter("ultra_gateway_frames_total", "frames sent to subscribers")
    calls = counters.gauge("ultra_gateway_calls", "calls that are not ended")
    frames.add()
    frames.add(3)
    calls.set(2)
    assert list(counters.values().items()) == [("ultra_gateway_frames_total", 4), ("ultra_gateway_calls", 2)]
    assert [each.meaning for each in counters] == ["frames sent to subscribers", "calls that are not ended"]


def test_a_counter_never_falls() -> None:
    counter = Counter("ultra_gateway_frames_total", "")
    with pytest.raises(ValueError, match="only rises"):
        counter.add(-1)
    assert counter.value == 0


@pytest.mark.parametrize(
    "name", ["ultra_gateway_frames", "frames_total", "ultra_total", "ultra_Gateway_frames_total", "ultra__x_total"]
)
def test_a_counter_s_name_is_formed_as_prometheus_and_we_want_it(name: str) -> None:
    with pytest.raises(ValueError, match=r"_total|of the form"):
        Counters().counter(name, "")


def test_a_gauge_does_not_look_like_a_counter() -> None:
    with pytest.raises(ValueError, match="only a counter"):
        Counters().gauge("ultra_gateway_calls_total", "")


def test_two_of_one_name_are_refused() -> None:
    counters = Counters()
    counters.gauge("ultra_gateway_calls", "")
    with pytest.raises(ValueError, match="counted twice"):
        counters.gauge("ultra_gateway_calls", "")
