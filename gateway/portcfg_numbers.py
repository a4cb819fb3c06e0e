"""The numbers that a line of port.cfg stands for: `8001`, `T001-T030`.

    numbers = number | number "-" number
    number  = { letter | "+" | "*" | "#" } digit { digit }

Letters stand before the digits only, so that the letter O typed for a zero is seen. Must not know lines and columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.portcfg_problems import PortCode
from runtime.texts import Text, text, verbatim

RANGE_PORTS_MAX = 10_000
"""Ports of one range: more than any switch has in one number block; a larger one is a digit too many."""

NUMBER_CHARS_MAX = 32
"""E.164 allows 15 digits; prefixes and the switch's own trunk names need a little more."""

_NUMBER = re.compile(r"([A-Za-z+*#]*)([0-9]+)")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers with a common prefix and length, `first` to `last` inclusive; `digits` keeps leading zeros."""

    prefix: str
    first: int
    last: int
    digits: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[str]:
        return (f"{self.prefix}{number:0{self.digits}d}" for number in range(self.first, self.last + 1))

    def __str__(self) -> str:
        ends = [f"{self.prefix}{number:0{self.digits}d}" for number in (self.first, self.last)]
        return ends[0] if self.first == self.last else "-".join(ends)


@dataclass(frozen=True, slots=True)
class BadNumbers:
    """Why a word stands for no numbers."""

    code: PortCode
    message: Text
    expected: Text


def read_numbers(word: str) -> NumberRange | BadNumbers:
    """The numbers of a word, or what is wrong with it."""
    first, dash, last = word.partition("-")
    low = _NUMBER.fullmatch(first)
    high = _NUMBER.fullmatch(last) if dash else low
    if low is None or high is None or max(len(first), len(last)) > NUMBER_CHARS_MAX:
        return BadNumbers(
            PortCode.BAD_NUMBER,
            text('"{word}" is no number and no range', word=word),
            text(
                "digits, letters only before them, at most {limit} characters: 8001, T001, 8002-8099",
                limit=NUMBER_CHARS_MAX,
            ),
        )
    if low[1] != high[1] or len(low[2]) != len(high[2]):
        return BadNumbers(
            PortCode.UNEQUAL_RANGE,
            text('the ends of the range "{word}" differ in prefix or in length', word=word),
            _equal_ends(low[1], low[2], high[1], high[2]),
        )
    return _sized(word, NumberRange(low[1], int(low[2]), int(high[2]), len(low[2])))


def _sized(word: str, numbers: NumberRange) -> NumberRange | BadNumbers:
    if numbers.first > numbers.last:
        turned = NumberRange(numbers.prefix, numbers.last, numbers.first, numbers.digits)
        return BadNumbers(
            PortCode.REVERSED_RANGE,
            text('the range "{word}" ends before it begins', word=word),
            verbatim(str(turned)),
        )
    if numbers.last - numbers.first >= RANGE_PORTS_MAX:
        return BadNumbers(
            PortCode.OVERSIZED_RANGE,
            text('the range "{word}" has {count} ports', word=word, count=numbers.last - numbers.first + 1),
            text("at most {limit} ports in a range", limit=RANGE_PORTS_MAX),
        )
    return numbers


def _equal_ends(prefix: str, low: str, other_prefix: str, high: str) -> Text:
    """What the operator most likely meant: `T001-030` and `8002-99` are how such ranges are said aloud."""
    if other_prefix in {"", prefix} and len(high) <= len(low):
        meant = f"{prefix}{low}-{prefix}{low[: len(low) - len(high)]}{high}"
        return text("{range}, both ends written out", range=meant)
    return text("the same prefix and the same number of digits at both ends; otherwise one line for each length")
