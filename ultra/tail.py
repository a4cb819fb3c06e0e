"""``ultra tail``: the events of a gateway as they happen, one a line, for people or as JSON.

It follows over reconnects and says on standard error what is not an event: connected, lost, trying again. What the
network sends never reaches the terminal as a control character.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from model.events import CallEvent, ConditionEvent, DeviceChange, DeviceEvent, Event, LicenceEvent, LinkEvent
from model.ids import EventId
from model.states import DeviceState
from model.view import Call, Device, Link
from protocol.client import (
    Address,
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
from protocol.errors import UlpError, code_name
from protocol.json_form import event_json, gap_json, json_line, kind_of
from protocol.kinds import Role
from protocol.limits import DEFAULT_PORT_GATEWAY, FILTER_DEVICES_MAX
from protocol.messages import Hello, Welcome
from ultra.access import Access, access_options

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells expect it."""

_KIND_WIDTH: Final = 18
_SUBJECT_WIDTH: Final = 6
_PARTIES_WIDTH: Final = 15
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Style = Callable[[str, str], str]


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
    after: EventId | None,
    place_path: Path | None,
    consumer: str,
    count: int | None,
) -> None:
    """Follow the events of a gateway, one a line."""
    if len(devices) > FILTER_DEVICES_MAX:
        raise click.UsageError(f"at most {FILTER_DEVICES_MAX} devices")
    try:
        place = None if place_path is None else PlaceFile(place_path)
    except (OSError, NoPlace) as error:
        raise click.ClickException(f"--place: {error}") from error
    if place is not None:
        after = after or place.place
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    show = json_lines if as_json else human_lines(colour=colour)
    try:
        asyncio.run(_follow(server, access, show, frozenset(devices) or None, after, place, consumer, count))
    except UlpError as error:
        raise click.ClickException(printable(str(error))) from error
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit's flush finds a reader


Show = Callable[[int, Event | Gap], str]


async def _follow(
    server: Address,
    access: Access,
    show: Show,
    devices: frozenset[str] | None,
    after: EventId | None,
    place: PlaceFile | None,
    consumer: str,
    count: int | None,
) -> None:
    hello = Hello(f"ultra tail {os.getpid()}", access.role(Role.CONSUMER))
    items = follow(
        [server],
        hello,
        jitter=random.random,
        after=after,
        devices=devices,
        consumer=consumer,
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
        case EventSeen(epoch, event):
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
        case Lost(error, retry_seconds):
            _note(f"{error}; trying again in {retry_seconds:.1f} s")
    return False


def json_lines(epoch: int, what: Event | Gap) -> str:
    """An event or a gap as one JSON object."""
    if isinstance(what, Gap):
        return json_line(gap_json(what, time.time_ns() // 1000))
    return json_line(event_json(epoch, what))


def human_lines(*, colour: bool) -> Show:
    """How events look to people: local time, number, kind, subject, from → to, states, cause."""

    def style(text: str, colour_name: str) -> str:
        return click.style(text, fg=colour_name) if colour else text

    def show(epoch: int, what: Event | Gap) -> str:
        if isinstance(what, Gap):
            text = f"gap                {what.epoch}:{what.first} … {what.last or ''} {code_name(what.code)}"
            return style(f"{'':12} {'':>8} {text}", "red")
        return _human(what, style)

    return show


def _human(event: Event, style: Style) -> str:
    kind = kind_of(event).name.lower()
    head = f"{_local_time(event.received_us)} {event.number:>8} {style(f'{kind:<{_KIND_WIDTH}}', _colour(event))}"
    match event:
        case CallEvent():
            words = [f"{printable(event.subject) or '-':<{_SUBJECT_WIDTH}}"]
            words += [f"{_parties(call):<{_PARTIES_WIDTH}}" for call in event.calls]
            words.append(" ".join(_change(change, style) for change in event.devices))
            words += [f"digits {printable(event.digits)}"] if event.digits else []
            words += [event.cause.text] if event.cause.text else []
        case DeviceEvent():
            words = [f"{printable(event.device.number):<{_SUBJECT_WIDTH}}", *_flags(event.device, event.removed)]
            words.append(_change(event.change, style))
        case LinkEvent():
            words = [_link(event.link, style)]
        case LicenceEvent():
            licence = event.licence
            words = [
                f"{printable(licence.kind)} {printable(licence.customer)}:",
                f"{licence.seats_needed} of {licence.seats} seats needed {printable(licence.reason)}",
            ]
        case ConditionEvent():
            condition = event.condition
            words = [printable(one) for one in condition.about if one]
            words.append("is over" if event.over else printable(condition.text))
        case _:
            words = [
                f"{printable(event.device):<{_SUBJECT_WIDTH}}",
                f"call {printable(event.switch_call_id)}: {printable(event.text)}",
            ]
    return f"{head} {' '.join(words)}".rstrip()


def _local_time(time_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _colour(event: Event) -> str:
    match event:
        case CallEvent():
            return "cyan" if not all(call.ended for call in event.calls) else "blue"
        case LinkEvent():
            return "green" if event.link.state.is_up else "red"
        case DeviceEvent() | LicenceEvent():
            return "yellow"
        case ConditionEvent():
            return "green" if event.over else "red"
    return "magenta"


def _parties(call: Call) -> str:
    return f"{printable(call.calling) or 'anonymous'} → {printable(call.called) or '?'}{' ended' if call.ended else ''}"


def _change(change: DeviceChange, style: Style) -> str:
    before, after = change.before.name.lower(), change.after.name.lower()
    states = after if change.before is change.after else f"{before}→{after}"
    if change.before is change.after is DeviceState.NOT_CONFIGURED:
        return f"{printable(change.device)} outside"
    colour = "yellow" if change.after in (DeviceState.UNKNOWN, DeviceState.FAILED) else "white"
    return f"{printable(change.device)} {style(states, colour)}"


def _flags(device: Device, removed: bool) -> list[str]:
    flags = [
        "removed" if removed else "",
        "" if device.licensed else "unlicensed",
        "monitored" if device.monitored else "not monitored",
        "" if device.in_service else "out of service",
        "do not disturb" if device.do_not_disturb else "",
        f"forwarded to {printable(device.forward_to)}" if device.forward_to else "",
        printable(device.reason),
    ]
    return [flag for flag in flags if flag]


def _link(link: Link, style: Style) -> str:
    state = style(link.state.name.lower(), "green" if link.state.is_up else "red")
    return " ".join(part for part in (state, printable(link.interface), printable(link.reason)) if part)


def printable(text: str) -> str:
    """Text without control characters; each stands as ``\\xNN``."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _note(text: str) -> None:
    click.echo(printable(text), err=True)
