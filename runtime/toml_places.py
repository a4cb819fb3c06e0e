"""Where each key of a TOML file stands: what a parser forgets and an operator needs; pure.

Reads only text that `tomli` has accepted already, so it follows the grammar (TOML 1.0) without checking it. Must not
know what the keys mean.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import tomli

Key = tuple[str | int, ...]
"""From the root: names of tables and keys, and numbers from 0 for the elements of `[[arrays]]`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Of one key or table header. `line` and the columns count from 1, in characters."""

    line: int
    column: int
    width: int
    value_column: int | None = None
    """None for a table header."""
    value_width: int = 1
    """Of the part of the value that stands in the key's own line."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_TOKENS = re.compile(
    r'''
    (?P<text>"""(?:\\.|(?!""").)*"{3,5} | \'\'\'(?:(?!\'\'\').)*\'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
  | (?P<comment>\#[^\n]*)
  | (?P<newline>\n)
  | (?P<space>[\ \t\r]+)
  | (?P<mark>[\[\]{}=,])
  | (?P<bare>[^\s\[\]{}=,\#"']+)
    ''',
    re.VERBOSE | re.DOTALL,
)


def key_places(source: str) -> dict[Key, Place]:
    """The place of every key and table header. A table that is opened by its keys only (`a.b = 1`) has none of its own,
    neither have the elements of a value."""
    places: dict[Key, Place] = {}
    lines = _Lines(source)
    array_lengths: dict[Key, int] = {}
    table: Key = ()
    for statement in _statements(source):
        first = statement[0]
        if first.text == "[":
            is_array = len(statement) > 1 and statement[1].text == "["
            table = _opened(_names(statement), is_array, array_lengths)
            places.setdefault(table, lines.place(first.start, statement[-1].end))
            continue
        equals = next(index for index, token in enumerate(statement) if token.text == "=")
        key, value = statement[:equals], statement[equals + 1 :]
        places[table + _names(key)] = lines.place(
            key[0].start, key[-1].end, value_start=value[0].start, value_end=value[-1].end
        )
    return places


def nearest_key(places: dict[Key, Place], key: Key) -> Key | None:
    """`key`, or the closest table around it, that has a place."""
    return next((key[:length] for length in range(len(key), 0, -1) if key[:length] in places), None)


def _statements(source: str) -> Iterator[list[_Token]]:
    """A table header or a key with its value, as tokens without spaces, comments and line ends."""
    statement: list[_Token] = []
    depth = 0
    for match in _TOKENS.finditer(source):
        token = _Token(cast(str, match.lastgroup), match.group(), match.start())
        if token.kind == "newline" and depth == 0 and statement:
            yield statement
            statement = []
        if token.kind in ("space", "comment", "newline"):
            continue
        statement.append(token)
        if token.kind == "mark":
            depth += (token.text in "[{") - (token.text in "]}")
    if statement:
        yield statement


def _names(tokens: list[_Token]) -> tuple[str, ...]:
    """The names of a dotted key, quotes and escapes resolved."""
    names: list[str] = []
    for token in tokens:
        if token.kind == "text":
            names.append(cast(str, tomli.loads(f"name = {token.text}")["name"]))
        elif token.kind == "bare":
            names += [name for name in token.text.split(".") if name]
    return tuple(names)


def _opened(names: tuple[str, ...], is_array: bool, array_lengths: dict[Key, int]) -> Key:
    """The full path of the table that a header opens; a name of an array on the way means its last element."""
    path: Key = ()
    for position, name in enumerate(names):
        path += (name,)
        if is_array and position == len(names) - 1:
            array_lengths[path] = array_lengths.get(path, 0) + 1
        if path in array_lengths:
            path += (array_lengths[path] - 1,)
    return path


class _Lines:
    """Where the lines of a text begin: found once, for a file of ten thousand users has as many places and more."""

    def __init__(self, source: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", source)), len(source) + 1]

    def place(self, start: int, end: int, *, value_start: int | None = None, value_end: int = 0) -> Place:
        """Of what stands from one offset to another, as far as its first line goes."""
        line = bisect_right(self._starts, start)
        line_start, line_end = self._starts[line - 1], self._starts[line] - 1
        return Place(
            line=line,
            column=start - line_start + 1,
            width=max(1, min(end, line_end) - start),
            value_column=None if value_start is None else value_start - line_start + 1,
            value_width=1 if value_start is None else max(1, min(value_end, line_end) - value_start),
        )
