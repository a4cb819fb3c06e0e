"""A line of a daemon's log, read back: when, how bad, whose, what happened, and its keys. Pure.

Reads both forms that ``runtime.log_lines`` writes. Whatever else stands in a log (a traceback, what an interpreter said
when it died) belongs to the line before it or stands for itself; nothing is ever lost for not being understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import click

from runtime.log_lines import escaped, text_line
from runtime.logs import Level

CALL_KEYS: Final = ("call_id", "conversation_id", "switch_call_id")
"""The keys by which ``--call`` finds a line."""

COLOURS: Final = {Level.DEBUG: "bright_black", Level.INFO: "green", Level.WARNING: "yellow", Level.ERROR: "red"}

_TEXT_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\dT\S+) (DEBUG|INFO|WARNING|ERROR) +(\S+) (\S+)(?: (.*))?")
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_WORD: Final = rf'(?:{_QUOTED}|[^\s"=\[\]]+)'
_LIST: Final = rf"\[(?:{_WORD}(?: {_WORD})*)?\](?!\S)"
_PAIR: Final = re.compile(rf"([^\s=]+)=({_QUOTED}|{_LIST}|\S*)")
_CONTINUATION: Final = "    │"


@dataclass(frozen=True, slots=True)
class Record:
    """One log line, with the traceback lines that follow it in text form."""

    line: str
    """As it stands in the file."""
    time: datetime | None = None
    """None for a line of no known form."""
    level: Level = Level.ERROR
    """A line of no known form counts as ERROR: what a log cannot explain must not be filtered away."""
    keys: Mapping[str, Any] = field(default_factory=dict)
    is_json: bool = False

    def concerns_call(self, call: str) -> bool:
        """Whether one of its call keys is this id."""
        return any(str(self.keys.get(key)) == call for key in CALL_KEYS)


def parse_line(line: str) -> Record | None:
    """The record that a line begins; None when it is of no known form."""
    if line.startswith("{"):
        return _json_record(line)
    found = _TEXT_LINE.fullmatch(line)
    if found is None:
        return None
    time = _time(found[1])
    if time is None:
        return None
    keys: dict[str, Any] = {"daemon": found[3], "event": found[4]}
    for name, value in _PAIR.findall(found[5] or ""):
        keys.setdefault(name, _unquoted(value))
    return Record(line, time, Level.named(found[2]), keys)


def is_continuation(line: str) -> bool:
    """Whether a line belongs to the record before it."""
    return line.startswith(_CONTINUATION)


def shown(record: Record, *, coloured: bool) -> str:
    """A record for eyes: JSON becomes text in local time, its level coloured; no control character reaches the
    terminal."""
    line = record.line
    if record.is_json and record.time is not None:
        local = record.time.astimezone().replace(tzinfo=None).isoformat(timespec="microseconds")
        line = text_line({**record.keys, "time": local})
    first, *rest = line.split("\n")
    first = escaped(first)
    if coloured and record.time is not None:
        first = first.replace(record.level.name, click.style(record.level.name, fg=COLOURS[record.level]), 1)
    return "\n".join([first, *map(escaped, rest)])


def as_json(record: Record) -> str:
    """A record as one JSON object, whatever form it had."""
    if record.is_json:
        return record.line
    keys: dict[str, Any] = {}
    if record.time is not None:
        keys = {"time": record.time.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        keys |= {"level": record.level.name.lower(), **record.keys}
    else:
        keys = {"time": None, "level": None, "line": record.line}
    rest = record.line.split("\n")[1:]
    if rest:
        keys["exception"] = "\n".join(one.removeprefix(_CONTINUATION).removeprefix(" ") for one in rest)
    return json.dumps(keys, ensure_ascii=False)


def _json_record(line: str) -> Record | None:
    try:
        keys = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(keys, dict) or not isinstance(keys.get("time"), str):
        return None
    time = _time(keys["time"])
    try:
        level = Level.named(str(keys.get("level")))
    except KeyError:
        return None
    return None if time is None else Record(line, time, level, keys, is_json=True)


def _time(written: str) -> datetime | None:
    """With a zone as JSON lines have it; without one it is the local time of text lines."""
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _unquoted(value: str) -> str:
    if len(value) < 2 or not value.startswith('"'):
        return value
    return re.sub(r'\\(["\\])', r"\1", value[1:-1])
