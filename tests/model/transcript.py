"""Transcripts: what monitors tell a call model, and below each line, indented, what the model says to it.

    8001: delivered 1:8002 calling=8001 called=8002
        delivered 8002 | 1: 8001 connected, 8002 alerting

``Stage.plays`` runs the lines at the margin and compares the whole text: a line without anything below it is one that
the model takes without a word. Lines at the margin, 100 ms after each other:

    MONITOR: HAPPENING CALL:KEY [name=value …]            one report; ``*`` is a link that sees the whole switch
    MONITOR: transferred OLD [OLD] by=X to=Y list OLD>NEW[=DEVICE] …      (or ``conferenced``; ``>NEW`` was in neither)
    shows CALL [asked N s ago]: PARTY, PARTY …            answer to SnapshotCall, by default to the last question
    has DEVICE [asked N s ago]: CALL:KEY STATE, …         answer to SnapshotDevice
    switch has CALL: PARTY …; CALL: …                     all calls of the switch in one answer
    wait N s                                              time passes, the model's clock ticks at the end of it
    verify                                                the link comes back: what is not yet compared is asked for
    link STATE                                            the link's life
    device DEVICE FLAG                                    the switch speaks of a device
    command SESSION.NUMBER KIND DEVICE / refused SESSION.NUMBER

Calls are told in the order in which they began, devices by their number, parties as the model has them.

The subject of a report is its key unless ``subject=`` names another; ``-`` is absent, ``?`` anonymous. A party is
``[KEY=]DEVICE[@TRUNK] STATE``.
"""

import re
from difflib import ndiff
from textwrap import dedent

from model.causes import CAUSE_BY_TEXT, Cause
from model.commands import CommandKind
from model.core import CallModel
from model.events import CallEvent, ConditionEvent, DeviceEvent, Event, LicenceEvent, LinkEvent, MismatchEvent
from model.ids import ConnectionKey, DeviceNumber, Microseconds, RequestRef, SwitchCallId, SwitchConnection
from model.reports import (
    CallReport,
    CallSnapshot,
    DeviceFlag,
    DeviceReport,
    DeviceSnapshot,
    Happening,
    PartySnapshot,
    Rekeying,
    TransferReport,
)
from model.state import AskCall, Step
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Call, Device, Licence, Link

LINE_US = 100_000
"""Between two lines; long enough that no two things happen at once, short against every limit of the model."""

MARGIN = "    "

ALICE_CALLS_BOB = """
8001: service_initiated 1:8001
8001: originated 1:8001 calling=8001 called=8002
8001: delivered 1:8002 calling=8001 called=8002
8002: delivered 1:8002 calling=8001 called=8002
""".strip().splitlines()

BOB_ANSWERS = """
8002: established 1:8002 calling=8001 called=8002
8001: established 1:8002 calling=8001 called=8002
""".strip().splitlines()


