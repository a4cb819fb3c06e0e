"""Records as a transcript: what happens at a switch on the one side, the rows that come of it on the other.

``played(SCENARIO)`` plays a scenario of the simulated switch through the whole gateway without its sockets: CSTA XML,
link, call model, events, ledger. ``recorded(NAME)`` does the same with what a real Asterisk once sent. ``Told`` is the
gateway's stream by itself, to be fed to a ledger step by step.

A conversation is shown as three sorts of lines; seconds since the beginning, spans in seconds:

    inbound 01712345678>1000 T001: answered; waiting 3, talking 16, held 5; 1000 to 1001; 1 transfer
        01712345678 caller 1-25: waiting 3, talking 16, held 5; hung_up
        | 1-4 waiting | 4-10 talking 1000 | 10-15 held | 15-25 talking 1001
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from cdr.ledger.ledger import Ledger
from cdr.records import (
    ConversationRecord,
    LegRecord,
    PartState,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
)
from gateway.links.asterisk import scenario as asterisk
from gateway.links.asterisk.effects import Alarm, SnapshotWanted
from gateway.links.asterisk.scenario import WholeSwitch
from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build, parse
from gateway.links.csta_xml.framing import Deframer, Frame, frame
from gateway.links.csta_xml.normalise import Normaliser
from gateway.portcfg import Port
from gateway.portcfg import parse as parse_ports
from model.core import CallModel
from model.events import Event
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link, Snapshot
from simulator.devices import DeviceKind
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.scenario import read_scenario
from simulator.switch import SECOND_US, Plan, Switch
from simulator.switch_site import Site
from simulator.traffic import Mix

KINDS = {DeviceKind.EXTENSION: PortKind.EXT, DeviceKind.TRUNK: PortKind.TRUNK, DeviceKind.PILOT: PortKind.QUEUE}
EPOCH = 1
EXTENSIONS = tuple(str(number) for number in range(1000, 1010))
SETTLE_SECONDS = 40
"""What a switch still does by itself after a scenario's last step: it cuts a busy tone after thirty seconds."""
STEP_US = SECOND_US // 20


@dataclass(frozen=True, slots=True)
class Told:
    """A gateway's stream: the snapshot before its first event, and the events."""

    snapshot: Snapshot
    events: tuple[Event, ...]


class Gateway:
    """A switch and everything of a gateway that stands between its bytes and its events, without the sockets."""

    def __init__(self, plan: Plan, mix: Mix, faults: Faults, seed: int, ivr: tuple[str, ...]) -> None:
        self.site = Site(plan, Habits(keep_alive_seconds=None), mix, faults, seed)
        self.ports = [
            Port(
                DeviceNumber(device.number),
                PortKind.IVR if device.number in ivr else KINDS[device.kind],
                device.number,
                "",
                device.device_id,
                "",
                1,
            )
            for device in self.site.switch.devices.values()
        ]
        self._normaliser = Normaliser(self.ports)
        self._model = new_model(self.ports)
        self.before = self._model.snapshot()
        client = self.site.connect(0)
        assert client is not None
        self._client = client
        self._deframer, self._monitors = Deframer(), dict[str, DeviceNumber]()
        self.events: list[Event] = []
        for number, port in enumerate(self.ports):
            self.site.receive(client, frame(number, build(m.MonitorStart(device=port.device))), 0)

    def pass_time(self, now_us: int) -> None:
        """What the switch does by itself until now."""
        while (due_us := self.site.deadline_us) is not None and due_us <= now_us:
            self.site.pass_time(due_us)
        self.site.pass_time(now_us)

    def listen(self, now_us: int) -> None:
        """Take what the switch has sent."""
        for item in self._deframer.receive(b"".join(self.site.take_writes(self._client))):
            assert isinstance(item, Frame)
            message = parse(item.body)
            if isinstance(message, m.MonitorStartResponse):
                self._monitors[message.monitor_cross_ref_id] = self.ports[item.invoke_id].number
            elif isinstance(message, m.CallEvent):
                monitor = self._monitors[message.monitor_cross_ref_id]
                report = self._normaliser.report(message, monitor, Microseconds(now_us))
                assert report is not None
                self.events += self._model.report(report).events

    @property
    def told(self) -> Told:
        return Told(self.before, tuple(self.events))


