"""A scenario of the Asterisk link from a capture: its AMI events, trimmed to what is looked at, and what they give.

Pure. It begins where the switch was idle, or where a snapshot told what there was; what came before is left out. Of
each event those headers are kept that the normaliser reads. Ids are shortened as in the scenarios made by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from string import ascii_letters
from typing import Any

from gateway.capture.header import Header
from gateway.capture.player import Player
from gateway.capture.step import Step
from gateway.config import Interface
from gateway.doors import Door
from gateway.links.asterisk.ami import AmiParser, Event
from gateway.links.asterisk.link import AsteriskLink
from gateway.links.asterisk.normalise import CALL_EVENTS, Normaliser
from gateway.links.asterisk.scenario import PORTS, transcript_of, write_event
from gateway.links.asterisk.session import WANTED
from gateway.portcfg import Port, PortKind, parse, write
from model.ids import Microseconds

SETTLED_MS = 5_000
"""After the last event: by then nothing waits to be decided."""

_LISTED = ("Status", "BridgeListItem")
_UNIQUEID = re.compile(r"\b\d{9,10}\.(\d+)\b")
_BRIDGE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_OWN = re.compile(r"\bultra-[0-9a-f]{16}-(call-\d+)\b")


class _Watched(dict[str, str]):
    """An event's headers; ``read`` are those that somebody looked at."""

    def __init__(self, fields: Any) -> None:
        super().__init__(fields)
        self.read: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.read[name] = None
        return super().get(name, default)


def writer_for(player: Player) -> ScenarioWriter | None:
    """A writer that begins where a player is now; None for another link than Asterisk's."""
    header, link = player.header, player.works.owner.link
    if header is None or header.interface != Interface.ASTERISK:
        return None
    ports = tuple(player.works.roster.ports())
    if not isinstance(link, AsteriskLink):
        return ScenarioWriter(header, ports, False, AmiParser(WANTED))
    board, session = link.normaliser.board, link.session
    is_idle = not board.channels and board.all_known_from_us is not None
    return ScenarioWriter(header, ports, is_idle, AmiParser(WANTED) if session is None else deepcopy(session.parser))


@dataclass(slots=True)
class ScenarioWriter:
    """Gathers a scenario: ``take`` for each step, ``lines`` at the end.

    ``is_idle`` says that the switch had no channels when the capture began, and that the link knew it.
    """

    header: Header
    ports: tuple[Port, ...]
    is_idle: bool
    parser: AmiParser
    _events: list[tuple[int, Event]] = field(default_factory=list)
    _listed: list[Event] = field(default_factory=list)
    _bridges: dict[str, str] = field(default_factory=dict)
    _first_us: int = 0

    def take(self, step: Step) -> None:
        """What came in by one step."""
        if step.door is Door.SESSION:
            self.parser = AmiParser(WANTED)
            self.is_idle = False  # channels may have begun unheard
        elif step.door is Door.RECEIVED:
            self._received(step.brought, step.wall_us)

    def _received(self, chunk: bytes, wall_us: int) -> None:
        for block in self.parser.receive(chunk):
            if not isinstance(block, Event):
                continue
            event = Event(block.name, _Watched(block.fields))
            if event.name in _LISTED:
                self._listed.append(event)
            elif event.name == "StatusComplete":
                self._whole_switch(event, wall_us)
            elif event.name in CALL_EVENTS and self.is_idle:
                self._events.append((wall_us, event))

    @property
    def lines(self) -> list[str]:
        """The scenario's lines, with what comes out of each; empty when nothing can be told from the capture."""
        if not self._events:
            return []
        self._watch()
        lines: list[str] = []
        began_us, told_ms = self._events[0][0], -1
        for wall_us, event in self._events:
            if (now_ms := (wall_us - began_us) // 1_000) != told_ms:
                lines.append(f"at {now_ms} ms")
                told_ms = now_ms
            lines.append(self._shortened(_written(event)))
        title = f"# From part {self.header.part} of a capture that {self.header.software} made, {self.header.began}."
        whole = [title, "", *self._port_lines("\n".join(lines)), *lines, f"at {told_ms + SETTLED_MS} ms"]
        return transcript_of(whole).text.splitlines()

    def _whole_switch(self, complete: Event, wall_us: int) -> None:
        """The answer to a snapshot: what it lists is told once, when it is news."""
        listed, self._listed = self._listed, []
        if not self.is_idle:
            self.is_idle = True
            if listed:
                self._events += [(wall_us, event) for event in (*listed, complete)]

    def _watch(self) -> None:
        """Let a normaliser look at the events: what it reads of them matters."""
        normaliser = Normaliser(self.ports)
        normaliser.arm()
        answers: list[Event] = []
        for wall_us, event in self._events:
            now_us = Microseconds(wall_us)
            if event.name in _LISTED:
                answers.append(event)
            elif event.name == "StatusComplete":
                statuses = [one for one in answers if one.name == "Status"]
                bridges = [one for one in answers if one.name == "BridgeListItem"]
                normaliser.adopt(statuses, bridges, now_us, now_us)
                answers = []
            else:
                normaliser.tick(now_us)
                normaliser.receive(event, now_us)

    def _port_lines(self, events: str) -> Iterator[str]:
        """One line for each port that is named by the events, and that not every scenario has."""
        known = {(port.number, port.kind, port.endpoint) for port in parse(PORTS.encode()).ports}
        named = [
            port
            for port in self.ports
            if (port.number, port.kind, port.endpoint) not in known
            and (port.endpoint in events or re.search(rf"\b{re.escape(port.number)}\b", events))
        ]
        while named:
            first, *named = named
            last = first
            while named and _follows(named[0], last):
                last, *named = named
            line = write([replace(first, name="", group="")]).decode().strip()
            yield "ports " + (line if last is first else line.replace(first.number, f"{first.number}-{last.number}", 1))

    def _shortened(self, line: str) -> str:
        line = _OWN.sub(lambda found: found[1], _UNIQUEID.sub(lambda found: f"u{found[1]}", line))
        return _BRIDGE.sub(lambda found: self._bridges.setdefault(found[0], f"B{len(self._bridges) + 1}"), line)


def _follows(port: Port, last: Port) -> bool:
    """Whether a port is the next of a range of trunks, which all share one endpoint."""
    digits = last.number.lstrip(ascii_letters)
    successor = f"{last.number.removesuffix(digits)}{int(digits) + 1:0{len(digits)}}" if digits.isdecimal() else ""
    return (port.kind, port.endpoint, port.number) == (PortKind.TRUNK, last.endpoint, successor)


def _written(event: Event) -> str:
    read = event.fields.read if isinstance(event.fields, _Watched) else dict.fromkeys(event.fields)
    return write_event(event, [name for name in event.fields if name in read])