class Stage:
    """A call model whose link is up, with devices; what is not ``monitored`` is known from what others report."""

    def __init__(
        self,
        *monitored: str,
        trunks: tuple[str, ...] = (),
        queues: tuple[str, ...] = (),
        unmonitored: tuple[str, ...] = (),
        single_appearance: bool = True,
        with_devices: bool = False,
    ) -> None:
        self.now = 1_000_000
        self._asked: dict[str, Microseconds] = {}
        self._with_devices = with_devices
        link = Link(LinkState.UP, "transcript", "", Microseconds(0))
        self.model = CallModel(1, link, Licence("evaluation", "", 32, 9, ""), single_appearance=single_appearance)
        self.devices = [
            Device(DeviceNumber(number), kind, "", "", monitored=number not in unmonitored)
            for kind, numbers in (
                (PortKind.EXT, (*monitored, *unmonitored)),
                (PortKind.TRUNK, trunks),
                (PortKind.QUEUE, queues),
            )
            for number in numbers
        ]
        self.model.configure(self.devices, Microseconds(0))

    def plays(self, text: str) -> None:
        """Run a transcript; AssertionError with the differences when the model says something else."""
        expected = [line.rstrip() for line in dedent(text).strip().splitlines()]
        played: list[str] = []
        for line in expected:
            if line and not line.startswith(" ") and not line.startswith("#"):
                played += [line, *(MARGIN + said for said in self.tell(line))]
            elif not line.startswith(" "):
                played.append(line)
        assert played == expected, "- expected, + said\n" + "\n".join(ndiff(expected, played))

    def tell(self, line: str) -> list[str]:
        """One line; what the model said to it."""
        self.now += LINE_US
        step = self.run(line)
        for ask in step.asks:
            if isinstance(ask, AskCall):
                self._asked[ask.call] = Microseconds(self.now + LINE_US // 2)
        return [
            *(self._said(event) for event in step.events),
            *(f"asks {ask.call} at {ask.key or 'no key'}" for ask in step.asks if isinstance(ask, AskCall)),
        ]

    @property
    def calls(self) -> dict[str, str]:
        """Live calls by the switch's id, as transcripts show them."""
        return {call.switch_call_id: shown(call) for call in self.model.snapshot().calls}

    def call(self, switch_id: str) -> Call:
        """The live call with this id."""
        (found,) = (call for call in self.model.snapshot().calls if call.switch_call_id == switch_id)
        return found

    def state(self, device: str) -> DeviceState:
        """What an operator sees of a device."""
        return self.model.device_state(DeviceNumber(device))

    @property
    def counts(self) -> dict[str, int]:
        return self.model.counts

    # -- lines ---------------------------------------------------------------------------------------------------

    def run(self, line: str) -> Step:
        """What a line makes of the model, unread."""
        now = Microseconds(self.now)
        if found := re.fullmatch(r"wait ([\d.]+) s", line):
            self.now += round(float(found[1]) * 1e6)
            return self.model.tick(Microseconds(self.now))
        if line == "verify":
            return self.model.verify_calls(now)
        if found := re.fullmatch(r"link (\w+)", line):
            return self.model.link_changed(LinkState[found[1].upper()], found[1], now)
        if found := re.fullmatch(r"device (\S+) (\w+)", line):
            return self.model.report(DeviceReport(DeviceFlag[found[2].upper()], DeviceNumber(found[1]), now))
        if found := re.fullmatch(r"shows (\S+?)(?: asked ([\d.]+) s ago)?: (.*)", line):
            asked = self._when_asked(found[2], self._asked.get(found[1]))
            return self.model.report(CallSnapshot(SwitchCallId(found[1]), asked, now, parties(found[3])))
        if found := re.fullmatch(r"has (\S+?)(?: asked ([\d.]+) s ago)?: (.*)", line):
            rows = tuple(
                (connection(one.split()[0]), ConnectionState[one.split()[1].upper()])
                for one in found[3].split(", ")
                if one != "nothing"
            )
            return self.model.report(
                DeviceSnapshot(DeviceNumber(found[1]), self._when_asked(found[2], None), now, rows)
            )
        if found := re.fullmatch(r"switch has (.*)", line):
            asked = self._when_asked(None, None)
            answers = [one.split(": ") for one in found[1].split("; ") if one != "nothing"]
            snapshots = [CallSnapshot(SwitchCallId(call), asked, now, parties(rest)) for call, rest in answers]
            return self.model.whole_switch(snapshots, asked, now)
        if found := re.fullmatch(r"command (\S+) (\w+) (\S+)", line):
            self.model.expect(request(found[1]), CommandKind[found[2]], DeviceNumber(found[3]), now)
            return Step((), ())
        if found := re.fullmatch(r"refused (\S+)", line):
            self.model.withdraw(request(found[1]))
            return Step((), ())
        if found := re.fullmatch(r"(\S+): (transferred|conferenced) (.*)", line):
            return self.model.report(transfer(None if found[1] == "*" else found[1], found[2], found[3], now))
        found = re.fullmatch(r"(\S+): (\w+) (\S+)(.*)", line)
        assert found, f"no line of a transcript: {line}"
        return self.model.report(call_report(found[1], found[2], found[3], found[4].split(), now))

    def _when_asked(self, seconds_ago: str | None, last: Microseconds | None) -> Microseconds:
        """As said, else after the line at which the model asked, else after the line before this one."""
        if seconds_ago is not None:
            return Microseconds(self.now - round(float(seconds_ago) * 1e6))
        return last if last is not None else Microseconds(self.now - LINE_US // 2)

    # -- what the model says -------------------------------------------------------------------------------------

    def _said(self, event: Event) -> str:
        match event:
            case CallEvent():
                return self._said_of_calls(event)
            case DeviceEvent():
                gone = " removed" if event.removed else ""
                return f"device {event.device.number}{gone}: {event.change.before.name} to {event.change.after.name}"
            case LinkEvent():
                return f"link {event.link.state.name.lower()}"
            case LicenceEvent():
                return f"licence {event.licence.kind}"
            case ConditionEvent(condition=condition):
                return f"{condition.code} {condition.subject}: {'over' if event.over else condition.text}"
            case MismatchEvent():
                return f"mismatch by {event.device or 'nobody'}: {event.text}"

    def _said_of_calls(self, event: CallEvent) -> str:
        words = [event.kind.name.lower(), event.subject or "-"]
        words += [f"> {event.other}"] if event.other else []
        words += [f"({event.cause.text})"] if event.cause is not Cause.NONE else []
        words += [f'"{event.digits}"'] if event.digits else []
        words += [f"for {event.request.session}.{event.request.number}"] if event.request else []
        words += [f"story {loser.number} into {winner.number}" for winner, loser in event.joined]
        words += [f"proven at {event.last_proof_us / 1e6:g}"] if event.last_proof_us is not None else []
        calls = sorted(event.calls, key=lambda call: call.call_id)
        text = " | ".join([" ".join(words), *(f"{call.switch_call_id}: {shown(call)}" for call in calls)])
        if self._with_devices:
            text += " | " + ", ".join(
                sorted(f"{one.device} {one.before.name} to {one.after.name}" for one in event.devices)
            )
        return text


def after(stage: Stage, lines: list[str], calls: dict[str, str]) -> Stage:
    """A stage that was told these lines, and believed them."""
    for line in lines:
        stage.tell(line)
    assert stage.calls == calls
    return stage


def bob_rings() -> Stage:
    """8001 has called 8002, which rings; everybody has told everything."""
    return after(Stage("8001", "8002", "8003"), ALICE_CALLS_BOB, {"1": "8001 connected, 8002 alerting"})


def they_talk() -> Stage:
    """8001 and 8002 talk; everybody has told everything."""
    return after(bob_rings(), BOB_ANSWERS, {"1": "8001 connected, 8002 connected"})


def shown(call: Call) -> str:
    """A call's parties, or that it is over."""
    if call.ended:
        return "ended"
    names = (
        f"{one.device or '?' + one.key}{'@' + one.trunk if one.trunk else ''} {one.state.name.lower()}"
        for one in call.connections
    )
    return ", ".join(names)


def call_report(monitor: str, happening: str, at: str, rest: list[str], now: Microseconds) -> CallReport:
    """A report from its words."""
    said = connection(at)
    words = dict(word.split("=", 1) for word in rest)
    named: dict[str, object] = {"subject": DeviceNumber(said.key) if said.key else None}
    for name, text in words.items():
        match name:
            case "cause":
                named["cause"] = CAUSE_BY_TEXT[text]
            case "local":
                named["local_state"] = ConnectionState[text.upper()]
            case "from":
                named["calling_connection"] = SwitchConnection(said.call, ConnectionKey(text))
            case "digits":
                named["digits"] = text
            case "number_queued" | "calls_in_front":
                named[name] = int(text)
            case "happened":
                named["happened_us"] = Microseconds(round(float(text) * 1e6))
            case "request":
                named["request"] = request(text)
            case _:
                named[name] = device(text)
    watching = None if monitor == "*" else DeviceNumber(monitor)
    return CallReport(Happening[happening.upper()], watching, said, now, **named)  # type: ignore[arg-type]


def transfer(monitor: str | None, kind: str, rest: str, now: Microseconds) -> TransferReport:
    """A transfer's or conference's report from its words."""
    head, _, rows = rest.partition(" list")
    words = head.split()
    old = [connection(word) for word in words if "=" not in word]
    named = dict(word.split("=") for word in words if "=" in word)
    return TransferReport(
        kind == "conferenced",
        None if monitor is None else DeviceNumber(monitor),
        old[0],
        old[1] if len(old) > 1 else None,
        device(named["by"]) if "by" in named else None,
        device(named["to"]) if "to" in named else None,
        tuple(rekeying(row) for row in rows.split()),
        now,
        CAUSE_BY_TEXT[named.get("cause", "")],
    )


def rekeying(text: str) -> Rekeying:
    """``1:8002>3:8002``: what was 8002 in call 1 is 8002 in call 3."""
    old, _, rest = text.partition(">")
    new, equals, name = rest.partition("=")
    named = device(name) if equals else DeviceNumber(connection(new).key)
    return Rekeying(connection(new), connection(old) if old else None, named)


def parties(text: str) -> tuple[PartySnapshot, ...]:
    """``8001 connected, 3=13800@T001 hold``; the key is the trunk, or else the device, unless said."""
    found: list[PartySnapshot] = []
    for one in text.split(", "):
        if one == "nothing":
            continue
        name, state = one.split()
        key, equals, rest = name.partition("=")
        number, _, trunk = (rest if equals else key).partition("@")
        of = ConnectionKey(key if equals else trunk or number)
        found.append(
            PartySnapshot(device(number), of, ConnectionState[state.upper()], device(trunk) if trunk else None)
        )
    return tuple(found)


def connection(text: str) -> SwitchConnection:
    """``7:8001``; the key may be empty."""
    call, _, key = text.partition(":")
    return SwitchConnection(SwitchCallId(call), ConnectionKey(key))


def device(text: str) -> DeviceNumber | None:
    """``-`` is not told, ``?`` is anonymous."""
    return None if text == "-" else DeviceNumber("" if text == "?" else text)


def request(text: str) -> RequestRef:
    """``1.7``: the seventh request of session 1."""
    session, _, number = text.partition(".")
    return RequestRef(int(session), int(number))
