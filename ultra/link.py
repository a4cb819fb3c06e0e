"""``ultra link``: the link between a gateway and its switch, started, stopped, looked at."""

import asyncio
import contextlib
import time
from typing import Any, Final

import click

from model.events import LinkEvent
from model.states import LinkState
from model.view import Link
from protocol.client import Address, EventSeen, SnapshotTaken, UlpClient
from protocol.json_form import json_line, value_json
from protocol.kinds import Kind, Role
from protocol.requests import Reply, Request
from ultra.access import Access
from ultra.board.words import condition_words, since
from ultra.event_lines import printable
from ultra.gateway_session import ask, connect, refusal_line, run_told, server_option

WAIT_SECONDS: Final = 15.0
"""``--wait``: a link that comes up does so within a few seconds, with the monitors of a thousand devices."""

FAILED: Final = (LinkState.REFUSED, LinkState.DOWN)
"""States in which a start has come to nothing; the gateway goes on trying."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def link() -> None:
    """Start, stop or look at the link to the switch."""


@link.command()
@server_option
@click.option("--wait", is_flag=True, help=f"Until it is up, or why not is known; {WAIT_SECONDS:.0f} s at most.")
@click.option("--json", "json_wanted", is_flag=True, help="The link as one JSON object.")
def start(server: Address, access: Access, wait: bool, json_wanted: bool) -> None:
    """Start the link; what runs already goes on.

    Exits 0 when it was started or ran already, with --wait only when it is up.
    """
    if not wait:
        reply = run_told(ask(server, Request(Kind.LINK_START), "link", access=access))
        _exit_if_refused(reply)
        _tell(reply, json_wanted)
        return
    reply, seen = run_told(_started(server, access))
    _exit_if_refused(reply)
    _show(seen, json_wanted)
    raise SystemExit(0 if seen.state.is_up else 1)


@link.command()
@server_option
@click.option("--json", "json_wanted", is_flag=True, help="The link as one JSON object.")
def stop(server: Address, access: Access, json_wanted: bool) -> None:
    """Stop the link: calls become unknown, the gateway goes on. `ultra link start` starts it again."""
    reply = run_told(ask(server, Request(Kind.LINK_STOP), "link", access=access))
    _exit_if_refused(reply)
    _tell(reply, json_wanted)


@link.command()
@server_option
@click.option("--json", "json_wanted", is_flag=True, help="The link as one JSON object.")
def status(server: Address, access: Access, json_wanted: bool) -> None:
    """Show the link's state and its reason, what troubles the gateway, and the alarms since its start.

    Exits 0 when the link is up or degraded, else 1.
    """
    reply = run_told(ask(server, Request(Kind.QUERY_LINK), "link", Role.SUPERVISOR, access))
    _exit_if_refused(reply)
    if reply.link is None:
        raise click.ClickException("the gateway said nothing of its link")
    if json_wanted:
        click.echo(json_line(_status_json(reply)))
    else:
        _show(reply.link, json_wanted=False)
        for line in trouble_lines(reply, time.time_ns() // 1000):
            click.echo(line)
    raise SystemExit(0 if reply.link.state.is_up else 1)


def trouble_lines(reply: Reply, now_us: int) -> list[str]:
    """What troubles the gateway now, then the alarms since its start."""
    lines = [condition_words(one, now_us) for one in reply.conditions]
    lines += [
        f"alarm {alarm.code}, {alarm.count} times, last {since(alarm.last_us, now_us)} ago: {alarm.text}"
        for alarm in reply.alarms
    ]
    return [printable(line) for line in lines]


def _status_json(reply: Reply) -> dict[str, Any]:
    trouble = {"conditions": reply.conditions, "alarms": reply.alarms}
    return {**value_json(reply.link), **{name: [value_json(one) for one in held] for name, held in trouble.items()}}


async def _started(server: Address, access: Access) -> tuple[Reply, Link]:
    """Start the link and wait until it has come to something; the link as it is then, or after ``WAIT_SECONDS``."""
    client = await connect(server, "link", Role.ADMIN, access)
    try:
        client.subscribe()
        seen = await _snapshot_link(client)
        reply = await client.request(Request(Kind.LINK_START))
        with contextlib.suppress(TimeoutError):  # then it is told as it is
            async with asyncio.timeout(WAIT_SECONDS):
                while reply.accepted and not seen.state.is_up:
                    item = await client.next_item()
                    if isinstance(item, EventSeen) and isinstance(item.event, LinkEvent):
                        seen = item.event.link
                        if seen.state in FAILED:
                            break
    finally:
        await client.close()
    return reply, seen


async def _snapshot_link(client: UlpClient) -> Link:
    while True:
        item = await client.next_item()
        if isinstance(item, SnapshotTaken):
            return item.snapshot.link


def _tell(reply: Reply, json_wanted: bool) -> None:
    if json_wanted and reply.link is not None:
        click.echo(json_line(value_json(reply.link)))
    else:
        click.echo(printable(reply.text))


def _show(shown: Link, json_wanted: bool) -> None:
    if json_wanted:
        click.echo(json_line(value_json(shown)))
        return
    state = shown.state.name.lower().replace("_", " ")
    click.echo(f"link {state} for {since(shown.since_us, time.time_ns() // 1000)}  {printable(shown.interface)}")
    if shown.reason:
        click.echo(f"  {printable(shown.reason)}")


def _exit_if_refused(reply: Reply) -> None:
    if not reply.accepted:
        raise click.ClickException(refusal_line(reply))
