"""``ultra tail``: the events of a gateway as they happen, one a line, for people or as JSON.

It follows over reconnects and says on standard error what is not an event: connected, lost, trying again. What the
network sends never reaches the terminal as a control character.
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click

from model.ids import EventId
from protocol.client import (
    Address,
    CentreEventSeen,
    CentreSnapshotTaken,
    EventSeen,
    Gap,
    Item,
    Lost,
    NoPlace,
    PlaceFile,
    SnapshotTaken,
    follow,
    place_after,
)
from protocol.errors import UlpError
from protocol.kinds import Role
from protocol.limits import DEFAULT_PORT_GATEWAY, FILTER_DEVICES_MAX
from protocol.messages import Hello, Subscribe, Welcome
from ultra.access import Access, access_options
from ultra.event_lines import Show, human_lines, json_lines, printable

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells expect it."""


class _Server(click.ParamType[Address]):
    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        if isinstance(value, Address):
            return value
        try:
            return Address.parse(str(value), DEFAULT_PORT_GATEWAY)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Place(click.ParamType[EventId]):
    name = "EPOCH:NUMBER"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> EventId:
        if isinstance(value, EventId):
            return value
        try:
            place = EventId.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if max(place.epoch, place.number) >= 1 << 64:
            self.fail("a number beyond 64 bits is no place in a stream", param, ctx)
        return place


@click.command()
@click.option("--server", type=_Server(), default=f"127.0.0.1:{DEFAULT_PORT_GATEWAY}", show_default=True)
@access_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: epoch, number, kind, time and the rest.")
@click.option("--device", "devices", multiple=True, metavar="D", help="Only events that concern D; repeat for more.")
@click.option("--agent", "agents", multiple=True, metavar="A", help="Likewise, of a CTI server: agent A.")
@click.option("--queue", "queues", multiple=True, metavar="Q", help="Likewise, of a CTI server: queue Q.")
@click.option("--from", "after", type=_Place(), help="Go on after this event instead of from now.")
@click.option(
    "--place",
    "place_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the place in FILE, and go on after it when it holds one.",
)
@click.option(
    "--consumer",
    metavar="NAME",
    default="",
    help="Be a durable consumer of [journal] consumers: go on after what it has confirmed, and confirm what was shown.",
)
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after N events.")
def tail(
    server: Address,
    access: Access,
    as_json: bool,
    devices: tuple[str, ...],
    agents: tuple[str, ...],
    queues: tuple[str, ...],
    after: EventId | None,
    place_path: Path | None,
    consumer: str,
    count: int | None,
) -> None:
    """Follow the events of a gateway, a CTI server or an IVR, one a line."""
    if max(map(len, (devices, agents, queues))) > FILTER_DEVICES_MAX:
        raise click.UsageError(f"at most {FILTER_DEVICES_MAX} devices, agents or queues")
    wanted = Subscribe(None, frozenset(devices) or None, consumer, frozenset(agents), frozenset(queues))
    try:
        place = None if place_path is None else PlaceFile(place_path)
    except (OSError, NoPlace) as error:
        raise click.ClickException(f"--place: {error}") from error
    if place is not None:
        after = after or place.place
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    show = json_lines if as_json else human_lines(colour=colour)
    try:
        asyncio.run(_follow(server, access, show, wanted, after, place, count))
    except UlpError as error:
        raise click.ClickException(printable(str(error))) from error
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit's flush finds a reader


async def _follow(
    server: Address,
    access: Access,
    show: Show,
    wanted: Subscribe,
    after: EventId | None,
    place: PlaceFile | None,
    count: int | None,
) -> None:
    hello = Hello(f"ultra tail {os.getpid()}", access.role(Role.CONSUMER))
    items = follow(
        [server],
        hello,
        jitter=random.random,
        after=after,
        devices=wanted.devices,
        agents=wanted.agents,
        queues=wanted.queues,
        consumer=wanted.consumer,
        first_failure_raises=True,
        credentials=access.credentials,
        tls=access.tls,
    )
    try:
        await _print(items, show, place, count)
    finally:
        await items.aclose()


async def _print(
    items: AsyncIterator[Item | Lost | Welcome], show: Show, place: PlaceFile | None, count: int | None
) -> None:
    shown = 0
    async for item in items:
        shown += _say(item, show)
        if place is not None and not isinstance(item, Lost | Welcome):
            at = place_after(item, place.place)
            if at is not None and at != place.place:
                place.keep(at)
        if shown == count:
            return


def _say(item: Item | Lost | Welcome, show: Show) -> bool:
    """Print an item; whether it was an event."""
    match item:
        case EventSeen(epoch, event) | CentreEventSeen(epoch, event):
            _line(show(epoch, event))
            return True
        case Gap():
            _line(show(item.epoch, item))
        case Welcome():
            places = ", ".join(f"{one.name} at {one.epoch}:{one.last}" for one in item.streams)
            _note(f"connected to {item.name}: {places}")
        case SnapshotTaken(_, snapshot):
            devices, calls = len(snapshot.devices), len(snapshot.calls)
            reason = f" ({snapshot.link.reason})" if snapshot.link.reason else ""
            _note(f"link {snapshot.link.state.name.lower()}{reason}; {devices} devices, {calls} calls")
        case CentreSnapshotTaken(_, state):
            agents, visits, sessions = len(state.agents), len(state.visits), len(state.ivr_sessions)
            _note(f"{agents} agents, {visits} calls in queues, {sessions} IVR sessions")
        case Lost(error, retry_seconds):
            _note(f"{error}; trying again in {retry_seconds:.1f} s")
    return False


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _note(text: str) -> None:
    click.echo(printable(text), err=True)
