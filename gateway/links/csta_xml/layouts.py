"""Derives, once at import, how each message class is laid out in XML: which field stands in which element.

A layout is read off the class (`messages.elements.At`, type hints) or, for events, off `event_layouts`. `parse` and
`build` turn a layout into readers and writers; this module itself reads and writes nothing.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gateway.links.csta_xml import messages
from gateway.links.csta_xml.event_layouts import AGENT_EVENT_ROWS, CALL_EVENT_ROWS, SERVICE_STATE_ROWS
from gateway.links.csta_xml.messages.elements import At, CstaMessage, Message, SessionMessage


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a message: `attribute` holds a `value_type`, or a tuple of them when `item` names the list's elements.

    A field without default is either `required` or, when it may be None, `nullable`.
    """

    attribute: str
    value_type: type
    item: str | None
    presence: bool
    required: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """An element that only groups others."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One child element: its local name and what stands in it."""

    name: str
    content: Field | Branch


@dataclass(frozen=True, slots=True)
class Layout:
    """One message (or part of one): `name` is its element, `constants` are fields given by the element's name alone."""

    name: str
    message_class: type
    constants: tuple[tuple[str, Enum], ...]
    nodes: tuple[Node, ...]


def part_layout(part_class: type) -> Layout:
    """Layout of a class without annotation of its own kind: a service message or a part of one."""
    name = getattr(part_class, "ELEMENT", part_class.__name__)
    fields = _fields_of(part_class)
    fields.sort(key=lambda row: row[1].attribute == "security")
    return Layout(name, part_class, (), _tree(fields))


def message_layouts() -> tuple[Layout, ...]:
    """Layouts of all messages that can travel, events first."""
    layouts: list[Layout] = []
    for event_class, rows_by_kind in _EVENTS:
        by_attribute = {field.attribute: (place, field) for place, field in _fields_of(event_class)}
        for kind, rows in rows_by_kind.items():
            fields = [(dataclasses.replace(by_attribute[attribute][0], path=path), by_attribute[attribute][1])
                      for path, attribute in rows]  # fmt: skip
            layouts.append(Layout(kind.value, event_class, (("kind", kind),), _tree(fields)))
    layouts.extend(part_layout(message_class) for message_class in _service_classes())
    return tuple(layouts)


def fields_in(nodes: tuple[Node, ...]) -> Iterator[tuple[str, Field]]:
    """All fields, those within grouping elements too, with the name of their element."""
    for node in nodes:
        if isinstance(node.content, Branch):
            yield from fields_in(node.content.children)
        else:
            yield node.name, node.content


def required_of(nodes: tuple[Node, ...]) -> list[tuple[str, str]]:
    """Fields that must be given, with the name of their element."""
    return [(field.attribute, name) for name, field in fields_in(nodes) if field.required]


def without_default(nodes: tuple[Node, ...]) -> list[str]:
    """Fields that may be None but must be given."""
    return [field.attribute for _, field in fields_in(nodes) if field.nullable]


def element_name(attribute: str) -> str:
    """`monitor_cross_ref_id` → `monitorCrossRefID`."""
    first, *rest = attribute.split("_")
    return first + "".join("ID" if word == "id" else word.capitalize() for word in rest)


_EVENTS: tuple[tuple[type, dict[Any, tuple[tuple[str, str], ...]]], ...] = (
    (messages.CallEvent, dict(CALL_EVENT_ROWS)),
    (messages.AgentEvent, dict(AGENT_EVENT_ROWS)),
    (messages.ServiceStateEvent, dict(SERVICE_STATE_ROWS)),
)


def _service_classes() -> list[type]:
    """All message classes but the event classes above and CSTAErrorCode, whose content is one choice."""
    events = {event_class for event_class, _ in _EVENTS}
    skipped = events | {Message, CstaMessage, SessionMessage, messages.CSTAErrorCode}
    exported = (getattr(messages, name) for name in messages.__all__)
    return [cls for cls in exported if isinstance(cls, type) and issubclass(cls, Message) and cls not in skipped]


def _fields_of(part_class: type) -> list[tuple[At, Field]]:
    hints = typing.get_type_hints(part_class, include_extras=True)
    rows: list[tuple[At, Field]] = []
    for declared in dataclasses.fields(part_class):
        hint = hints[declared.name]
        place = At(element_name(declared.name))
        if typing.get_origin(hint) is typing.Annotated:
            hint, place = typing.get_args(hint)
        optional = type(None) in typing.get_args(hint)
        bare = declared.default is dataclasses.MISSING
        value_type, is_list = _value_type(hint)
        item = (place.item or value_type.ELEMENT) if is_list else None  # type: ignore[attr-defined]
        field = Field(declared.name, value_type, item, place.presence, bare and not optional, bare and optional)
        rows.append((place, field))
    return rows


def _value_type(hint: Any) -> tuple[type, bool]:
    """The type of one value and whether the field holds a list of them; `X | str` is X kept as text when unknown."""
    if isinstance(hint, types.UnionType):
        hint = next(member for member in typing.get_args(hint) if member is not type(None))
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True
    return hint, False


def _tree(rows: list[tuple[At, Field]], depth: int = 0) -> tuple[Node, ...]:
    """Group neighbouring rows whose paths share an element at `depth`."""
    nodes: list[Node] = []
    position = 0
    while position < len(rows):
        steps = rows[position][0].path.split("/")
        name = steps[depth]
        if len(steps) == depth + 1:
            nodes.append(Node(name, rows[position][1]))
            position += 1
            continue
        group = []
        while position < len(rows) and rows[position][0].path.split("/")[: depth + 1] == steps[: depth + 1]:
            group.append(rows[position])
            position += 1
        nodes.append(Node(name, Branch(_tree(group, depth + 1))))
    return tuple(nodes)
