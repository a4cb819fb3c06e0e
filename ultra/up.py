"""``ultra up``: the daemons of a site under one supervisor, in the foreground.

Here are the command line, and how the daemons' lines are shown; what is started again and what is not is
``ultra.supervisor``'s.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from runtime.logs import LogSettings, open_log
from runtime.tasks import Daemon, StartRefused, run_daemon
from ultra.log_records import parse_line, shown
from ultra.processes import STOP_SECONDS_MAX
from ultra.supervisor import DAEMONS, Supervisor, programs_of

COLOURS = ("cyan", "magenta", "blue", "yellow", "green")


@click.command()
@click.option(
    "--etc",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("etc"),
    show_default=True,
    help="Folder of the daemons' toml files.",
)
def up(etc: Path) -> None:
    """Start the daemons of a site and keep them running.

    Each daemon whose ETC/<daemon>.toml exists runs as a process of its own; what they say comes with their name in
    front. One that crashes is started again, with growing waits; one that a person must help first is not. SIGTERM
    and Ctrl-C stop all in order, SIGHUP makes all read their files anew. Exits 1 when a daemon refused to run.
    """
    programs = programs_of(etc)
    if not programs:
        names = ", ".join(f"{name}.toml" for name in DAEMONS)
        raise click.ClickException(f"nothing to start: the folder {etc} has none of {names}")
    open_log(LogSettings(), daemon="up")
    supervisors: list[Supervisor] = []

    async def live(daemon: Daemon) -> None:
        supervisor = Supervisor(programs, daemon.spawn, prefixed([program.name for program in programs]))
        supervisors.append(supervisor)
        daemon.on_reload(supervisor.reload)

        async def stop_when_asked() -> None:
            await daemon.stopped()
            await supervisor.stop()

        daemon.spawn(stop_when_asked(), name="supervision stop")
        if await supervisor.run() and not daemon.stopping:
            raise StartRefused("not every daemon runs; the lines above say why")

    try:
        exit_code = run_daemon("up", live, stop_seconds_max=STOP_SECONDS_MAX * (len(programs) + 1))
    finally:
        for supervisor in supervisors:
            supervisor.kill()
    sys.exit(exit_code)


def prefixed(names: list[str]) -> Callable[[str, str], None]:
    """Writes a line to standard error behind its daemon's name: on a terminal coloured, and log lines as text."""
    width = max(map(len, names))
    on_terminal = sys.stderr.isatty()
    coloured = on_terminal and "NO_COLOR" not in os.environ

    def say(name: str, line: str) -> None:
        prefix = f"{name:<{width}} | "
        if coloured:
            prefix = click.style(prefix, fg=COLOURS[names.index(name) % len(COLOURS)])
        record = parse_line(line) if on_terminal else None
        os.write(2, f"{prefix}{line if record is None else shown(record, coloured=coloured)}\n".encode())

    return say
