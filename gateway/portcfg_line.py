"""One line of port.cfg: its kind, its number or range, its keys. Every mistake in the line is found, not just the
first.

    port    = kind space numbers { space key "=" value }
    kind    = "TRUNK" | "EXT" | "IVR" | "QUEUE"
    numbers = number | number "-" number      (see portcfg_numbers)
    key     = "name" | "group" | "device" | "endpoint"

Must not look at other lines: what two lines have in common is `portcfg`'s to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from gateway.portcfg_lexer import LexedLine, Setting, Word
from gateway.portcfg_numbers import NumberRange, read_numbers
from gateway.portcfg_problems import PortCode, SourceLine
from model.states import PortKind
from runtime.problems import Problem
from runtime.texts import Text, text

VALUE_CHARS_MAX = 200
"""Characters of a name, group, device or endpoint: a device id in the field has some fifty, and all go into every
snapshot."""

KEYS = ("name", "group", "device", "endpoint")


@dataclass(frozen=True, slots=True)
class PortLine:
    """A line as written: what could be read of it. `kind` and `numbers` are None when they were wrong."""

    source: SourceLine
    kind: PortKind | None
    numbers: NumberRange | None
    number_word: Word | None
    settings: Mapping[str, Word]
    problems: tuple[Problem, ...]

    def value(self, key: str, default: str, number: str) -> str:
        """The value of a key for one number, its template filled in; `default` when the line does not give the key."""
        word = self.settings.get(key)
        return default if word is None else fill(word.text, number)


def read_line(source: SourceLine, lexed: LexedLine) -> PortLine | None:
    """What a line says; None when it says nothing (empty or comment) and nothing is wrong with it."""
    if not lexed.words and not lexed.problems:
        return None
    reader = _LineReader(source, list(lexed.problems))
    reader.read(lexed.words)
    return PortLine(source, reader.kind, reader.numbers, reader.number_word, reader.settings, tuple(reader.problems))


def fill(template: str, number: str) -> str:
    """`template` with `{number}` replaced, `{{` and `}}` standing for a brace each."""
    return _BRACES.sub(lambda match: _FILLED.get(match.group(), number), template)


_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_FILLED = {"{{": "{", "}}": "}"}
_PLACEHOLDER = "{number}"
_ENDPOINT = re.compile(r"[A-Za-z][A-Za-z0-9_]*/\S+")
_OTHER_NAMES = {
    "外线": "TRUNK",
    "中继": "TRUNK",
    "分机": "EXT",
    "EXTENSION": "EXT",
    "队列": "QUEUE",
    "坐席": "EXT",
    "座席": "EXT",
}


@dataclass(slots=True)
class _LineReader:
    source: SourceLine
    problems: list[Problem]
    kind: PortKind | None = None
    numbers: NumberRange | None = None
    number_word: Word | None = None
    settings: dict[str, Word] = field(default_factory=dict)

    def read(self, words: tuple[Word | Setting, ...]) -> None:
        if not words:
            return
        kind, *rest = words
        self._read_kind(kind)
        if rest and isinstance(rest[0], Word):
            self.number_word = rest[0]
            rest = rest[1:]
            self._read_numbers(self.number_word)
        else:
            after = _end(kind) + 1
            self._problem(
                PortCode.NO_NUMBER, Word("", after, 1),
                text("the number is missing"),
                text("a number or a range after the kind, like 8001 or 8002-8099"),
            )  # fmt: skip
        for index, word in enumerate(rest):
            if isinstance(word, Setting):
                self._read_setting(word)
            elif not _ends_a_spaced_range(rest[:index]):
                self._read_bare(word)

    def _read_kind(self, word: Word | Setting) -> None:
        if isinstance(word, Setting):
            word = Word(word.key.text + "=", word.key.column, word.key.width + 1)
        if word.text in PortKind.__members__:
            self.kind = PortKind[word.text]
            return
        meant = _OTHER_NAMES.get(word.text.upper()) or _closest(word.text.upper(), tuple(PortKind.__members__))
        self._problem(
            PortCode.UNKNOWN_KIND, word,
            text('"{word}" is no kind of port', word=word.text),
            _with_guess(text("TRUNK, EXT, IVR or QUEUE"), meant),
        )  # fmt: skip

    def _read_numbers(self, word: Word) -> None:
        numbers = read_numbers(word.text)
        if isinstance(numbers, NumberRange):
            self.numbers = numbers
        else:
            self._problem(numbers.code, word, numbers.message, numbers.expected)

    def _read_setting(self, setting: Setting) -> None:
        key = setting.key
        if not key.text:
            self._problem(
                PortCode.BAD_SETTING, Word("=", setting.value.column - 1, 1 + setting.value.width),
                text('there is nothing before the "="'),
                text("key=value without spaces around the ="),
            )  # fmt: skip
        elif key.text not in KEYS:
            self._problem(
                PortCode.UNKNOWN_KEY, key,
                text('"{key}" is no key', key=key.text),
                _with_guess(text("name, group, device or endpoint"), _closest(key.text.lower(), KEYS)),
            )  # fmt: skip
        elif key.text in self.settings:
            self._problem(
                PortCode.DUPLICATE_KEY, key,
                text('the key "{key}" stands twice in this line', key=key.text),
                text("each key once"),
            )  # fmt: skip
        else:
            self.settings[key.text] = setting.value
            self._check_value(key.text, setting.value)

    def _read_bare(self, word: Word) -> None:
        if word.text.startswith("-"):
            expected = text("a range in one word, without spaces: 8002-8099")
        else:
            expected = text("key=value; in quotes if the value holds spaces; # before a comment")
        self._problem(
            PortCode.BAD_SETTING, word,
            text('"{word}" is not of the form key=value', word=word.text), expected,
        )  # fmt: skip

    def _check_value(self, key: str, value: Word) -> None:
        self._check_braces(value)
        if len(value.text) > VALUE_CHARS_MAX:
            self._bad_value(
                value,
                text('the value of "{key}" has {count} characters', key=key, count=len(value.text)),
                text("at most {limit} characters", limit=VALUE_CHARS_MAX),
            )
        elif not value.text and (key in {"device", "endpoint"} or value.width == 0):
            self._bad_value(
                value,
                text('the key "{key}" has no value', key=key),
                text('{key}=value without spaces around the =, or no "{key}" at all', key=key),
            )
        elif key in {"device", "endpoint"} and value.text != value.text.strip():
            self._bad_value(
                value,
                text('the value of "{key}" begins or ends with a space', key=key),
                text("the same without that space"),
            )
        elif key == "endpoint" and not _ENDPOINT.fullmatch(value.text):
            self._bad_value(
                value,
                text('"{value}" is no endpoint', value=value.text),
                text("technology/name as Asterisk writes it, like PJSIP/8001"),
            )

    def _check_braces(self, value: Word) -> None:
        written = self.source.text[value.column - 1 : value.column - 1 + value.width]
        for match in _BRACES.finditer(written):
            if match.group() not in {"{{", "}}", _PLACEHOLDER}:
                self._problem(
                    PortCode.BAD_TEMPLATE, Word(match.group(), value.column + match.start(), len(match.group())),
                    text('"{word}" is nothing that can be filled in', word=match.group()),
                    text("{{number}}, which stands for each number of the line; a brace of its own is doubled"),
                )  # fmt: skip

    def _bad_value(self, value: Word, message: Text, expected: Text) -> None:
        self._problem(PortCode.BAD_VALUE, value, message, expected)

    def _problem(self, code: PortCode, word: Word, message: Text, expected: Text) -> None:
        self.problems.append(
            self.source.problem(code, message, column=word.column, width=word.width, expected=expected)
        )


def _end(word: Word | Setting) -> int:
    last = word.value if isinstance(word, Setting) else word
    return last.column + last.width - 1


def _ends_a_spaced_range(before: Sequence[Word | Setting]) -> bool:
    """Whether a word follows the dash of `8002 - 8099`, which the dash's own problem speaks of."""
    return bool(before) and isinstance(before[-1], Word) and before[-1].text == "-"


def _closest(word: str, known: tuple[str, ...]) -> str | None:
    return next(iter(get_close_matches(word, known, n=1)), None)


def _with_guess(expected: Text, guess: str | None) -> Text:
    if guess is None:
        return expected
    return text("{expected}; did you mean {guess}?", expected=expected, guess=guess)
