"""What an event concerns, read from its bytes alone: what filters look at.

A filter is one set of names. A device's is its number; agents and queues, whose names may be the same, have theirs
marked. The bytes are those that we built ourselves, and are trusted.
"""

from struct import Struct
from typing import Final

from model.centre_events import Concern, ConcernKind
from protocol.bodies import BODIES, DEVICES_TAG
from protocol.kinds import CENTRE_EVENTS, EVENTS, EVENTS_TO_ALL

_MARKS: Final = {ConcernKind.DEVICE: "", ConcernKind.AGENT: "\x01", ConcernKind.QUEUE: "\x02"}
"""Before the name: no device number begins with a control character."""

_fixed_bytes: Final[dict[int, int]] = {kind: int(BODIES[kind].fixed.sizeof()) for kind in EVENTS}
_list_head: Final = Struct(">HHH").unpack_from
_change_head: Final = Struct(">HBBH").unpack_from
_concern_head: Final = Struct(">HBH").unpack_from


def filter_name(concern: Concern) -> str:
    """How a device, agent or queue stands in a filter."""
    return _MARKS[concern[0]] + concern[1]


def concerned(kind: int, body: bytes, at: int = 0) -> tuple[str, ...] | None:
    """The names that an event of ours concerns; None for one that passes every filter.

    ``at`` is where the body begins within ``body``, so that a whole frame may be given.
    """
    if kind in EVENTS_TO_ALL:
        return None
    at += _fixed_bytes[kind]
    tag, _, count = _list_head(body, at)
    if tag != DEVICES_TAG:
        raise ValueError(f"the first field of an event has tag {tag}, not {DEVICES_TAG}")
    at += 6
    names: list[str] = []
    if kind in CENTRE_EVENTS:
        for _ in range(count):
            length, what, text = _concern_head(body, at)
            names.append(_MARKS[ConcernKind(what)] + body[at + 5 : at + 5 + text].decode())
            at += 2 + length
        return tuple(names)
    for _ in range(count):
        length, _, _, text = _change_head(body, at)
        names.append(body[at + 6 : at + 6 + text].decode())
        at += 2 + length
    return tuple(names)
