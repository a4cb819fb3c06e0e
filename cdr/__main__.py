"""``ultracdr``: start the call records from their configuration file."""

import sys
from pathlib import Path

import click
import uvloop

from cdr.app import CallRecords
from cdr.site_files import read_cdr_site
from runtime.logs import open_log
from runtime.problems import render
from runtime.tasks import Daemon, ExitCode, run_daemon
from runtime.texts import language_from


@click.command()
@click.option("--config", default="etc/cdr.toml", show_default=True, type=click.Path(path_type=Path), help="Settings.")
def main(config: Path) -> None:
    """The call records: makes records of what gateway, CTI server and IVR tell, and writes them into a database."""
    site = read_cdr_site(config)
    for problem in site.problems:
        click.echo(render(problem, language_from(), colour=sys.stderr.isatty()), err=True)
    if not site.can_start or site.settings is None:
        click.echo("ultracdr: not started; mend the errors above (`ultra check` shows them again)", err=True)
        sys.exit(ExitCode.REFUSED)
    log = open_log(site.settings.log, daemon="ultracdr")

    async def live(daemon: Daemon) -> None:
        await CallRecords(config, site, daemon, log).live()

    sys.exit(run_daemon("ultracdr", live, loop_factory=uvloop.new_event_loop))


if __name__ == "__main__":
    main()
