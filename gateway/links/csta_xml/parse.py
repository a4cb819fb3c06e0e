"""Reads XML bodies as messages: by local name, in any namespace or none, in any order of elements.

Bytes from a peer are never trusted: no DOCTYPE, no entities, no network, no encoding in which a DOCTYPE could hide.
What cannot be read is returned as a value; what is not known is skipped and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from lxml import etree

from gateway.links.csta_xml.layouts import (
    Branch,
    Field,
    Layout,
    Node,
    message_layouts,
    part_layout,
    required_of,
    without_default,
)
from gateway.links.csta_xml.markup import Markups, Read
from gateway.links.csta_xml.messages import Message
from gateway.links.csta_xml.problems import (
    NAME_CHARACTERS_MAX,
    ParseFault,
    ParseProblem,
    UnknownElements,
    UnknownMessage,
    excerpt,
)
from gateway.links.csta_xml.values import (
    LOCAL,
    PLAIN_READERS,
    Element,
    Reader,
    enum_reader,
    prepare,
    read_error,
    read_word,
)

Store = Callable[[Element, dict[str, Any], list[str]], None]
"""Stores what an element says among the fields of its message, noting what is not known."""
Rows = dict[str, tuple[str, Reader] | Store]
"""For each local name of a child: the field and the reader of its value, or how to store several at once."""
Step = tuple[str, Any, Element]
"""A child: with the field and its reader; or, without field, how to store it or the name that nobody knows."""

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
# Encodings in which the bytes of "<!DOCTYPE" always mean just that, so that a search for them proves its absence.
_ENCODINGS = frozenset(
    b"utf-8 utf8 us-ascii ascii iso-8859-1 latin1 iso-8859-15 windows-1252 gb2312 gbk gb18030".split()
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_USUAL_PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>'
_REASON_CHARACTERS = 200
"""A parser's complaint may quote what the peer sent."""
_VALUE_CHARACTERS = 32
"""As much of an unreadable value as is kept for the count."""
# In the schema, of no use to this project: skipped without being counted as unknown.
_NOT_USED_TEXT = """
    extensions privateData security correlatorData userData servicesPermitted mediaCallCharacteristics
    callCharacteristics connectionInfo establishedConnectionInfo initiatedConnectionInfo originatedConnectionInfo
    heldConnectionInfo retrievedConnectionInfo failedConnectionInfo queuedConnectionInfo offeredConnectionInfo
    outboundConnectionInfo droppedConnectionInfo bridgedConnectionInfo dialingConnectionInfo callLinkageData
    callLinkageDataList subjectOfCall messageInfo languagePreferences deviceHistory chargingInfo
"""
_NOT_USED = frozenset(_NOT_USED_TEXT.split())


def parse(
    body: bytes, unknown: UnknownElements | None = None, markups: Markups | None = None
) -> Message | UnknownMessage | ParseProblem:
    """Return the message in `body` (bytes of one frame, without header).

    Accepts any prolog or none, a byte order mark, any prefix. Elements and values that are not known are left out of
    the message and counted in `unknown` if given. Never raises on bytes from a peer. `markups`: what is known of
    messages before, that of all links if not given.
    """
    body = body.strip(b" \t\r\n\0")
    if not body:
        return ParseProblem(ParseFault.EMPTY, "", "", "")
    markups = _MARKUPS if markups is None else markups
    known = markups.recall(body)
    if known is not None:
        name, read = known.name, known.read
    else:
        parsed = _parsed(body)
        if isinstance(parsed, ParseProblem):
            return parsed
        name = LOCAL[parsed.tag]
        prepared = _READERS.get(name)
        if prepared is None:
            return UnknownMessage(name[:NAME_CHARACTERS_MAX], excerpt(body))
        read = prepared(parsed)
        if (kept := markups.keep(body, parsed)) is not None:
            kept.read = prepared(kept.root)
    skipped: list[str] = []
    message: Message | str = read(skipped)
    if skipped and unknown is not None:
        for skipped_name in skipped:
            unknown.count(f"{name}/{skipped_name}")
    if isinstance(message, str):
        return ParseProblem(ParseFault.INCOMPLETE, message, name, excerpt(body))
    return message


def _parsed(body: bytes) -> etree._Element | ParseProblem:
    fault = _fault_of_bytes(body)
    if fault is not None:
        return ParseProblem(*fault, "", excerpt(body))
    try:
        return etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        return ParseProblem(ParseFault.NOT_WELL_FORMED, str(error)[:_REASON_CHARACTERS], "", excerpt(body))


