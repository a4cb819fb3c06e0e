"""``ultra cdr show``: one conversation as the story that it was, with everything that is known of it."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.table import Table

from cdr.moments import local_time
from cdr.records import ConversationRecord
from cdr.story import story_of
from ultra.cdr.source import Source, source_options
from ultra.cdr.tables import print_whole
from ultra.event_lines import printable


@click.command("show")
@click.argument("conversation_id", metavar="CONVERSATION")
@source_options
@click.option("--json", "as_json", is_flag=True, help="One object: conversation, legs, segments, queue_visits …")
def show_command(conversation_id: str, source: Source, as_json: bool) -> None:
    """Show a conversation: what the caller lived through, and each device's part in it."""
    with source.reader() as reader:
        story = story_of(reader, conversation_id)
    if story is None:
        raise click.ClickException(f"there is no conversation {printable(conversation_id)}; `ultra cdr list` has ids")
    if as_json:
        click.echo(json.dumps(story.form(), ensure_ascii=False, indent=2))
        return
    for line in _head(story.conversation, source.zone):
        click.echo(printable(line))
    for table in (_segments(story.parts["segments"], source.zone), _legs(story.parts["legs"], source.zone)):
        click.echo()
        print_whole(table)
    for problem in story.parts["problems"]:
        click.echo(f"problem {problem.code}: {printable(problem.text)}")


def _head(one: ConversationRecord, zone: ZoneInfo) -> list[str]:
    where = f" ({one.abandoned_where.value})" if one.abandoned_where else ""
    lines = [
        f"{one.conversation_id}  {one.direction.value}: {one.caller or '?'} called {one.called or '?'}",
        f"began {_time(one.began_us, zone, day=True)}, ended {_time(one.ended_us, zone)}; {one.result.value}{where}"
        f", {one.cause}",
        f"waited {_span(one.waiting_us + one.queued_us)}, talked {_span(one.talking_us)}, held {_span(one.held_us)}",
    ]
    if one.winner_id:
        lines.append(f"goes on in {one.winner_id}")
    if not one.complete:
        lines.append(f"not complete: {', '.join(one.missing)} had not told everything")
    return lines


def _segments(rows: Sequence[Any], zone: ZoneInfo) -> Table:
    table = _table("from", "seconds", "state", "with", "credited to", "queue")
    for row in sorted(rows, key=lambda one: one.began_us):
        credited = " ".join(filter(None, (row.agent, row.device)))
        seconds = _span(row.ended_us - row.began_us)
        table.add_row(_time(row.began_us, zone), seconds, row.state.value, *map(printable, (", ".join(row.parties),
                      credited, row.queue)))  # fmt: skip
    return table


def _legs(rows: Sequence[Any], zone: ZoneInfo) -> Table:
    table = _table("device", "role", "agent", "from", "to", "rang", "talked", "held", "wrap-up", "ended")
    for row in sorted(rows, key=lambda one: one.began_us):
        spans = (row.spans.ringing_us, row.spans.talking_us, row.spans.holding_us + row.spans.held_us, row.wrap_up_us)
        by = f" by {row.ended_by}" if row.ended_by and row.ended_by != row.device else ""
        table.add_row(printable(row.device), row.role.value, printable(row.agent), _time(row.began_us, zone),
                      _time(row.ended_us, zone), *map(_span, spans), printable(row.ending.value + by))  # fmt: skip
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name)
    return table


def _time(time_us: int, zone: ZoneInfo, *, day: bool = False) -> str:
    return f"{local_time(time_us, zone):{'%Y-%m-%d ' if day else ''}%H:%M:%S}"


def _span(span_us: int) -> str:
    return f"{span_us / 1_000_000:.1f}"
