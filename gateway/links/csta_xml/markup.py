"""Markup seen before: a message with the very tags of one already parsed is read without being parsed again.

A switch says the same few sentences all day, and only the texts between the tags change. So from a message that the
XML parser has accepted a pattern is made: its tags to the last byte, with gaps for the texts. A later message that
fits needs its texts put into place, a quarter of the work. The parser stays the judge: a pattern is kept only if it
takes the message apart exactly as the parser did, and its gaps let no byte through that XML gives a meaning of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from gateway.links.csta_xml.values import LOCAL

MARKUPS_MAX = 1024
"""Kept at a time: a switch has some hundred (each event, with and without its optional parts); emptied beyond."""
MARKUPS_OF_EVENT_MAX = 16
"""Tried for one message at most: with more to try, parsing is as quick."""
BODY_CHARACTERS_MAX = 4096
"""Longer messages (device lists, snapshots of large calls) come seldom and are never alike."""

_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
# What a text may hold: printable ASCII, tab and line feed; but no entity, nothing like the end of CDATA, no tag.
_GAP = r"([\t\n -%'-;=?-\\^-~]*)"
_TAG = re.compile("<([^<>]*)>")

Read = Callable[[list[str]], Any]
"""Gives the message, or the name of a missing element; notes in the list what is not known."""


class KnownElement(list["KnownElement"]):
    """An element as the readers of messages see one: its children, its local name, the text before the first child."""

    __slots__ = ("tag", "text")

    def __init__(self, tag: str, text: str | None) -> None:
        super().__init__()
        self.tag = tag
        self.text = text


class Markup:
    """The elements of one sequence of tags. ``read`` is set by whoever keeps it, and reads them as they are now."""

    __slots__ = ("gaps", "name", "pattern", "read", "root")

    def __init__(self, pattern: re.Pattern[str], root: KnownElement, gaps: list[KnownElement]) -> None:
        self.pattern = pattern
        self.root = root
        self.gaps = gaps
        self.name = root.tag
        self.read: Read = lambda skipped: None


class Markups:
    """Those kept, found by the message's head: all up to the end of the root's tag."""

    def __init__(self, markups_max: int = MARKUPS_MAX) -> None:
        self._markups_max = markups_max
        self._by_head: dict[str, list[Markup]] = {}
        self._count = 0

    def recall(self, body: bytes) -> Markup | None:
        """The markup of ``body``, with its texts in place until the next call; None if it must be parsed."""
        try:
            text = body.decode("ascii")
        except UnicodeDecodeError:
            return None
        for markup in self._by_head.get(_head_of(text), ()):
            if fits := markup.pattern.fullmatch(text):
                for element, said in zip(markup.gaps, fits.groups(), strict=True):
                    element.text = said
                return markup
        return None

    def keep(self, body: bytes, parsed: etree._Element) -> Markup | None:
        """Remember what the parser made of ``body``, if the next message with these tags can be read without it."""
        if not body.isascii() or len(body) > BODY_CHARACTERS_MAX:
            return None
        text = body.decode("ascii")
        made = _made(text, parsed)
        if made is None:
            return None
        if self._count >= self._markups_max:
            self._by_head.clear()
            self._count = 0
        same = self._by_head.setdefault(_head_of(text), [])
        if len(same) >= MARKUPS_OF_EVENT_MAX:
            self._count -= len(same)
            same.clear()
        same.append(made)
        self._count += 1
        return made


def _head_of(text: str) -> str:
    return text[: text.find(">", len(_PROLOG) if text.startswith(_PROLOG) else 0)]


def _made(text: str, parsed: etree._Element) -> Markup | None:
    """The pattern of a message and its elements; None where taking it apart gives another result than parsing it."""
    prolog = _PROLOG if text.startswith(_PROLOG) else ""
    pieces = _TAG.split(text[len(prolog) :])
    opening = [place for place in range(1, len(pieces), 2) if not pieces[place].startswith("/")]
    elements = list(parsed.iter())
    if len(elements) != len(opening):
        return None
    known: dict[Any, KnownElement] = {}
    texts: dict[int, KnownElement] = {}
    for place, element in zip(opening, elements, strict=True):
        is_empty = pieces[place].endswith("/")
        if (element.text or "") != ("" if is_empty else pieces[place + 1]):
            return None
        known[element] = KnownElement(LOCAL[element.tag], element.text)
        if element is not parsed:
            known[element.getparent()].append(known[element])
        if not is_empty and not len(element):
            texts[place + 1] = known[element]
    pattern = [re.escape(prolog)]
    for place, piece in enumerate(pieces):
        pattern.append(_GAP if place in texts else re.escape(f"<{piece}>" if place % 2 else piece))
    made = re.compile("".join(pattern))
    return Markup(made, known[parsed], list(texts.values())) if made.fullmatch(text) else None
