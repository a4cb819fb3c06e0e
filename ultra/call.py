"""``ultra call``: call control from the command line, one request a command.

The answer to a request says only whether the switch took it; what happened comes as events, and ``--wait`` waits for
the first that names this request as its cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from model.events import CallEvent
from model.ids import CallId, DeviceNumber, EventId
from protocol.client import Address, EventSeen, SubscriptionRefused, UlpClient
from protocol.errors import Code, Refused, code_name, code_of
from protocol.json_form import Json, event_json, json_line
from protocol.kinds import Kind, Role
from protocol.requests import Reply, Request
from ultra.access import Access
from ultra.event_lines import human_lines
from ultra.gateway_session import connect, refusal_line, run_told, server_option

WAIT_SECONDS: Final = 10.0
"""``--wait``: a switch that has accepted acts at once; an Asterisk rings the caller first."""

F = TypeVar("F", bound=Callable[..., Any])


class _CallIdentity(click.ParamType[CallId]):
    name = "EPOCH:NUMBER"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> CallId:
        try:
            place = EventId.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if max(place.epoch, place.number) >= 1 << 64:
            self.fail("a number beyond 64 bits is no call id", param, ctx)
        return CallId(place)


def _options(command: F) -> F:
    for option in (
        click.option("--json", "json_wanted", is_flag=True, help="The answer (and the event) as JSON, one a line."),
        click.option("--wait", is_flag=True, help=f"For the first event it causes; {WAIT_SECONDS:.0f} s at most."),
    ):
        command = option(command)
    return server_option(command)


_call_option = click.option(
    "--call", "call_id", type=_CallIdentity(), help="Which call, where the device has more than one that fits."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def call() -> None:
    """Make, answer and move calls through a gateway.

    Prints `accepted`, or the code of the refusal and its reason. Exits 0 when the switch took it, else 1; with --wait
    only when an event followed.
    """


@call.command()
@click.argument("device", metavar="FROM")
@click.argument("to")
@_options
def make(device: str, to: str, **options: Any) -> None:
    """Call TO from FROM. FROM may have to go off-hook first, as its switch has it."""
    _perform(Request(Kind.MAKE_CALL, DeviceNumber(device), destination=to), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def answer(device: str, call_id: CallId | None, **options: Any) -> None:
    """Answer the call that rings at DEVICE."""
    _perform(Request(Kind.ANSWER_CALL, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@_call_option
@click.option("--all", "everybody", is_flag=True, help="The whole call ends, for everybody in it.")
@_options
def clear(device: str, call_id: CallId | None, everybody: bool, **options: Any) -> None:
    """Hang DEVICE up: the active call before one on hold."""
    kind = Kind.CLEAR_CALL if everybody else Kind.CLEAR_CONNECTION
    _perform(Request(kind, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def hold(device: str, call_id: CallId | None, **options: Any) -> None:
    """Put the call of DEVICE on hold."""
    _perform(Request(Kind.HOLD_CALL, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def retrieve(device: str, call_id: CallId | None, **options: Any) -> None:
    """Take the call on hold at DEVICE back."""
    _perform(Request(Kind.RETRIEVE_CALL, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@click.argument("to")
@_call_option
@_options
def consult(device: str, to: str, call_id: CallId | None, **options: Any) -> None:
    """Put the call of DEVICE on hold and call TO, to transfer or to confer."""
    _perform(Request(Kind.CONSULTATION_CALL, DeviceNumber(device), call_id, to), **options)


@call.command()
@click.argument("device")
@click.option("--to", help="In a single step to this number; without it, the consultation's party gets the held call.")
@_call_option
@_options
def transfer(device: str, to: str | None, call_id: CallId | None, **options: Any) -> None:
    """Transfer the call of DEVICE."""
    kind = Kind.TRANSFER_CALL if to is None else Kind.SINGLE_STEP_TRANSFER
    _perform(Request(kind, DeviceNumber(device), call_id, to or ""), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def conference(device: str, call_id: CallId | None, **options: Any) -> None:
    """Join the held call and the consultation of DEVICE into one."""
    _perform(Request(Kind.CONFERENCE_CALL, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@click.argument("to")
@_call_option
@_options
def deflect(device: str, to: str, call_id: CallId | None, **options: Any) -> None:
    """Send the call that rings at DEVICE to TO, unanswered."""
    _perform(Request(Kind.DEFLECT_CALL, DeviceNumber(device), call_id, to), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def alternate(device: str, call_id: CallId | None, **options: Any) -> None:
    """Change over between the active and the held call of DEVICE."""
    _perform(Request(Kind.ALTERNATE_CALL, DeviceNumber(device), call_id), **options)


@call.command()
@click.argument("device")
@_call_option
@_options
def reconnect(device: str, call_id: CallId | None, **options: Any) -> None:
    """End the active call of DEVICE and take the held one back."""
    _perform(Request(Kind.RECONNECT_CALL, DeviceNumber(device), call_id), **options)


def _perform(request: Request, *, server: Address, access: Access, wait: bool, json_wanted: bool) -> None:
    reply, seen = run_told(_asked(server, access, request, wait))
    if json_wanted:
        click.echo(json_line(reply_json(reply)))
    elif reply.accepted:
        click.echo("accepted" if reply.call_id is None else f"accepted, call {reply.call_id}")
    else:
        raise click.ClickException(refusal_line(reply))
    if seen is not None:
        click.echo(json_line(event_json(*seen)) if json_wanted else human_lines(colour=False)(*seen))
    elif wait and reply.accepted:
        raise click.ClickException(f"the switch accepted, and nothing happened within {WAIT_SECONDS:.0f} s")
    raise SystemExit(0 if reply.accepted else 1)


async def _asked(
    server: Address, access: Access, request: Request, wait: bool
) -> tuple[Reply, tuple[int, CallEvent] | None]:
    """The answer, and the first event it caused if one is waited for and comes."""
    client = await connect(server, "call", Role.SUPERVISOR, access)
    try:
        if wait:
            client.subscribe(devices=frozenset({request.device}))
        reply = await client.request(request)
        seen = await _event_of(client) if wait and reply.accepted else None
    finally:
        await client.close()
    return reply, seen


async def _event_of(client: UlpClient) -> tuple[int, CallEvent] | None:
    """The first event that names this session: it asks only once."""
    session = client.welcome.session
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            async for item in client.items():
                match item:
                    case EventSeen(epoch, CallEvent(request=cause) as event) if cause and cause.session == session:
                        return epoch, event
                    case SubscriptionRefused(reply):
                        raise Refused(code_of(reply.code) or Code.NOT_SUPPORTED, reply.text)
    except TimeoutError:
        return None
    return None


def reply_json(reply: Reply) -> Json:
    """The answer in JSON: ``accepted``, ``code``, and what there is of text, switch error and call id."""
    form: Json = {"accepted": reply.accepted, "code": code_name(reply.code)}
    for key, value in (
        ("text", reply.text),
        ("switch_error", reply.switch_error),
        ("call_id", str(reply.call_id) if reply.call_id else ""),
    ):
        if value:
            form[key] = value
    return form
