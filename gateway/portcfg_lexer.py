"""From a line of port.cfg to its words: quotes, comments, `key=value`, and what a Chinese input method puts in their
place.

    line    = [ word { space word } ] [ space ] [ comment ]
    word    = bare | key "=" value
    value   = bare | '"' { character | '""' } '"'
    comment = ( "#" | ";" ) …            at the line's start or after a space, outside quotes

Full-width forms (＝ “ ” － ＃ U+3000) are read as the plain character that was meant and reported, so that one wrong
key of the input method does not hide what else is wrong in the line. Must not know kinds, numbers or known keys.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from gateway.portcfg_problems import PortCode, SourceLine
from runtime.problems import Problem
from runtime.texts import Text, text

PLAIN_SPACES = " \t"
KEYLESS_WORDS = 2
"""The kind and the number: a `=` that stands off from one of them does not make it a key."""

COMMENT_MARKS = "#;"
_WIDE_COMMENT_MARKS = "＃；"
_WIDE_QUOTES = "“”„＂"
_ANY_SPACE = " \\t\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000"
_SPACES = re.compile(f"[{_ANY_SPACE}]*")
_UP_TO_SPACE = re.compile(f"[^{_ANY_SPACE}]*")
_UP_TO_EQUALS = re.compile(f"[^=＝{_ANY_SPACE}]*")
_VALUE_STANDS_OFF = re.compile(f'[^=＝#;{_ANY_SPACE}][^=＝{_ANY_SPACE}]*(?:[{_ANY_SPACE}]|$)|["{_WIDE_QUOTES}]')
_TO_QUOTE = re.compile(r'((?:[^"]|"")*)("?)')
_TO_WIDE_QUOTE = re.compile(f'((?:[^"{_WIDE_QUOTES}]|"")*)(["{_WIDE_QUOTES}]?)')
_DASHES = "‐‑‒–—―−－～〜"
_MEANT = {
    **dict.fromkeys(_WIDE_QUOTES, '"'),
    **dict.fromkeys(_DASHES, "-"),
    "。": ".",
    "＃": "#",
    "；": ";",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters and where it begins (column from 1); `text` is what was meant, `width` what it takes in the
    line."""

    text: str
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A `key=value`; the value without its quotes, its width with them."""

    key: Word
    value: Word


@dataclass(frozen=True, slots=True)
class LexedLine:
    """The words of a line: bare ones and settings in their order, and what was wrong with them."""

    words: tuple[Word | Setting, ...]
    problems: tuple[Problem, ...]


def lex(line: SourceLine) -> LexedLine:
    """Split one line; an empty one or one that is all comment has no words."""
    lexer = _Lexer(line)
    lexer.run()
    lexer.report_wide()
    return LexedLine(tuple(lexer.words), tuple(lexer.problems))


@dataclass(slots=True)
class _Lexer:
    line: SourceLine
    position: int = 0
    words: list[Word | Setting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    wide: list[int] = field(default_factory=list)

    def run(self) -> None:
        source = self.line.text
        while True:
            self._skip_spaces()
            if self.position == len(source) or source[self.position] in COMMENT_MARKS:
                return
            if source[self.position] in _WIDE_COMMENT_MARKS:
                self._wide(self.position)
                return
            self._word()

    def _skip_spaces(self) -> None:
        source, start = self.line.text, self.position
        self.position = _match_end(_SPACES, source, start)
        for index in range(start, self.position):
            if source[index] not in PLAIN_SPACES:
                self._wide(index)

    def _word(self) -> None:
        source, start = self.line.text, self.position
        end = _match_end(_UP_TO_EQUALS, source, start)
        word = self._plain(start, end)
        equals = end
        if len(self.words) >= KEYLESS_WORDS:
            equals = _match_end(_SPACES, source, end)
        if source[equals : equals + 1] not in {"=", "＝"}:
            self.words.append(word)
            self.position = end
            return
        if source[equals] == "＝":
            self._wide(equals)
        self.position = equals + 1
        self.words.append(Setting(word, self._value_after_equals(end, equals)))

    def _value_after_equals(self, key_end: int, equals: int) -> Word:
        """The value; one that stands off from its `=` is taken as meant and reported, or three words would be wrong."""
        source = self.line.text
        value_start = _match_end(_SPACES, source, self.position)
        stands_off = _VALUE_STANDS_OFF.match(source, value_start) is not None
        if key_end < equals or (value_start > self.position and stands_off):
            self._problem(
                PortCode.BAD_SETTING, equals, 1,
                text('spaces around the "="'),
                text("key=value without spaces around the ="),
            )  # fmt: skip
        if stands_off:
            self.position = value_start
        return self._value()

    def _value(self) -> Word:
        source, start = self.line.text, self.position
        if source[start : start + 1] == '"' or (start < len(source) and source[start] in _WIDE_QUOTES):
            return self._quoted()
        self.position = _match_end(_UP_TO_SPACE, source, start)
        value = source[start : self.position]
        if '"' in value:
            self._problem(
                PortCode.BAD_QUOTE, start + value.index('"'), 1,
                text("a quote in the middle of a value"),
                text('the whole value in quotes, like name="Front desk"'),
            )  # fmt: skip
        return Word(value, start + 1, len(value))

    def _quoted(self) -> Word:
        source, start = self.line.text, self.position
        plain = source[start] == '"'
        if not plain:
            self._wide(start)
        match = (_TO_QUOTE if plain else _TO_WIDE_QUOTE).match(source, start + 1)
        assert match is not None  # both patterns also match nothing
        self.position = match.end()
        value = Word(match[1].replace('""', '"'), start + 1, match.end() - start)
        if not match[2]:
            self._problem(
                PortCode.BAD_QUOTE, start, 1,
                text("this quote is never closed"),
                text('a closing " before the line ends'),
            )  # fmt: skip
        else:
            if match[2] != '"':
                self._wide(match.start(2))
            self._after_quote()
        return value

    def _after_quote(self) -> None:
        start = self.position
        self.position = _match_end(_UP_TO_SPACE, self.line.text, start)
        if self.position > start:
            self._problem(
                PortCode.BAD_QUOTE, start, self.position - start,
                text("text directly after a closing quote"),
                text("a space there; or a quote further left is missing"),
            )  # fmt: skip

    def _plain(self, start: int, end: int) -> Word:
        """A word outside values: ASCII is all that it can hold, so each full-width character is one mistyped."""
        source = self.line.text[start:end]
        if source.isascii():
            return Word(source, start + 1, len(source))
        meant = ""
        for index, character in enumerate(source):
            plain = plain_form(character)
            if plain is not None:
                self._wide(start + index)
            meant += character if plain is None else plain
        return Word(meant, start + 1, end - start)

    def _wide(self, index: int) -> None:
        self.wide.append(index)

    def report_wide(self) -> None:
        """One problem for each run of full-width or typographic characters: a line of them would fill the screen."""
        wide = frozenset(self.wide)
        starts = [index for index in self.wide if index - 1 not in wide]
        ends = [index + 1 for index in self.wide if index + 1 not in wide]
        for start, end in zip(starts, ends, strict=True):
            found = self.line.text[start:end]
            meant = "".join(plain_form(character) or ('"' if character in _WIDE_QUOTES else " ") for character in found)
            if meant.isspace():
                message = text("a full-width or non-breaking space ({point})", point=_point(found[0]))
                expected = text("a plain space, typed with the input method off")
            elif len(found) == 1:
                message = text('"{found}" ({point}) is no plain character', found=found, point=_point(found))
                expected = text("{meant}  typed with the input method off", meant=meant)
            else:
                message = text('"{found}" are no plain characters', found=found)
                expected = text("{meant}  typed with the input method off", meant=meant)
            self._problem(PortCode.FULL_WIDTH, start, end - start, message, expected)

    def _problem(self, code: PortCode, index: int, width: int, message: Text, expected: Text) -> None:
        self.problems.append(self.line.problem(code, message, column=index + 1, width=width, expected=expected))


def is_space(character: str) -> bool:
    """White space as the eye sees it (Unicode Zs, and tab); only blank and tab are allowed, the others are reported."""
    return character in PLAIN_SPACES or unicodedata.category(character) == "Zs"


def plain_form(character: str) -> str | None:
    """The ASCII character that a full-width or typographic one stands for; None for every other."""
    if character in _MEANT:
        return _MEANT[character]
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    return None


def _point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _match_end(pattern: re.Pattern[str], source: str, start: int) -> int:
    """Where a pattern that may match nothing ends."""
    match = pattern.match(source, start)
    return start if match is None else match.end()
