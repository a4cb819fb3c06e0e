"""What the gateway asks of any link to a switch, and what a link may tell the gateway.

The application wires a link with a sink and runs it; nothing here knows which switch is at the other end. A link turns
what its switch says into ``model.reports``; it decides nothing about calls and keeps no truth of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.doors import Door
from gateway.links.played import Wire
from gateway.portcfg import Port
from model.commands import Command, Outcome
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId, SwitchConnection
from model.reports import CallSnapshot, Report
from model.states import ConnectionState, LinkState


class LinkSink(Protocol):
    """Where a link delivers, in the order in which the switch spoke; called from the event loop, must not block."""

    def link_state(self, state: LinkState, reason: str) -> None:
        """The link's state changed, or its reason did; ``reason`` is for operators, in words, never empty when down."""
        ...

    def report(self, report: Report) -> None:
        """The switch reported something."""
        ...

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        """All calls of the switch at once, asked for at ``asked_us``: one of ours that is not among them is absent."""
        ...

    def compare_rest(self) -> None:
        """Every monitored device was asked for its calls; ask now (``verify_call``) for each call not yet compared."""
        ...

    def alarm(self, code: str, text: str) -> None:
        """Something an operator should know of: a stable snake_case code, and what happened in words."""
        ...


@dataclass(frozen=True, slots=True)
class CommandTarget:
    """What a command acts on, as the model knew it when the request came.

    ``connection`` is the device's own connection that the command is about, with its ``state``; None for MAKE_CALL and
    for commands about the device itself. ``other`` is the second connection of the same device where the command takes
    two (the held one of TRANSFER_CALL, CONFERENCE_CALL, ALTERNATE_CALL, RECONNECT_CALL). ``parties`` are all
    connections of the call but the device's own.
    """

    connection: SwitchConnection | None = None
    state: ConnectionState = ConnectionState.NULL
    other: SwitchConnection | None = None
    parties: tuple[tuple[SwitchConnection, DeviceNumber, ConnectionState], ...] = ()


Done = Callable[[Outcome], None]
"""Gets the outcome of a command, once."""


class Link(Protocol):
    """A link to one switch."""

    @property
    def counts(self) -> Counter[str]:
        """What was odd since this link was made, all its connections together, by a stable snake_case name. Only what
        happened is in it, and nothing in it ever falls."""
        ...

    async def run(self) -> None:
        """Keep the link up for ever, connecting again after each loss, until cancelled."""
        ...

    def execute(self, command: Command, target: CommandTarget, request: RequestRef, done: Done) -> None:
        """Ask the switch to act; ``done`` gets the outcome when the switch accepted or refused, and its events may come
        before that; or at once.

        ``request`` is who asked, for logs and for reports that the link itself can attribute. Raises nothing: a link
        that is down, a refusal, a missing answer are outcomes.
        """
        ...

    def serve(self, ports: Iterable[Port]) -> None:
        """Serve exactly these ports from now on (port.cfg was read anew, seats moved); no call is dropped."""
        ...

    def verify_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask the switch for this call's truth, named by one of its connections; the answer is a CallSnapshot."""
        ...

    def verify_device(self, device: DeviceNumber) -> None:
        """Ask the switch for a device's calls; the answer comes as a DeviceSnapshot, or as a whole_switch."""
        ...

    def take_unread(self) -> bytes:
        """What came of a message that is not whole yet; the link forgets it, and is to be given it again."""
        ...

    def play(self, door: Door, brought: tuple[Any, ...], wire: Wire) -> None:
        """Take in what a capture says came by one of the link's doors: what ``run`` does at that moment, without a
        socket. ``wire`` stands where the connection was. ValueError for a door that this link does not have."""
        ...
