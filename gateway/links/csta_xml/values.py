"""Reads single values of CSTA messages from XML elements: text, numbers, connections, devices, errors.

Each reader takes an element of a peer and returns a value, or None when the element says nothing readable; none raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Protocol

from gateway.links.csta_xml.messages import (
    ConnectionID,
    CSTAErrorCode,
    DeviceRef,
    DeviceRefKind,
    ErrorCategory,
    EventCause,
)


class Element(Protocol):
    """An element of a message: the XML parser's, or one whose markup is known."""

    @property
    def tag(self) -> Any: ...
    @property
    def text(self) -> str | None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Element: ...
    def __iter__(self) -> Iterator[Element]: ...


Reader = Callable[[Element], Any]

_INTEGER_DIGITS_MAX = 20
"""xs:long needs no more; longer digits cost quadratic time to convert."""
_TAG_CHARACTERS_MAX = 200
"""Namespace and name of any message seen in the field; a longer tag is not remembered."""
_NUMBER_CHARACTERS_MAX = 64
"""A device id longer than any in the field is not remembered."""
_DEVICES_MAX = 16_384
"""Devices remembered of each kind: more than the extensions of a large switch and its callers of an hour."""
_LOCAL_NAMES_MAX = 4096
"""Tags come from the peer; the memory of names already cut is emptied beyond this."""


class _LocalNames(dict[object, str]):
    """Tag → local name; each tag is cut once."""

    def __missing__(self, tag: object) -> str:
        name = str(tag).rpartition("}")[2]
        if len(str(tag)) > _TAG_CHARACTERS_MAX:
            return name
        if len(self) >= _LOCAL_NAMES_MAX:
            self.clear()
        self[tag] = name
        return name


LOCAL = _LocalNames()


def read_text(element: Element) -> str:
    """Text of an element, or of its only inner element (`deviceID/deviceIdentifier`, `newDestination/device`)."""
    if len(element):
        return element[0].text or ""
    return element.text or ""


def read_word(element: Element) -> str:
    return read_text(element).strip()


def _read_integer(element: Element) -> int | None:
    word = read_word(element)
    digits = word.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _INTEGER_DIGITS_MAX:
        return None
    return int(word)


def _read_boolean(element: Element) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(read_word(element))


def _read_connection(element: Element) -> ConnectionID:
    call_id, device_id = "", None
    for child in element:
        name = LOCAL[child.tag]
        if name == "callID":
            call_id = child.text or ""
        elif name == "deviceID":
            device_id = read_text(child)
    return ConnectionID(call_id, device_id)


class _DeviceRefs(dict[str, DeviceRef]):
    """Number → device of one kind: the same few devices are named in every event, so each is made once."""

    __slots__ = ("_kind",)

    def __init__(self, kind: DeviceRefKind) -> None:
        super().__init__()
        self._kind = kind

    def read(self, element: Element) -> DeviceRef:
        """The device in ``deviceIdentifier`` and the like, the only child of ``element``."""
        return self[element[0].text or ""]

    def __missing__(self, number: str) -> DeviceRef:
        device = DeviceRef(self._kind, number)
        if len(number) <= _NUMBER_CHARACTERS_MAX:
            if len(self) >= _DEVICES_MAX:
                self.clear()
            self[number] = device
        return device


_WITH_NUMBER = (DeviceRefKind.IDENTIFIER, DeviceRefKind.NUMBER_DIALED, DeviceRefKind.DEVICE_ID)
_NUMBERED = {kind.value: _DeviceRefs(kind) for kind in _WITH_NUMBER}
_BARE = {kind.value: DeviceRef(kind) for kind in DeviceRefKind if kind not in _WITH_NUMBER}


def _read_device_ref(element: Element) -> DeviceRef | None:
    if len(element):
        child = element[0]
        name = LOCAL[child.tag]
        if name in _NUMBERED:
            return _NUMBERED[name][child.text or ""]
        if name in _BARE:
            return _BARE[name]
    # Some switches write the number without the inner element.
    number = (element.text or "").strip()
    return DeviceRef.of(number) if number else None


_ERROR_CATEGORIES = {category.value: category for category in ErrorCategory}


def read_error(element: Element) -> CSTAErrorCode | None:
    for child in element:
        category = _ERROR_CATEGORIES.get(LOCAL[child.tag])
        if category is not None:
            return CSTAErrorCode(category, "" if category is ErrorCategory.UNSPECIFIED else read_word(child))
    return None


def enum_reader(enum_class: type[Enum]) -> Reader:
    members: dict[str | None, Enum] = {member.value: member for member in enum_class}
    # A cause that the standard does not know still tells a person something.
    keeps_text = enum_class is EventCause

    def read(element: Element) -> Enum | str | None:
        member = members.get(element.text)
        if member is None:
            word = read_word(element)
            return members.get(word, (word or None) if keeps_text else None)
        return member

    return read


def prepare(read: Reader, element: Element) -> Reader:
    """A reader that is quicker for elements like this one, of which only the texts will be others."""
    if read is _read_connection and [LOCAL[child.tag] for child in element] == ["callID", "deviceID"]:
        return read if len(element[1]) else _read_usual_connection
    if read is _read_device_ref and len(element) and LOCAL[element[0].tag] in _NUMBERED:
        return _NUMBERED[LOCAL[element[0].tag]].read
    return read


def _read_usual_connection(element: Element) -> ConnectionID:
    call, device = element
    return ConnectionID(call.text or "", device.text or "")


PLAIN_READERS: dict[type, Reader] = {
    str: read_text,
    int: _read_integer,
    bool: _read_boolean,
    ConnectionID: _read_connection,
    DeviceRef: _read_device_ref,
    CSTAErrorCode: read_error,
}
