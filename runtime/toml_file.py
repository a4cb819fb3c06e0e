"""A TOML file that an operator wrote, read whole, with the place of every key: the ground for every later complaint.

It never shows a value that may be a secret: complaints go into logs and support cases. Must not know which keys there
should be; that is `config`, who also says which of them are public.
"""

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from runtime.problems import Problem, Severity, why_unreadable
from runtime.texts import Text, text
from runtime.toml_places import Key, Place, key_places, nearest_key
from runtime.toml_text import NoToml, document_of

BOM = "\ufeff"
"""Windows editors put it in front; it stands for nothing."""


_HEADER = re.compile(r"\s*\[[\w.\-\s\[\]]*")
_ONE_KEY = re.compile(r"\s*(?:[\w\-]+\.)*([\w\-]+)\s*=[^=]*")
"""Lines of a file that is no TOML, by their look: a table's header, and one key with its value."""


class ConfigCode(Enum):
    """What can be wrong with a configuration file, each an error: (code, meaning). A code is API: its meaning stays."""

    UNREADABLE = ("C001", text("the file cannot be read"))
    UNDECODABLE = ("C002", text("the file is not UTF-8"))
    SYNTAX = ("C003", text("the file is not written as TOML must be"))
    UNKNOWN_KEY = ("C004", text("there is no such key"))
    MISSING_KEY = ("C005", text("a key is missing"))
    BAD_VALUE = ("C006", text("a value is not of the kind or in the range that its key needs"))

    def __init__(self, code: str, meaning: Text) -> None:
        self.code = code
        self.meaning = meaning


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file that is valid TOML. `name` is its path as the operator gave it; `public` are the keys, in whatever table,
    whose values may be shown."""

    name: str
    lines: tuple[str, ...]
    document: dict[str, Any]
    places: dict[Key, Place]
    public: frozenset[str] = frozenset()

    def may_show(self, key: Key) -> bool:
        """Whether everything that stands at `key`, which is in the file, is public: a table's keys included."""
        held: Any = self.document
        for part in key:
            held = held[part]
        return self._is_public(next((part for part in reversed(key) if isinstance(part, str)), ""), held)

    def _is_public(self, name: str, held: Any) -> bool:
        if isinstance(held, dict):
            return all(self._is_public(inner, value) for inner, value in held.items())
        if isinstance(held, list):
            return all(self._is_public(name, value) for value in held)
        return name in self.public

    def problem(
        self,
        code: str,
        key: Key,
        message: Text,
        *,
        expected: Text | None = None,
        severity: Severity = Severity.ERROR,
        at_value: bool = True,
    ) -> Problem:
        """A problem at the value of `key`, or at the key itself; at the table around it when the key is not there. Its
        line ends before a value that is not public."""
        statement = nearest_key(self.places, key)
        if statement is None:
            return Problem(code, severity, self.name, message, expected=expected)
        place = self.places[statement]
        line, column, width = self.lines[place.line - 1], place.column, place.width
        if place.value_column is not None:
            if at_value:
                column, width = place.value_column, place.value_width
            if not self.may_show(statement):
                line = f"{line[: place.value_column - 1]}…"
                width = min(width, len(line) - column + 1)
        return Problem(
            code=code,
            severity=severity,
            file=self.name,
            message=message,
            line=place.line,
            column=column,
            source_line=line,
            width=width,
            expected=expected,
        )


def read_toml(path: Path, public: frozenset[str] = frozenset()) -> TomlFile | tuple[Problem, ...]:
    """The file, or the one problem that keeps it from being read; raises nothing for what is on the disk. `public` is
    that of `TomlFile`."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = text("the file cannot be read: {reason}", reason=why_unreadable(error))
        return (Problem(ConfigCode.UNREADABLE.code, Severity.ERROR, name, message),)
    try:
        source = raw.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        return (_undecodable(name, raw, error.start),)
    # The grammar knows LF and CR LF; so does `splitlines`, but it also knows others, which are text here.
    lines = tuple(line.removesuffix("\r") for line in source.split("\n"))
    document = document_of(source)
    if isinstance(document, NoToml):
        return (_syntax(name, lines, document, public),)
    return TomlFile(name, lines, document, key_places(source), public)


def _undecodable(name: str, raw: bytes, offset: int) -> Problem:
    line = raw.count(b"\n", 0, offset) + 1
    return Problem(
        ConfigCode.UNDECODABLE.code,
        Severity.ERROR,
        name,
        text("byte {byte} at offset {offset} is not UTF-8", byte=f"0x{raw[offset]:02X}", offset=offset),
        line=line,
        expected=text("a file saved as UTF-8"),
    )


def _syntax(name: str, lines: tuple[str, ...], why: NoToml, public: frozenset[str]) -> Problem:
    line = None if why.line is None else min(why.line, len(lines))
    shown = None if line is None or not _is_harmless(lines[line - 1], public) else lines[line - 1]
    return Problem(
        ConfigCode.SYNTAX.code,
        Severity.ERROR,
        name,
        text("not valid TOML: {detail}", detail=why.detail),
        line=line,
        column=why.column,
        source_line=shown,
        expected=text('[table] or key = value, text in "quotes"'),
    )


def _is_harmless(line: str, public: frozenset[str]) -> bool:
    """Whether a line that no parser understands holds no secret, as far as its look tells."""
    assigned = _ONE_KEY.fullmatch(line)
    return assigned[1] in public if assigned else not line.strip() or bool(_HEADER.fullmatch(line))
