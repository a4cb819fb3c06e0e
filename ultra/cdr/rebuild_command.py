"""``ultra cdr rebuild``: write the rows again that are not as the journal says they must be."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cdr.rebuild import Difference
from cdr.records import Batch, ProblemRecord, Record
from cdr.store.store import Store
from ultra.cdr.journal_rows import found_differences, place_of, rows_of_journal
from ultra.cdr.source import Source, failures_told, source_options
from ultra.cdr.stream_files import journal_options
from ultra.cdr.verify_command import in_words

ROWS_AT_A_TIME = 1_000


@click.command("rebuild")
@journal_options
@source_options
def rebuild_command(journal: Path, centre: dict[str, Path], source: Source) -> None:
    """Make the rows of every conversation that began within the journal again, and write those that differ or are
    missing, under their next revision. Rows that the journal does not know stay, and are told."""
    with source.reader() as reader:
        expected = rows_of_journal(journal, place_of(reader, centre), centre)
        found = found_differences(reader, expected, centre, source.zone.key)
    wrong = [one for one in found if one.expected is not None]
    with failures_told():
        store = Store.open(source.url, source.zone.key)
        for at in range(0, len(wrong), ROWS_AT_A_TIME):
            store.write(Batch(tuple(_next_revisions(wrong[at : at + ROWS_AT_A_TIME])), (), ()))
        store.close()
    for one in found:
        if one.expected is None:
            click.echo(str(one))
    click.echo(f"{in_words(expected, len(found))}, written {len(wrong)}")


def _next_revisions(wrong: Iterable[Difference]) -> Iterable[Record]:
    for one in wrong:
        held: Any = one.expected
        if one.found is None or isinstance(one.found, ProblemRecord):
            yield held
        else:
            yield replace(held, revision=one.found.revision + 1)
