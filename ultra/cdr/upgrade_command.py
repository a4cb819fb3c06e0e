"""``ultra cdr upgrade``: bring the tables up to this version."""

import click

from cdr.store.diagnosis import shown_url
from cdr.store.store import Store
from ultra.cdr.source import Source, failures_told, source_options


@click.command("upgrade")
@source_options
def upgrade_command(source: Source) -> None:
    """Bring the tables of an older version up to this one, and make those that are missing. Back up first, and stop the
    daemon of the call records."""
    with failures_told():
        Store.open(source.url, upgrade=True).close()
    click.echo(f"the tables in {shown_url(source.url)} are of this version")