def told(scenario: str, *, ivr: tuple[str, ...] = (), keep_call_id: bool = False) -> Told:
    """What the gateway tells of a scenario at the simulated switch; ``ivr`` are extensions that are IVR ports."""
    plan = Plan(
        extensions=EXTENSIONS,
        trunks=4,
        pilots=(("6000", ("1008", "1009")), ("6001", ("1007",))),
        outside_answers_seconds=None,
        keep_call_id=keep_call_id,
    )
    gateway = Gateway(plan, Mix(calls_per_second=0), Faults(), 1, ivr)
    course = read_scenario(scenario)
    now_us = over_us = 0
    while now_us <= over_us + SETTLE_SECONDS * SECOND_US:
        gateway.pass_time(now_us)
        if not course.is_over:
            course.pass_time(gateway.site, now_us)
            over_us = now_us
        gateway.listen(now_us)
        now_us += STEP_US
    assert course.failures == [], course.failures
    return gateway.told


def traffic(seed: int, seconds: int, *, shuffled: bool = False, keep_call_id: bool = False) -> tuple[Told, Switch]:
    """What the gateway tells of random calls, and the switch that made them: its account is another opinion.
    ``shuffled``: the monitors that see the same happening tell it in any order."""
    extensions = tuple(str(number) for number in range(1000, 1016))
    plan = Plan(
        extensions=extensions,
        trunks=6,
        pilots=(("6000", extensions[-4:]),),
        keep_call_id=keep_call_id,
        outside_answers_seconds=None,
    )
    mix = Mix(calls_per_second=1.5, mean_talk_seconds=8, transfer=0.2, single_step=0.15, conference=0.15, hold=0.3)
    gateway = Gateway(plan, mix, Faults(shuffle_monitors=shuffled), seed, ())
    now_us = 0
    while now_us <= seconds * SECOND_US or gateway.site.switch.calls:
        if now_us > seconds * SECOND_US:
            gateway.site.traffic.is_on = False
        gateway.pass_time(now_us)
        gateway.listen(now_us)
        now_us += STEP_US
    return gateway.told, gateway.site.switch


def heard(name: str) -> Told:
    """What the gateway tells of a recording of a real Asterisk, ``tests/scenarios/asterisk/NAME.txt``."""
    path = Path(__file__).parents[2] / "scenarios" / "asterisk" / f"{name}.txt"
    lines = path.read_text("utf-8").splitlines()
    ports = asterisk.PORTS + "".join(line.removeprefix("ports ") + "\n" for line in lines if line.startswith("ports "))
    model = new_model(parse_ports(ports.encode()).ports, single_appearance=False)
    before = model.snapshot()
    events: list[Event] = []
    for effect in asterisk.transcript_of(lines).effects:
        if isinstance(effect, WholeSwitch):
            events += model.whole_switch(effect.calls, effect.asked_us, effect.asked_us).events
        elif not isinstance(effect, Alarm | SnapshotWanted):
            events += model.report(effect).events
    return Told(before, tuple(events))


def new_model(ports: Iterable[Port], *, single_appearance: bool = True) -> CallModel:
    """A call model whose link is up."""
    link = Link(LinkState.UP, "stage", "", Microseconds(0))
    model = CallModel(EPOCH, link, Licence("", "", 0, 0, ""), single_appearance=single_appearance)
    model.configure([Device(port.number, port.kind, port.name, "") for port in ports], Microseconds(0))
    return model


def ledger_of(stream: Told, streams: tuple[str, ...] = ()) -> Ledger:
    """A ledger that has been told what was before the first event."""
    ledger = Ledger(streams)
    ledger.take_snapshot(EPOCH, stream.snapshot)
    return ledger


def records_of(stream: Told) -> list[Record]:
    """The rows of a gateway's stream alone."""
    ledger = ledger_of(stream)
    for event in stream.events:
        ledger.take(EPOCH, event)
    assert ledger.unfinished_ids == [], "everybody has hung up"
    return ledger.take_records()


