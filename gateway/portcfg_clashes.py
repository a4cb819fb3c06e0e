"""What a line of port.cfg has in common with an earlier one and may not: numbers, devices, endpoints.

A range that overlaps another clashes a hundred times; the operator is told once for each earlier line, with the first
number and how many there are. Must not decide what a clash is: `portcfg` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.portcfg_lexer import Word
from gateway.portcfg_line import PortLine
from gateway.portcfg_problems import PortCode
from runtime.problems import Problem
from runtime.texts import Text, counted, text


@dataclass(frozen=True, slots=True)
class _Clash:
    """The first clash of a sort with one earlier line; `others` of the same follow it."""

    value: str
    number: str
    first_number: str
    others: int = 0


@dataclass(slots=True)
class Clashes:
    """The clashes of one line, gathered while its numbers are gone through."""

    line: PortLine
    number_word: Word
    _found: dict[tuple[PortCode, int], _Clash] = field(default_factory=dict)

    def add(self, code: PortCode, value: str, number: str, first_number: str, first_line: int) -> None:
        """`number` of this line has a `value` that `first_number` of `first_line` has already."""
        held = self._found.get((code, first_line))
        if held is None:
            self._found[code, first_line] = _Clash(value, number, first_number)
        else:
            self._found[code, first_line] = _Clash(held.value, held.number, held.first_number, held.others + 1)

    def problems(self) -> list[Problem]:
        """One problem for each sort of clash and earlier line."""
        return [self._problem(code, first_line, clash) for (code, first_line), clash in self._found.items()]

    def _problem(self, code: PortCode, first_line: int, clash: _Clash) -> Problem:
        key = {PortCode.SAME_DEVICE: "device", PortCode.SAME_ENDPOINT: "endpoint"}.get(code, "")
        word = self.line.settings.get(key, self.number_word)
        message, expected = self._words(code, first_line, clash)
        return self.line.source.problem(code, message, column=word.column, width=word.width, expected=expected)

    def _words(self, code: PortCode, first_line: int, clash: _Clash) -> tuple[Text, Text]:
        if code is PortCode.DUPLICATE_NUMBER:
            named = text("{number} is named in line {line} already", number=clash.number, line=first_line)
            return _and_others(named, clash.others), text("each number once in the file")
        same = text("the device") if code is PortCode.SAME_DEVICE else text("the endpoint")
        if first_line == self.line.source.number:
            whole = text("{what} {value} is the same for every number of the range", what=same, value=clash.value)
            return whole, text("{{number}} in it, which stands for each number of the line")
        named = text(
            "{number} has {what} {value} of {other} in line {line}",
            number=clash.number, what=same, value=clash.value, other=clash.first_number, line=first_line,
        )  # fmt: skip
        if code is PortCode.SAME_DEVICE:
            return _and_others(named, clash.others), text("a device of its own for each port")
        return _and_others(named, clash.others), text("an endpoint of its own; only trunks may share one")


def _and_others(first: Text, others: int) -> Text:
    if not others:
        return first
    return counted("{first} (and {count} more)", "{first} (and {count} more)", others, first=first)