def _fault_of_bytes(body: bytes) -> tuple[ParseFault, str] | None:
    if b"<!" in body and (b"<!DOCTYPE" in body or b"<!ENTITY" in body):
        return ParseFault.DOCTYPE, ""
    if b"\0" in body:
        return ParseFault.ENCODING, "UTF-16 or UTF-32"
    if body.startswith(_USUAL_PROLOG):
        return None
    declared = _ENCODING.match(body.removeprefix(_BYTE_ORDER_MARK))
    if declared is not None and declared.group(1).lower() not in _ENCODINGS:
        return ParseFault.ENCODING, declared.group(1).decode("ascii", "replace")
    return None


def _steps(rows: Rows, element: Element) -> list[Step]:
    """Which row each child is for; of those without, the names that nobody knows."""
    steps: list[Step] = []
    for child in element:
        name = LOCAL[child.tag]
        row = rows.get(name)
        if row is None:
            if name not in _NOT_USED:
                steps.append(("", name, child))
        elif isinstance(row, tuple):
            steps.append((*row, child))
        else:
            steps.append(("", row, child))
    return steps


def _take(steps: list[Step], values: dict[str, Any], skipped: list[str]) -> None:
    for attribute, read, child in steps:
        if attribute:
            value = read(child)
            if value is None:
                skipped.append(f"{LOCAL[child.tag]}={read_word(child)[:_VALUE_CHARACTERS]}")
            else:
                values[attribute] = value
        elif isinstance(read, str):
            skipped.append(read)
        else:
            read(child, values, skipped)


def _walk(rows: Rows, element: Element, values: dict[str, Any], skipped: list[str]) -> None:
    _take(_steps(rows, element), values, skipped)


class MessageReader:
    """Reads one kind of message or part of it; calling it gives the value, or the name of a missing element."""

    __slots__ = ("_class", "_constants", "_required", "_rows")

    def __init__(self, layout: Layout) -> None:
        self._class = layout.message_class
        self._constants: dict[str, Any] = dict.fromkeys(without_default(layout.nodes)) | dict(layout.constants)
        self._rows = _rows_of(layout.nodes)
        self._required = tuple(required_of(layout.nodes))

    def __call__(self, element: Element, skipped: list[str]) -> Any:
        return self._read(_steps(self._rows, element), skipped)

    def prepare(self, element: Element) -> Read:
        """What reads this element, also when its texts have changed."""
        steps = [(row[0], prepare(row[1], row[2]), row[2]) for row in _steps(self._rows, element)]
        return partial(self._read, steps)

    def _read(self, steps: list[Step], skipped: list[str]) -> Any:
        values = self._constants.copy()
        _take(steps, values, skipped)
        for attribute, name in self._required:
            if attribute not in values:
                return name
        return self._class(**values)


def _rows_of(nodes: tuple[Node, ...]) -> Rows:
    rows: Rows = {}
    for node in nodes:
        if isinstance(node.content, Branch):
            inner = _rows_of(node.content.children)
            rows[node.name] = partial(_walk, inner)
            # Some switches leave out the element that only groups others.
            for name, row in inner.items():
                rows.setdefault(name, row)
        else:
            rows[node.name] = _row_of(node.content)
    return rows


def _row_of(field: Field) -> tuple[str, Reader] | Store:
    if field.presence:
        return field.attribute, lambda element: True
    value_row = _value_row(field)
    return partial(_store_list, field.attribute, field.item, value_row) if field.item else value_row


def _value_row(field: Field) -> tuple[str, Reader] | Store:
    if field.value_type in PLAIN_READERS:
        return field.attribute, PLAIN_READERS[field.value_type]
    if issubclass(field.value_type, Enum):
        return field.attribute, enum_reader(field.value_type)
    return partial(_store_part, field.attribute, MessageReader(part_layout(field.value_type)))


def _store_part(
    attribute: str, read: MessageReader, element: Element, values: dict[str, Any], skipped: list[str]
) -> None:
    part = read(element, skipped)
    if isinstance(part, str):
        skipped.append(f"{LOCAL[element.tag]}/{part}")
    else:
        values[attribute] = part


def _store_list(
    attribute: str,
    item: str,
    row: tuple[str, Reader] | Store,
    element: Element,
    values: dict[str, Any],
    skipped: list[str],
) -> None:
    found: list[Any] = []
    for child in element:
        if LOCAL[child.tag] != item:
            skipped.append(f"{LOCAL[element.tag]}/{LOCAL[child.tag]}")
            continue
        held: dict[str, Any] = {}
        if isinstance(row, tuple):
            held = {attribute: row[1](child)}
        else:
            row(child, held, skipped)
        found.extend(value for value in held.values() if value is not None)
    values[attribute] = tuple(found)


_READERS: dict[str, Callable[[Element], Read]] = {
    layout.name: MessageReader(layout).prepare for layout in message_layouts()
}
_READERS["CSTAErrorCode"] = lambda element: lambda skipped: read_error(element) or "error category"
_MARKUPS = Markups()
