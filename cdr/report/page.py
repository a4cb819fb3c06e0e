"""A report as a page that needs nothing else: tables and charts in one file, to be mailed, printed, kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cdr.moments import local_time
from cdr.report.charts import charts_of
from cdr.report.columns import COLUMNS, NAMES, TOTAL
from cdr.report.report import Report
from runtime.texts import Language, Text, text

_pages: Final = Environment(
    loader=PackageLoader("cdr.report", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def page_of(reports: Sequence[Report], made: datetime, language: Language) -> str:
    """HTML of reports over one interval."""
    first = reports[0]
    within = first.interval.within_us / 1_000_000

    def say(words: Text) -> str:
        return words.render(language)

    return _pages.get_template("report.html").render(
        language=language.value,
        title=say(text("Call records")),
        begins=_time(first.interval.begins_us, first),
        ends=_time(first.interval.ends_us, first),
        zone=first.zone.key,
        threshold=say(text("threshold of the service level: {seconds} s", seconds=f"{within:g}")),
        made=say(text("made {time}", time=f"{made:%Y-%m-%d %H:%M:%S %Z}")),
        empty=say(text("nothing in this time")),
        sections=[_section(report, say) for report in reports],
    )


def _time(time_us: int, report: Report) -> str:
    return f"{local_time(time_us, report.zone):%Y-%m-%d %H:%M}"


def _section(report: Report, say: Any) -> dict[str, Any]:
    columns = COLUMNS[report.by]
    rows = [(row.name, [column.cell(row.tally) for column in columns]) for row in report.rows]
    return {
        "heading": say(text("by {what}", what=NAMES[report.by])),
        "name": say(NAMES[report.by]),
        "headings": [(say(column.heading), say(column.meaning)) for column in columns],
        "rows": rows,
        "total": (say(TOTAL), [column.cell(report.total) for column in columns]),
        "charts": [Markup(chart) for chart in charts_of(report, say)],
    }
