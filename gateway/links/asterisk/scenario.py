"""Scenarios of the Asterisk link: AMI events as a real Asterisk sent them, and the reports they must give. Pure.

A file reads as a transcript. Lines that begin at the left margin are input: ``#`` a comment, ``at N ms`` the time,
``ports LINES`` further lines of port.cfg, anything else an AMI event and its headers, trimmed to those that matter.
``Status`` and ``BridgeListItem`` are a snapshot's answer, which ``StatusComplete`` ends. Indented lines are what comes
out of it. Uniqueids and bridge ids are shortened (``u52``, ``B1``). Tests keep theirs in ``tests/scenarios/asterisk``.
"""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.effects import Alarm, Effect, SnapshotWanted
from gateway.links.asterisk.normalise import Normaliser
from gateway.portcfg import parse
from model.ids import Microseconds, SwitchConnection
from model.reports import CallReport, CallSnapshot, TransferReport

PORTS = """\
TRUNK T001-T002 group=PSTN endpoint=PJSIP/trunk
EXT 8001-8009
QUEUE 6000 endpoint=Queue/q6000
"""

INDENT = "    "


@dataclass(frozen=True, slots=True)
class WholeSwitch:
    """What a snapshot made of the switch."""

    calls: tuple[CallSnapshot, ...]
    asked_us: Microseconds


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a scenario gave: the transcript as it should stand in the file, and the effects."""

    text: str
    effects: tuple[Effect | WholeSwitch, ...]
    normaliser: Normaliser


def transcript_of(scenario: Iterable[str]) -> Transcript:
    """Run the input of a scenario's lines through a normaliser that has seen a snapshot of an idle switch."""
    lines = list(scenario)
    ports = PORTS + "".join(line.removeprefix("ports ") + "\n" for line in lines if line.startswith("ports "))
    normaliser = Normaliser(parse(ports.encode()).ports)
    normaliser.arm()
    now_us = Microseconds(0)
    answers: list[Event] = []
    transcript: list[str] = []
    effects: list[Effect | WholeSwitch] = []

    def take(new: list[Effect]) -> None:
        effects.extend(new)
        transcript.extend(INDENT + describe(effect) for effect in new)

    for line in lines:
        if line.startswith(INDENT):
            continue
        if line.startswith("at "):
            now_us = Microseconds(int(line.split()[1]) * 1000)
            for due_us in _due(normaliser, now_us):
                take(normaliser.tick(due_us))
            transcript.append(line)
        elif not line or line.startswith(("#", "ports ")):
            transcript.append(line)
        elif line.startswith(("Status ", "BridgeListItem ")):
            transcript.append(line)
            answers.append(read_event(line))
        elif line == "StatusComplete":
            transcript.append(line)
            statuses = [answer for answer in answers if answer.name == "Status"]
            bridges = [answer for answer in answers if answer.name == "BridgeListItem"]
            answers = []
            calls = normaliser.adopt(statuses, bridges, now_us, now_us)
            transcript += [INDENT + describe(call) for call in calls]
            effects.append(WholeSwitch(tuple(calls), now_us))
        else:
            transcript.append(line)
            take(normaliser.receive(read_event(line), now_us))
    return Transcript("\n".join(transcript) + "\n", tuple(effects), normaliser)


def _due(normaliser: Normaliser, until_us: Microseconds) -> Iterator[Microseconds]:
    while (due_us := normaliser.due_us) is not None and due_us <= until_us:
        yield due_us


def read_event(line: str) -> Event:
    """An event line: its name, then ``Header=value`` words, quoted where the value has blanks."""
    name, *words = shlex.split(line)
    return Event(name, dict(word.split("=", 1) for word in words))


def write_event(event: Event, headers: Iterable[str]) -> str:
    """The line that ``read_event`` reads, with those of an event's headers that have a value."""
    words = [f"{name}={shlex.quote(event.fields[name])}" for name in headers if event.value(name)]
    return " ".join([event.name, *words])


def describe(effect: Effect) -> str:
    """An effect as one line of a transcript."""
    if isinstance(effect, CallReport):
        return _describe_report(effect)
    if isinstance(effect, TransferReport):
        kind = "CONFERENCED" if effect.is_conference else "TRANSFERRED"
        rows = ", ".join(f"{row.device} {_at(row.old)} -> {_at(row.new)}" for row in effect.connections)
        old = " and ".join(_at(one) for one in (effect.primary_old, effect.secondary_old) if one is not None)
        return f"{kind} by {effect.acting} to {effect.target}, {effect.cause.text}; {old} become [{rows}]"
    if isinstance(effect, CallSnapshot):
        parties = ", ".join(f"{party.device} ({party.key}) {party.state.name.lower()}" for party in effect.parties)
        return f"CALL {effect.call} from={effect.calling} to={effect.called}: {parties or 'gone'}"
    if isinstance(effect, Alarm):
        return f"ALARM {effect.code}: {effect.text}"
    if isinstance(effect, SnapshotWanted):
        return "SNAPSHOT WANTED"
    return repr(effect)


def _describe_report(report: CallReport) -> str:
    extras = {
        "from": report.calling,
        "by": report.calling_trunk,
        "to": report.called,
        "redirected": report.last_redirection,
        "other": report.other,
        "queued": report.number_queued,
        "in_front": report.calls_in_front,
    }
    told = " ".join(f"{name}={value}" for name, value in extras.items() if value is not None)
    subject = "?" if report.subject is None else report.subject or "anonymous"
    return f"{report.happening.name} {subject} {_at(report.connection)} {report.cause.text} {told}"


def _at(connection: SwitchConnection | None) -> str:
    return "none" if connection is None else f"({connection.call}: {connection.key})"
