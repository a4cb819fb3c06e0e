"""Characters that have no place in port.cfg: bytes of no encoding, NULs, control and invisible characters.

They are looked for before the line is understood, because a terminal does not show them: the operator sees a line
that looks right. Must not know words, kinds or keys.
"""

from __future__ import annotations

import unicodedata

from gateway.portcfg_encoding import DecodedLine
from gateway.portcfg_problems import PortCode, SourceLine
from runtime.problems import Problem
from runtime.texts import Text, text

REPLACEMENT = "\ufffd"
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how some scripts and symbols are written; harmless in a name."""

_KNOWN_TO_OPERATORS = {
    "\x1a": text("Ctrl-Z, the end mark of DOS"),
    "\x0c": text("form feed"),
    "\x1b": text("escape"),
    "\u200b": text("zero-width space"),
    "\ufeff": text("byte order mark, left by joining files"),
}


def is_bad_character(character: str) -> bool:
    """Whether a decoded character may not stand in the file."""
    if character.isprintable():
        return character == REPLACEMENT
    if character == "\t" or character in _JOINERS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def character_problems(source: SourceLine, decoded: DecodedLine) -> list[Problem]:
    """What is wrong with the characters of one line, one problem a sort: the first of each names its place."""
    problems = []
    if decoded.undecodable is not None:
        problems.append(_undecodable(source, decoded))
    if source.text.isascii() and source.text.isprintable():
        return problems
    seen = {
        character: index for index, character in reversed(list(enumerate(source.text))) if is_bad_character(character)
    }
    if decoded.undecodable is not None:
        seen.pop(REPLACEMENT, None)
    for character, index in seen.items():
        problems.append(_nul(source, index) if character == "\0" else _invisible(source, index, character))
    return problems


def _undecodable(source: SourceLine, decoded: DecodedLine) -> Problem:
    bad = decoded.undecodable
    assert bad is not None
    return source.problem(
        PortCode.UNDECODABLE,
        text(
            "byte 0x{value} at offset {offset} is neither UTF-8 nor GB18030",
            value=f"{bad.value:02X}",
            offset=bad.offset,
        ),
        column=bad.column,
        expected=text("the file saved as UTF-8 throughout"),
    )


def _nul(source: SourceLine, index: int) -> Problem:
    return source.problem(
        PortCode.NOT_TEXT,
        text("a NUL byte: the file is damaged or no text"),
        column=index + 1,
        expected=text("the file saved as UTF-8"),
    )


def _invisible(source: SourceLine, index: int, character: str) -> Problem:
    point = f"U+{ord(character):04X}"
    known = _KNOWN_TO_OPERATORS.get(character)
    name: Text | str = point if known is None else text("{point}, {name}", point=point, name=known)
    return source.problem(
        PortCode.CONTROL_CHARACTER,
        text("a control or invisible character ({name})", name=name),
        column=index + 1,
        expected=text("nothing there: delete it, or type the line anew"),
    )
