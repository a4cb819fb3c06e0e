"""Metrics of the gateway are told from other daemons' by their names."""

from gateway.figures import FIGURES


def test_every_name_begins_with_the_daemon() -> None:
    assert FIGURES.gauge("calls", "m", 1).name == "ultra_gateway_calls"