def played(scenario: str, *, ivr: tuple[str, ...] = ()) -> str:
    """The rows of a scenario at the simulated switch, which are the same whether the switch keeps a call's id over a
    transfer or makes a new one."""
    rows, kept = (shown(records_of(told(scenario, ivr=ivr, keep_call_id=keep))) for keep in (False, True))
    assert rows == kept
    return rows


def recorded(name: str) -> str:
    """The rows of a recording of a real Asterisk."""
    return shown(records_of(heard(name)))


def lines(text: str) -> str:
    """Rows as they stand in a test; a timeline may go on in a further line, indented more."""
    return re.sub(r"\n {5,}", " ", dedent(text).strip())


def shown(records: Iterable[Record]) -> str:
    """Rows as the tests write them down, conversations in the order in which they ended."""
    held = list(records)
    lines = []
    for conversation in held:
        if not isinstance(conversation, ConversationRecord):
            continue
        mine = [one for one in held if getattr(one, "conversation_id", "") == conversation.conversation_id]
        lines.append(_conversation(conversation))
        lines += [f"    {_leg(one)}" for one in mine if isinstance(one, LegRecord)]
        if segments := [one for one in mine if isinstance(one, SegmentRecord)]:
            lines.append(f"    {_timeline(segments)}")
        lines += [f"    {_visit(one)}" for one in mine if isinstance(one, QueueVisitRecord)]
        lines += [f"    problem {one.code}: {one.text}" for one in mine if isinstance(one, ProblemRecord)]
    return "\n".join(lines)


def _conversation(one: ConversationRecord) -> str:
    result = f"{one.result} {one.abandoned_where}".strip()
    spans = _spans(one, ("waiting", "menu", "queued", "talking", "held", "uncertain"))
    who = [
        name for name in (_agent(one.first_device, one.first_agent), _agent(one.last_device, one.last_agent)) if name
    ]
    told = [
        f"{one.direction} {one.caller}>{one.called}{' ' + one.trunk if one.trunk else ''}: {result}",
        spans,
        " to ".join(dict.fromkeys(who)),
        f"queue {one.queue}" if one.queue else "",
        f"{one.transfers} transfers" if one.transfers else "",
        f"{one.conferences} conferences" if one.conferences else "",
        "joined another" if one.winner_id else "",
        f"without {' '.join(one.missing)}" if one.missing else "",
    ]
    return "; ".join(text for text in told if text)


def _leg(one: LegRecord) -> str:
    name = _agent(one.device or one.trunk or "nameless", one.agent)
    spans = _spans(one.spans, tuple(state.value for state in PartState))
    wrap_up = f" then {_seconds(one.wrap_up_us)} wrap-up" if one.wrap_up_us else ""
    return f"{name} {one.role} {_span(one.began_us, one.ended_us)}: {spans}{wrap_up}; {one.ending}"


def _timeline(segments: Sequence[SegmentRecord]) -> str:
    return " ".join(
        f"| {_span(one.began_us, one.ended_us)} {one.state}"
        + (f" {_agent(one.device, one.agent)}" if one.device else "")
        + (" of " + "+".join(one.parties) if one.state is PartState.TALKING and len(one.parties) != 2 else "")
        for one in segments
    )


def _visit(one: QueueVisitRecord) -> str:
    taker = f" by {_agent(one.device, one.agent)}" if one.device else ""
    return f"queue {one.queue} {_span(one.entered_us, one.left_us)}: {one.outcome}{taker}, {one.offers} offers"


def _agent(device: str, agent: str) -> str:
    return f"{device}({agent})" if agent else device


def _span(began_us: int, ended_us: int) -> str:
    return f"{_seconds(began_us)}-{_seconds(ended_us)}"


def _spans(spent: object, names: tuple[str, ...]) -> str:
    spans = ((name, getattr(spent, f"{name}_us")) for name in names)
    return ", ".join(f"{name} {_seconds(span)}" for name, span in spans if span) or "no time"


def _seconds(span_us: int) -> str:
    return f"{span_us / 1e6:g}"
