"""``ultra cdr list``: conversations as a table, the newest first, or as JSON Lines."""

import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import click
from rich.table import Table
from rich.text import Text

from cdr.forms import form_of
from cdr.moments import local_time
from cdr.records import ConversationRecord, Result
from cdr.store.reader import Filter
from ultra.board.words import duration
from ultra.cdr.source import Source, filter_options, source_options
from ultra.cdr.tables import print_whole
from ultra.event_lines import printable

MICROSECONDS = 1_000_000
STYLES = {Result.ANSWERED: "green", Result.ABANDONED: "red", Result.FAILED: "red", Result.BLOCKED: "red"}


@click.command("list")
@source_options
@filter_options
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def list_command(source: Source, wanted: Filter, limit: int, as_json: bool) -> None:
    """List conversations, the newest first."""
    with source.reader() as reader:
        rows = reader.page(wanted, None, limit, newest_first=True)
        total = reader.count(wanted) if len(rows) == limit else len(rows)
    if as_json:
        for row in rows:
            click.echo(json.dumps(form_of(row), ensure_ascii=False))
        return
    if not rows:
        click.echo("no conversation", err=True)
        return
    print_whole(table_of(rows, source.zone))
    if total > len(rows):
        click.echo(f"the newest {len(rows)} of {total}; --limit shows more", err=True)


def table_of(rows: Iterable[ConversationRecord], zone: ZoneInfo) -> Table:
    """What people look for first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("began", "conversation", "caller", "called", "result", "agent or device", "queue"):
        table.add_column(name)
    for name in ("waited", "talked", "held"):
        table.add_column(name, justify="right")
    for row in rows:
        result = row.result.value + (f" ({row.abandoned_where.value})" if row.abandoned_where else "")
        table.add_row(
            f"{local_time(row.began_us, zone):%Y-%m-%d %H:%M:%S}",
            row.conversation_id + ("" if row.complete else " *"),
            *map(printable, (row.caller, row.called)),
            Text(result, style=STYLES.get(row.result, "")),
            printable(row.last_agent or row.last_device),
            printable(row.queue),
            *(duration(span // MICROSECONDS) for span in (row.waiting_us + row.queued_us, row.talking_us, row.held_us)),
        )
    return table
