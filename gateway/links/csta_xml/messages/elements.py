"""How a message class says where its fields stand in the XML: base classes and annotations that the codec reads.

A field is written as the element of its own name (`monitor_cross_ref_id` → `monitorCrossRefID`), in the order of the
class; `At` gives another place. Nothing here reads or writes XML.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from gateway.links.csta_xml.messages.value import value


@value
class At:
    """A field's place when it is not simply the element of its own name.

    `path`: element names from the message down, joined by `/`; neighbours with the same beginning share its elements.
    `item`: the name of the elements within, for a list of plain values.
    `presence`: a flag that is written as an empty element when true and not at all when false.
    """

    path: str
    item: str | None = None
    presence: bool = False


class Message:
    """Any message that can be built or was understood."""

    __slots__ = ()


@value
class Security:
    """`extensions/security`: number and time that some switches put into each message (ECMA-269 12.2.15)."""

    message_sequence_number: int | None = None
    time_stamp: str | None = None


@value
class CstaMessage(Message):
    """A message of ECMA-323. `security` is written last, whatever fields a class adds."""

    security: Annotated[Security | None, At("extensions/security")] = field(default=None, kw_only=True)


class SessionMessage(Message):
    """A message of the application session (ECMA-354); travels in that standard's namespace."""

    __slots__ = ()
