"""Writes messages as XML, elements in the order of the schema (ECMA-323 edition 3; DeflectCall also of edition 6).

Well-formed by construction: fixed tags, escaped text. What XML cannot carry is refused with ValueError, for then our
own side made the message; `xml_text_fault` tells beforehand.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from gateway.links.csta_xml.layouts import Branch, Field, Layout, Node, fields_in, message_layouts, part_layout
from gateway.links.csta_xml.messages import (
    ConnectionID,
    CSTAErrorCode,
    DeflectCall,
    DeviceRef,
    Message,
    SessionMessage,
)
from gateway.links.csta_xml.namespaces import APPLICATION_SESSION, CSTA_ED3, CSTA_ED6, NO_NAMESPACE

Writer = Callable[[Any], str]
"""Makes an element's content of a value."""

_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
_NEEDS_CARE = re.compile("[^\t\n\x20-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


def build(message: Message, namespace: str = CSTA_ED3) -> bytes:
    """Return the body of `message` in UTF-8.

    `namespace` is the negotiated CSTA version's; session messages take their own standard's. NO_NAMESPACE leaves xmlns
    out of both. Raises ValueError for text that XML cannot carry (control characters, surrogates) and for an event with
    a field for which its kind has no element.
    """
    if isinstance(message, SessionMessage) and namespace != NO_NAMESPACE:
        namespace = APPLICATION_SESSION
    kind = getattr(message, "kind", None)
    name = kind.value if isinstance(kind, Enum) else type(message).__name__
    if name in _LACKING:
        values_of, defaults, names = _LACKING[name]
        if (values := values_of(message)) != defaults:
            wrong = [lacked for lacked, value, default in zip(names, values, defaults, strict=True) if value != default]
            raise ValueError(f"{name} has no element for {', '.join(wrong)}")
    if namespace == CSTA_ED6 and isinstance(message, DeflectCall):
        content = _deflect_edition_6(message)
    else:
        content = _WRITERS[name](message)
    return f"{_opening(name, namespace)}{content}</{name}>".encode()


def xml_text_fault(text: str) -> str | None:
    """The first character of `text` that XML 1.0 cannot carry, as U+XXXX, or None."""
    found = _FORBIDDEN.search(text)
    return None if found is None else f"U+{ord(found.group()):04X}"


def escape(text: str) -> str:
    """`text` as element content. Raises ValueError for characters that XML cannot carry."""
    if _NEEDS_CARE.search(text) is None:
        return text
    fault = xml_text_fault(text)
    if fault is not None:
        raise ValueError(f"XML cannot carry {fault}")
    return text.translate(_ESCAPES)


@lru_cache(maxsize=1024)
def _opening(name: str, namespace: str) -> str:
    if namespace == NO_NAMESPACE:
        return f"{_PROLOG}<{name}>"
    return f'{_PROLOG}<{name} xmlns="{escape(namespace)}">'


def _write_connection(connection: ConnectionID) -> str:
    # The schema wants one of the two; a connection without call id can be written only beside its device.
    if connection.device_id is None:
        return f"<callID>{escape(connection.call_id)}</callID>"
    call = f"<callID>{escape(connection.call_id)}</callID>" if connection.call_id else ""
    return f"{call}<deviceID>{escape(connection.device_id)}</deviceID>"


def _write_device_ref(device: DeviceRef) -> str:
    name = device.kind.value
    return f"<{name}/>" if device.number is None else f"<{name}>{escape(device.number)}</{name}>"


def _write_error(error: CSTAErrorCode) -> str:
    name = error.category.value
    return f"<{name}>{escape(error.value)}</{name}>" if error.value else f"<{name}/>"


def _write_enum_or_text(value: Enum | str) -> str:
    return value.value if isinstance(value, Enum) else escape(value)


def _deflect_edition_6(message: DeflectCall) -> str:
    return (
        f"<callToBeDiverted>{_write_connection(message.call_to_be_diverted)}</callToBeDiverted>"
        f"<newDestination><device>{escape(message.new_destination)}</device></newDestination>"
    )


def _writer_for(value_type: type) -> Writer:
    if value_type in _PLAIN_WRITERS:
        return _PLAIN_WRITERS[value_type]
    if issubclass(value_type, Enum):
        return _write_enum_or_text
    return _sequence_writer(part_layout(value_type).nodes)


_PLAIN_WRITERS: dict[type, Writer] = {
    str: escape,
    int: str,
    bool: lambda value: "true" if value else "false",
    ConnectionID: _write_connection,
    DeviceRef: _write_device_ref,
    CSTAErrorCode: _write_error,
}


def _sequence_writer(nodes: tuple[Node, ...]) -> Writer:
    writers = tuple(_node_writer(node) for node in nodes)
    if len(writers) == 1:
        return writers[0]
    return lambda message: "".join([write(message) for write in writers])


def _node_writer(node: Node) -> Writer:
    opening, closing, empty = f"<{node.name}>", f"</{node.name}>", f"<{node.name}/>"
    if isinstance(node.content, Branch):
        write_children = _sequence_writer(node.content.children)

        def write_branch(message: Any) -> str:
            content = write_children(message)
            return f"{opening}{content}{closing}" if content else ""

        return write_branch
    field = node.content
    value_of = attrgetter(field.attribute)
    if field.presence:
        return lambda message: empty if value_of(message) else ""
    write_value = _list_writer(field, field.item) if field.item else _writer_for(field.value_type)

    def write_field(message: Any) -> str:
        value = value_of(message)
        return "" if value is None else f"{opening}{write_value(value)}{closing}"

    return write_field


def _list_writer(field: Field, item: str) -> Writer:
    write_item = _writer_for(field.value_type)
    return lambda values: "".join([f"<{item}>{write_item(value)}</{item}>" for value in values])


def _lacking(layout: Layout) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Any, ...], tuple[str, ...]] | None:
    """How to get the values of the fields that this kind of event has no element for, their defaults, their names."""
    held = {field.attribute for _, field in fields_in(layout.nodes)} | {name for name, _ in layout.constants}
    lacked = [field for field in dataclasses.fields(layout.message_class) if field.name not in held]
    if not lacked:
        return None
    names = tuple(field.name for field in lacked)
    # Of one name attrgetter would give the bare value.
    values_of = attrgetter(*names) if len(names) > 1 else lambda message: (getattr(message, names[0]),)
    return values_of, tuple(field.default for field in lacked), names


_LACKING = {layout.name: lacking for layout in message_layouts() if (lacking := _lacking(layout)) is not None}
_WRITERS: dict[str, Writer] = {layout.name: _sequence_writer(layout.nodes) for layout in message_layouts()}
_WRITERS["CSTAErrorCode"] = _write_error
