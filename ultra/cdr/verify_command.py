"""``ultra cdr verify``: are the rows in the database what the journal says they must be?"""

import json
from pathlib import Path

import click

from ultra.cdr.journal_rows import FromJournal, found_differences, place_of, rows_of_journal
from ultra.cdr.source import Source, source_options
from ultra.cdr.stream_files import journal_options
from ultra.event_lines import printable

SHOWN_MAX = 50


@click.command("verify")
@journal_options
@source_options
@click.option("--json", "as_json", is_flag=True, help="One object: events, rows, differences.")
def verify_command(journal: Path, centre: dict[str, Path], source: Source, as_json: bool) -> None:
    """Hold the rows against the journal and print each difference; exits 1 when there is one."""
    with source.reader() as reader:
        expected = rows_of_journal(journal, place_of(reader, centre), centre)
        found = [str(one) for one in found_differences(reader, expected, centre, source.zone.key)]
    if as_json:
        form = {"events": expected.events, "rows": len(expected.rows), "holes": expected.holes,
                "unreadable": expected.unreadable, "differences": found}  # fmt: skip
        click.echo(json.dumps(form, ensure_ascii=False, indent=2))
    else:
        for one in found[:SHOWN_MAX]:
            click.echo(printable(one))
        click.echo(in_words(expected, len(found)))
    raise SystemExit(1 if found else 0)


def in_words(expected: FromJournal, different: int) -> str:
    """What was compared."""
    lost = "".join(
        f", {count} {what}"
        for count, what in ((expected.holes, "holes in the journal"), (expected.unreadable, "events unreadable"))
        if count
    )
    return f"{expected.events} events make {len(expected.rows)} rows{lost}; different {different}"
