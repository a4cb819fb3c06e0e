"""``ultra view``: trunks, extensions and calls of a gateway, live on the terminal.

Wires a subscription to the screen. It follows over reconnects and says on the screen why there is nothing new.
"""

import asyncio
import random
import sys

import click

from protocol.client import Address, follow
from protocol.errors import UlpError
from protocol.kinds import Role
from runtime.logs import LevelName, LogSettings, open_log
from runtime.tasks import Daemon, run_daemon
from ultra.access import Access
from ultra.event_lines import printable
from ultra.gateway_session import discard_output, hello, server_option
from ultra.live_screen import consume, show
from ultra.watching import Watch


@click.command()
@server_option
def view(server: Address, access: Access) -> None:
    """Watch the trunks, extensions and calls of a gateway, live.

    The link to the switch stands on top, with the reason when it is not up. q or Ctrl-C ends it. Where the output is
    no terminal, a line a second says the same in short.
    """
    open_log(LogSettings(level=LevelName.WARNING), daemon="view")
    failure: list[UlpError] = []

    async def live(daemon: Daemon) -> None:
        watch, took, done = Watch(str(server)), asyncio.Event(), asyncio.Event()
        items = follow(
            [server],
            hello("view", Role.CONSUMER, access),
            jitter=random.random,
            first_failure_raises=True,
            credentials=access.credentials,
            tls=access.tls,
        )

        def leave() -> None:
            done.set()
            took.set()

        async def subscription() -> None:
            try:
                await consume(items, watch, took)
            except UlpError as error:
                failure.append(error)
            finally:
                leave()

        async def end() -> None:
            await daemon.stopped()
            leave()

        daemon.spawn(subscription(), name="view subscription")
        daemon.spawn(end(), name="view end")
        await took.wait()  # an empty screen tells nothing
        try:
            await show(watch, done)
        except BrokenPipeError:
            discard_output()

    exit_code = run_daemon("view", live)
    if failure:
        raise click.ClickException(printable(str(failure[0])))
    sys.exit(exit_code)
