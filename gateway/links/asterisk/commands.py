"""Requests as AMI actions, and the events that prove them done; pure.

An action's Success says only that it was queued: a redirection to a number that does not exist succeeds and kills the
call. So the number is looked up in the dialplan first, and each action is confirmed by what the switch then reports.
AMI can make, clear, transfer and deflect; a phone's answer, hold and retrieve it cannot.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.board import Board
from gateway.links.asterisk.devices import plain_number
from gateway.links.asterisk.state import Channel
from gateway.links.base import CommandTarget
from model.commands import Command, CommandKind, Outcome, Refusal
from model.states import ConnectionState

Confirm = Callable[[Event], Outcome | None]

DESTINATION_CHARACTERS = frozenset("0123456789*#+ABCDabcdefghijklmnopqrstuvwxyzEFGHIJKLMNOPQRSTUVWXYZ_-.")
"""What may be dialled. Not in it: what separates Asterisk's arguments (``,|&@/``) or begins a variable (``$``)."""

SUPPORTED = frozenset(
    {CommandKind.MAKE_CALL, CommandKind.CLEAR_CONNECTION, CommandKind.SINGLE_STEP_TRANSFER, CommandKind.DEFLECT_CALL}
)

ACCEPTED = Outcome()


@dataclass(frozen=True, slots=True)
class HungUp:
    """A channel's end proves it."""

    uniqueid: str

    def __call__(self, event: Event) -> Outcome | None:
        return ACCEPTED if event.name == "Hangup" and event.value("Uniqueid") == self.uniqueid else None


@dataclass(frozen=True, slots=True)
class Made:
    """The channel that was asked for begins, or Asterisk says why not."""

    uniqueid: str
    endpoint: str

    def __call__(self, event: Event) -> Outcome | None:
        if event.value("Uniqueid") != self.uniqueid:
            return None
        if event.name == "Newchannel":
            return ACCEPTED
        if event.name == "OriginateResponse" and event.value("Response") == "Failure":
            said = f"Originate failed, reason {event.value('Reason')}"
            return Outcome(Refusal.REFUSED_BY_SWITCH, f"{self.endpoint} cannot be called", said)
        return None


@dataclass(frozen=True, slots=True)
class Transferred:
    """The transferer's channel is told to have transferred."""

    uniqueid: str

    def __call__(self, event: Event) -> Outcome | None:
        if event.name != "BlindTransfer" or event.value("TransfererUniqueid") != self.uniqueid:
            return None
        if event.value("Result") == "Success":
            return ACCEPTED
        return Outcome(Refusal.REFUSED_BY_SWITCH, "the transfer failed", event.value("Result"))


@dataclass(frozen=True, slots=True)
class Plan:
    """An action, its headers, the number to be looked up first (empty: none), and what event proves it done."""

    action: str
    headers: tuple[tuple[str, str], ...]
    number: str
    confirm: Confirm
    uniqueid: str = ""
    """The channel id given to an Originate."""


def plan(
    command: Command, target: CommandTarget, board: Board, context: str, ring_seconds: int, own_id: str
) -> Plan | Outcome:
    """What to do for a command, or why it cannot be done. ``own_id`` is a channel id that nobody has used."""
    if command.kind not in SUPPORTED:
        name = command.kind.name.lower()
        return Outcome(Refusal.NOT_SUPPORTED, f"the Asterisk manager interface has no {name}")
    if command.kind is not CommandKind.CLEAR_CONNECTION and not _can_be_dialled(command.destination):
        return Outcome(Refusal.BAD_DESTINATION, f"{command.destination!r} is no number that can be dialled")
    if command.kind is CommandKind.MAKE_CALL:
        return _make(command, board, context, ring_seconds, own_id)
    key = target.connection.key if target.connection is not None else ""
    channel = board.channels.get(key)
    if channel is None or channel.leg is None:
        return Outcome(Refusal.UNKNOWN_CALL, f"{command.device} has no such connection on the switch")
    if command.kind is CommandKind.CLEAR_CONNECTION:
        return Plan("Hangup", (("Channel", channel.name), ("Cause", "16")), "", HungUp(key))
    if command.kind is CommandKind.SINGLE_STEP_TRANSFER:
        return _transfer(command, channel, context)
    return _deflect(command, channel, board, context)


def _can_be_dialled(destination: str) -> bool:
    return bool(destination) and destination == plain_number(destination) and set(destination) <= DESTINATION_CHARACTERS


def _make(command: Command, board: Board, context: str, ring_seconds: int, own_id: str) -> Plan | Outcome:
    endpoint = board.devices.endpoint_for(command.device)
    if endpoint is None:
        return Outcome(Refusal.UNKNOWN_DEVICE, f"port.cfg names no endpoint for {command.device}")
    headers = (
        ("Channel", endpoint),
        ("Context", context),
        ("Exten", command.destination),
        ("Priority", "1"),
        ("CallerID", f"<{command.device}>"),  # without it the device called sees no number
        ("Timeout", str(ring_seconds * 1000)),
        ("ChannelId", own_id),
        ("Async", "true"),
    )
    return Plan("Originate", headers, command.destination, Made(own_id, endpoint), own_id)


def _transfer(command: Command, channel: Channel, context: str) -> Plan | Outcome:
    if channel.leg is None or not channel.leg.was_answered:
        return Outcome(Refusal.WRONG_STATE, f"{command.device} speaks with nobody")
    headers = (("Channel", channel.name), ("Context", context), ("Exten", command.destination))
    return Plan("BlindTransfer", headers, command.destination, Transferred(channel.uniqueid))


def _deflect(command: Command, channel: Channel, board: Board, context: str) -> Plan | Outcome:
    """Redirects the caller: redirecting the ringing channel itself destroys the call."""
    if channel.leg is None or channel.leg.state is not ConnectionState.ALERTING or channel.dial is None:
        return Outcome(Refusal.WRONG_STATE, f"no call rings at {command.device}")
    source = channel.dial.source
    caller = board.real_caller(source) if source is not None else None
    if caller is None or caller.uniqueid not in board.channels:
        return Outcome(Refusal.WRONG_STATE, "nobody calls who could be sent elsewhere")
    headers = (
        ("Channel", caller.name),
        ("Context", context),
        ("Exten", command.destination),
        ("Priority", "1"),
    )
    return Plan("Redirect", headers, command.destination, HungUp(channel.uniqueid))
