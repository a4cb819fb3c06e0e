"""``ultra cdr export``: records of a table into a file, CSV or JSON Lines, with a bar that says how far it is."""

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

import click
from rich.console import Console
from rich.progress import Progress

from cdr.forms import form_of, names_of
from cdr.records import (
    ConversationRecord,
    IvrSessionRecord,
    LegRecord,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
)
from cdr.store.reader import KEYS_AT_A_TIME, Filter, Reader
from ultra.cdr.source import Source, filter_options, source_options

TABLES: Final[dict[str, type[Record]]] = {
    "conversations": ConversationRecord,
    "legs": LegRecord,
    "segments": SegmentRecord,
    "queue_visits": QueueVisitRecord,
    "ivr_sessions": IvrSessionRecord,
    "record_problems": ProblemRecord,
}
BOM: Final = "\ufeff"
"""Excel takes a CSV for UTF-8 only with it."""


@click.command("export")
@click.argument("file", metavar="FILE")
@source_options
@filter_options
@click.option("--table", type=click.Choice(sorted(TABLES)), default="conversations", show_default=True)
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="[by the file's name, else csv]")
def export_command(file: str, source: Source, wanted: Filter, table: str, form: str | None) -> None:
    """Write records into FILE; - is standard output. The filter chooses conversations, --table what of them.

    FILE appears when it is whole; a former one of that name stands until then.
    """
    kind = TABLES[table]
    form = form or ("jsonl" if file.endswith((".jsonl", ".json")) else "csv")
    with source.reader() as reader, Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("conversations", total=reader.count(wanted))
        records = _records(reader, kind, wanted, lambda count: progress.advance(bar, count))
        with _written(file) as out:
            count = (_write_csv if form == "csv" else _write_lines)(out, kind, records, to_file=file != "-")
    click.echo(f"{count} {table}", err=True)


def _records(reader: Reader, kind: type[Any], wanted: Filter, took: Any) -> Iterator[Record]:
    conversations = iter(reader.conversations(wanted))
    while some := list(islice(conversations, KEYS_AT_A_TIME)):
        if kind is ConversationRecord:
            yield from some
        else:
            yield from reader.of_conversations(kind, [one.conversation_id for one in some])
        took(len(some))


def _write_csv(out: TextIO, kind: type[Record], records: Iterator[Record], *, to_file: bool) -> int:
    if to_file:
        out.write(BOM)
    writer = csv.writer(out)
    writer.writerow(names_of(kind))
    count = 0
    for record in records:
        writer.writerow([_cell(value) for value in form_of(record).values()])
        count += 1
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"  # a spreadsheet would take it for a formula, and callers choose their numbers
    return value


def _write_lines(out: TextIO, kind: type[Record], records: Iterator[Record], *, to_file: bool) -> int:
    del kind, to_file
    count = 0
    for record in records:
        out.write(json.dumps(form_of(record), ensure_ascii=False) + "\n")
        count += 1
    return count


@contextmanager
def _written(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdout
        return
    path = Path(file)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        os.replace(part, path)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
