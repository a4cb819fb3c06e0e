"""Charts of a report, as SVG that stands in a page."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from lxml.etree import tostring

from cdr.report.drawing import Bar, StackedBar, Style
from cdr.report.report import By, Report, Row
from runtime.texts import Text, text

Say = Callable[[Text], str]
"""Words in the page's language."""
COLOURS: Final = ("#2f9e60", "#d9480f", "#868e96", "#1971c2")
"""Answered, abandoned, other; shares."""
LABELS_MAX: Final = 24
"""Names under a chart: more cannot be read."""
ROWS_CHARTED_MAX: Final = 400

_STYLE: Final = Style(
    background="transparent", plot_background="transparent", colors=COLOURS, font_family="system-ui, sans-serif",
    label_font_size=11, major_label_font_size=11, legend_font_size=13, title_font_size=15, opacity=".9",
)  # fmt: skip


def charts_of(report: Report, say: Say) -> list[str]:
    """Of the calls, and of the share that matters for what the rows are; none of nothing."""
    if not report.rows:
        return []
    rows = report.rows[-ROWS_CHARTED_MAX:]
    charts = [_calls(rows, say)]
    if report.by is By.AGENT:
        charts += _shares(rows, say(text("occupancy")), [row.tally.occupancy for row in rows])
    elif report.by is By.TRUNK:
        charts += _shares(rows, say(text("busy share")), [row.tally.busy_share for row in rows])
    else:
        levels = [row.tally.level_abandoned_negative for row in rows]
        charts += _shares(rows, say(text("service level, abandoned calls with negative impact")), levels)
    return [_drawn(chart) for chart in charts]


def _drawn(chart: Any) -> str:
    """Only what is to be seen: no script, and not every value once more for one."""
    root = chart.render_tree()
    for parent in list(root.iter()):
        for inner in [one for one in parent if _local_name(one) in ("script", "desc")]:
            parent.remove(inner)
    return tostring(root, encoding="unicode")


def _local_name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _calls(rows: Sequence[Row], say: Say) -> Any:
    chart = StackedBar(**_options(rows), title=say(text("calls")))
    chart.add(say(text("answered")), [row.tally.answered for row in rows])
    chart.add(say(text("abandoned")), [row.tally.abandoned for row in rows])
    chart.add(say(text("other")), [row.tally.other for row in rows])
    chart.x_labels, chart.x_labels_major = _labels(rows)
    return chart


def _shares(rows: Sequence[Row], title: str, shares: Sequence[float | None]) -> list[Any]:
    """Percent of each row; no chart where there is nothing to show."""
    if not any(one is not None for one in shares):
        return []
    chart = Bar(
        **_options(rows) | {"style": Style(**{**vars(_STYLE), "colors": (COLOURS[3],)})}, title=title, range=(0, 100),
        show_legend=False,
    )  # fmt: skip
    chart.add(title, [None if one is None else round(100 * one, 1) for one in shares])
    chart.x_labels, chart.x_labels_major = _labels(rows)
    return [chart]


def _labels(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    names = [row.name for row in rows]
    return names, names[:: max(1, -(-len(names) // LABELS_MAX))]


def _options(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "style": _STYLE, "js": [], "disable_xml_declaration": True, "width": 640, "height": 300,
        "x_label_rotation": 40 if len(rows) > 6 else 0, "show_minor_x_labels": False, "legend_at_bottom": True,
        "legend_at_bottom_columns": 3,
        "legend_box_size": 10, "margin": 8, "no_data_text": "",
    }  # fmt: skip
