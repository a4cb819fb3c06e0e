"""What stands behind a link while it is fuzzed: the call model and the stream, as in a running gateway.

What a switch says reaches the wire in a thousand steps, and whatever it was must fit there: a number too large for its
field or a text too long would end the daemon.
"""

from gateway.portcfg import Port
from model.core import CallModel
from model.ids import Microseconds
from model.mirror import Mirror
from model.reports import CallSnapshot, Report
from model.state import Step
from model.states import LinkState
from model.view import Device, Licence, Link
from protocol.codec import decode
from protocol.packing import pack_event
from protocol.snapshots import pack_snapshot

EPOCH = 1_767_225_600_000_000
LICENCE = Licence("evaluation", "", 32, 3, "")


class Receiver:
    """A link's sink. Each event is packed and read again, and a mirror follows; ``look`` holds it against the model."""

    def __init__(self, ports: tuple[Port, ...], *, single_appearance: bool) -> None:
        link = Link(LinkState.DOWN, "fuzz", "", Microseconds(0))
        self.model = CallModel(EPOCH, link, LICENCE, single_appearance=single_appearance)
        self.mirror = Mirror(self.model.snapshot())
        self.now_us = Microseconds(0)
        devices = [Device(port.number, port.kind, port.name, port.group) for port in ports]
        self.take(self.model.configure(devices, self.now_us))

    def take(self, step: Step) -> None:
        for event in step.events:
            kind, body = pack_event(event)
            assert decode(kind, event.number, body) == event, "it is read as it was meant"
            self.mirror.apply(event)

    def link_state(self, state: LinkState, reason: str) -> None:
        self.take(self.model.link_changed(state, reason, self.now_us))

    def report(self, report: Report) -> None:
        self.take(self.model.report(report))

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        self.take(self.model.whole_switch(snapshots, asked_us, self.now_us))

    def compare_rest(self) -> None:
        self.take(self.model.verify_calls(self.now_us))

    def alarm(self, code: str, text: str) -> None:
        assert code.isidentifier()
        assert text

    def look(self) -> None:
        """The mirror is the model, and both fit into a snapshot."""
        snapshot = self.model.snapshot()
        assert self.mirror.snapshot() == snapshot
        assert pack_snapshot(snapshot, 1)
