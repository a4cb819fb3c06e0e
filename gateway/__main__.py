"""``ultralnk``: start a switch gateway from its configuration file."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop

from gateway.app import Gateway
from gateway.licence_host import host_ids
from gateway.site_files import read_site
from runtime.clock import SystemClock
from runtime.logs import open_log
from runtime.problems import render
from runtime.tasks import Daemon, ExitCode, run_daemon
from runtime.texts import language_from


@click.command()
@click.option(
    "--config", default="etc/gateway.toml", show_default=True, type=click.Path(path_type=Path), help="Settings."
)
def main(config: Path) -> None:
    """The switch gateway: keeps the link to the PBX and serves its calls to subscribers."""
    site = read_site(config, now=datetime.now(UTC), host_ids=host_ids())
    for problem in site.problems:
        click.echo(render(problem, language_from(), colour=sys.stderr.isatty()), err=True)
    if not site.can_start or site.settings is None:
        click.echo("ultralnk: not started; mend the errors above (`ultra check` shows them again)", err=True)
        sys.exit(ExitCode.REFUSED)
    log = open_log(site.settings.log, daemon="ultralnk")

    async def live(daemon: Daemon) -> None:
        await Gateway(config, site, SystemClock(), daemon, log).live()

    sys.exit(run_daemon("ultralnk", live, loop_factory=uvloop.new_event_loop))


if __name__ == "__main__":
    main()
