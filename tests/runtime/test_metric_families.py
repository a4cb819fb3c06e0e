"""Names and samples of metrics."""

from runtime.metric_families import Families

FAMILIES = Families("ultra_gateway")


def test_names_begin_alike_and_counters_end_in_total() -> None:
    families = [
        FAMILIES.gauge("a", "m", 1),
        FAMILIES.gauges("b", "m", "l", {"x": 2}),
        FAMILIES.counter("c", "m", 3),
        FAMILIES.counters("d", "m", "l", {"y": 4}),
    ]
    samples = [(one.name, tuple(one.labels.values()), one.value) for family in families for one in family.samples]
    assert samples == [
        ("ultra_gateway_a", (), 1),
        ("ultra_gateway_b", ("x",), 2),
        ("ultra_gateway_c_total", (), 3),
        ("ultra_gateway_d_total", ("y",), 4),
    ]


def test_a_figure_that_is_not_to_be_had_is_named_and_not_given() -> None:
    assert FAMILIES.gauge("a", "m", None).samples == []
