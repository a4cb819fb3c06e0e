"""Tables as wide as they must be: a number or an id that is cut off is of no use."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from cdr.report.columns import COLUMNS, NAMES, TOTAL
from cdr.report.report import Report
from runtime.texts import Language
from ultra.event_lines import printable

WIDTH_MAX = 1_000


def print_whole(table: Table) -> None:
    """Print it in full; a terminal that is narrower wraps the lines."""
    console = Console()
    wide = console.options.update(max_width=WIDTH_MAX)
    width = max(console.width, Measurement.get(console, wide, table).maximum)
    Console(width=width).print(table, crop=False)


def report_table(report: Report, language: Language) -> Table:
    """A report with its sum below."""
    columns = COLUMNS[report.by]
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True)
    table.add_column(NAMES[report.by].render(language), TOTAL.render(language))
    for column in columns:
        table.add_column(column.heading.render(language), column.cell(report.total), justify="right")
    for row in report.rows:
        table.add_row(printable(row.name), *(column.cell(row.tally) for column in columns))
    return table
