"""What operators read, in English and Chinese: a text is kept with its parameters and rendered late, in the reader's
language.

The English template is the key (gettext's way); the Chinese one stands in `locale/zh_CN/LC_MESSAGES/ultra.po`, one
catalogue for the whole suite. The `.po` file is read by Babel when Chinese is first asked for and kept in memory, so
there is no `.mo` to compile, to forget or to ship stale: what stands in the file is what the operator sees. English
needs no catalogue at all.

A module marks a text where it is made: `text("line {line} is too long", line=12)`. Templates hold named
`{placeholders}` and nothing else of `str.format`; a literal brace is doubled. Log event names are no texts: they stay
English. Must not know what the texts are about.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LOCALE_FOLDER = Path(__file__).parent / "locale"
CATALOGUE_NAME = "ultra"


class Language(StrEnum):
    """A language that operators read; the value is what `--lang` takes."""

    EN = "en"
    ZH = "zh"


CATALOGUE_LOCALES: Mapping[Language, str] = {Language.ZH: "zh_CN"}


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for operators that has not been put into a language yet.

    `template` is the English source text; `plural` its form for a count other than one, chosen by `count`.
    A parameter that is itself a Text is rendered in the same language. Make one with `text` or `counted`.
    """

    template: str
    parameters: tuple[tuple[str, Parameter], ...] = ()
    plural: str | None = None
    count: int | None = None

    def render(self, language: Language = Language.EN) -> str:
        """The sentence in `language`; one that the catalogue lacks comes in English.

        Control characters in parameters are shown, never sent on: a parameter may come from a hostile file or peer.
        """
        values = {
            name: value.render(language) if isinstance(value, Text) else visible(str(value))
            for name, value in self.parameters
        }
        return _template(self, language).format(**values)


Parameter = str | int | Text


def text(template: str, /, **parameters: Parameter) -> Text:
    """A text with its parameters; Babel finds the template by this function's name, so it must be a literal."""
    return Text(template, tuple(parameters.items()))


def counted(singular: str, plural: str, /, count: int, **parameters: Parameter) -> Text:
    """A text that depends on a number, which the templates may show as `{count}`."""
    return Text(singular, (("count", count), *parameters.items()), plural=plural, count=count)


def verbatim(words: str) -> Text:
    """Words that are the same in every language: a number, a path, what a library said."""
    return Text("{words}", (("words", words),))


def language_from(environment: Mapping[str, str] = os.environ) -> Language:
    """The operator's language as the shell says it (POSIX order: LC_ALL, LC_MESSAGES, LANG); English when it says
    nothing."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if chosen := environment.get(variable):
            return Language.ZH if chosen.lower().startswith("zh") else Language.EN
    return Language.EN


def visible(raw: str) -> str:
    """`raw` with every control, direction and surrogate character replaced by one that can be seen, one for one.

    C0 controls and DEL become their Unicode pictures (␀ … ␡), so a terminal never obeys what it is shown.
    """
    if raw.isprintable():
        return raw
    return "".join(map(_visible_character, raw))


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return "\ufffd"
    return character


@cache
def catalogue(language: Language) -> Catalog | None:
    """The catalogue of a language; None for English, which is the source.

    Babel is imported here because English, the daemons' usual case, must not pay for it.
    """
    locale = CATALOGUE_LOCALES.get(language)
    if locale is None:
        return None
    from babel.messages.pofile import read_po

    with (LOCALE_FOLDER / locale / "LC_MESSAGES" / f"{CATALOGUE_NAME}.po").open("rb") as po_file:
        return read_po(po_file, locale=locale)


def _template(source: Text, language: Language) -> str:
    held = catalogue(language)
    message = held.get(source.template) if held is not None else None
    if message is not None and message.string and not message.fuzzy:
        # Chinese has one form for every count; Babel gives it as a tuple of one.
        return message.string if isinstance(message.string, str) else message.string[0]
    if source.plural is not None and source.count != 1:
        return source.plural
    return source.template
