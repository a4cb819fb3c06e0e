"""Events as lines: for people, and as JSON. What the network sends never reaches a terminal as a control character."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from model.centre_events import AgentEvent, CentreEvent, IvrEvent, SeenEvent, VisitEvent
from model.events import CallEvent, ConditionEvent, DeviceChange, DeviceEvent, Event, LicenceEvent, LinkEvent
from model.states import DeviceState
from model.view import Call, Device, Link
from protocol.errors import code_name
from protocol.json_form import event_json, gap_json, json_line, kind_of
from protocol.messages import Gap

_KIND_WIDTH: Final = 18
_SUBJECT_WIDTH: Final = 6
_PARTIES_WIDTH: Final = 15
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Style = Callable[[str, str], str]
Shown = Event | CentreEvent | Gap
Show = Callable[[int, Shown], str]


def json_lines(epoch: int, what: Shown) -> str:
    """An event or a gap as one JSON object."""
    if isinstance(what, Gap):
        return json_line(gap_json(what, time.time_ns() // 1000))
    return json_line(event_json(epoch, what))


def human_lines(*, colour: bool) -> Show:
    """How events look to people: local time, number, kind, subject, from → to, states, cause."""

    def style(text: str, colour_name: str) -> str:
        return click.style(text, fg=colour_name) if colour else text

    def show(epoch: int, what: Shown) -> str:
        if isinstance(what, Gap):
            text = f"gap                {what.epoch}:{what.first} … {what.last or ''} {code_name(what.code)}"
            return style(f"{'':12} {'':>8} {text}", "red")
        return _human(what, style)

    return show


def _human(event: Event | CentreEvent, style: Style) -> str:
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
        case AgentEvent(session=session):
            words = [printable(session.agent), "at", printable(session.device), session.state.name.lower()]
            words += [printable(session.reason)] if session.reason else []
        case VisitEvent(visit=visit):
            words = [printable(visit.queue), f"call {visit.call_id}", visit.outcome.name.lower()]
            words += [f"{printable(visit.agent)} at {printable(visit.device)}"] if visit.device else []
        case IvrEvent(session=running):
            words = [printable(running.port), printable(running.flow), printable(running.node)]
            words += [f"digits {printable(running.digits)}"] if running.digits else []
        case SeenEvent():
            words = [f"of the gateway {event.seen}"]
        case _:
            words = [
                f"{printable(event.device):<{_SUBJECT_WIDTH}}",
                f"call {printable(event.switch_call_id)}: {printable(event.text)}",
            ]
    return f"{head} {' '.join(words)}".rstrip()


def _local_time(time_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _colour(event: Event | CentreEvent) -> str:
    match event:
        case CallEvent():
            return "cyan" if not all(call.ended for call in event.calls) else "blue"
        case LinkEvent():
            return "green" if event.link.state.is_up else "red"
        case DeviceEvent() | LicenceEvent():
            return "yellow"
        case ConditionEvent():
            return "green" if event.over else "red"
        case AgentEvent() | VisitEvent() | IvrEvent():
            return "cyan"
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
