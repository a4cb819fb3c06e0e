"""``ultra csta decode``: captured CSTA XML as JSON lines, for support.

Cuts (``ultra.csta_capture``), parses and normalises with the code that the gateway runs; nothing is judged here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

import click

from gateway.links.csta_xml.codec import ParseProblem, UnknownElements, UnknownMessage, parse
from gateway.links.csta_xml.messages import CallEvent, DoNotDisturbEvent, ForwardingEvent, Message, ServiceStateEvent
from gateway.links.csta_xml.normalise import Normaliser
from model.causes import Cause
from model.ids import NO_DEVICE, Microseconds
from model.reports import Report
from protocol.json_form import Json, json_line
from runtime.problems import why_unreadable
from ultra.csta_capture import Flaw, Piece, pieces
from ultra.gateway_session import discard_output

STANDARD_INPUT: Final = "-"

_NOT_SHOWN: Final = frozenset({"received_us", "monitor"})
"""Of a report: what only a running link knows."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def csta() -> None:
    """Look into captured CSTA XML."""


@csta.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def decode(files: tuple[str, ...]) -> None:
    """Decode captures of CSTA XML, one JSON object a message.

    A FILE holds framed bytes as they travelled on TCP, or bare XML, one document or several; which of them it is is
    seen by itself. - is standard input. Each line has `offset`; a message has `message` (its name), `invoke_id` where
    it was framed, `fields`, `unknown` (elements nothing here knows), and `report`: what the gateway makes of it. What
    cannot be read is a line with `problem`. Exits 1 when nothing could be decoded.
    """
    decoded = 0
    try:
        for name in files:
            capture = _read(name)
            where: Json = {"file": name} if len(files) > 1 else {}
            for line in lines_of(capture):
                click.echo(json_line({**where, **line}))
                decoded += "message" in line
    except BrokenPipeError:
        discard_output()
    sys.exit(0 if decoded else 1)


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{name} cannot be read: {why_unreadable(error).render()}") from error


def lines_of(capture: bytes) -> Iterator[Json]:
    """A JSON object for each message and each problem, in the order of the capture. Pure."""
    for piece in pieces(capture):
        if isinstance(piece, Flaw):
            yield {
                "offset": piece.offset,
                "problem": piece.reason,
                "bytes_skipped": piece.bytes_skipped,
                "excerpt": piece.excerpt,
            }
        else:
            yield _line_of(piece)


def _line_of(piece: Piece) -> Json:
    line: Json = {"offset": piece.offset}
    if piece.invoke_id is not None:
        line["invoke_id"] = f"{piece.invoke_id:04}"
    unknown = UnknownElements()
    message = parse(piece.body, unknown)
    if isinstance(message, ParseProblem):
        line |= {"problem": str(message), "excerpt": message.excerpt}
    elif isinstance(message, UnknownMessage):
        line |= {"problem": f"nothing here knows a message {message.name}", "excerpt": message.excerpt}
    else:
        name, held = message_name(message), _form(message)
        if held.get("kind") == name:
            del held["kind"]
        line |= {"message": name, "fields": held}
        if unknown.total:
            line["unknown"] = sorted(unknown.by_name)
        if report := _report(message):
            line["report"] = {"kind": type(report).__name__, **_form(report)}
    return line


def message_name(message: Message) -> str:
    """The name of its element."""
    kind = getattr(message, "kind", None)
    if isinstance(kind, Enum):
        return str(kind.value)
    return str(getattr(message, "ELEMENT", type(message).__name__))


def _report(message: Message) -> Report | None:
    """What the gateway's link makes of an event, without a port.cfg: numbers are those in the switch's ids."""
    normaliser, now = Normaliser(()), Microseconds(0)
    if isinstance(message, CallEvent):
        return normaliser.report(message, NO_DEVICE, now)
    if isinstance(message, ServiceStateEvent | DoNotDisturbEvent | ForwardingEvent):
        return normaliser.device_report(message, NO_DEVICE, now)
    return None


def _form(value: Any) -> Any:
    """Dataclasses as objects without what is absent or as it is by default; enums as the standard's word, or their
    name in lower case."""
    match value:
        case Cause():
            return value.text
        case Enum():
            return value.value if isinstance(value.value, str) else value.name.lower()
        case tuple() | list():
            return [_form(item) for item in value]
    if is_dataclass(value):
        held = ((one, getattr(value, one.name)) for one in fields(value) if one.name not in _NOT_SHOWN)
        return {one.name: _form(item) for one, item in held if item is not None and item != one.default and item != ()}
    return value
