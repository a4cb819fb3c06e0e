"""Which connection after an event is which part of before: within a call, and across calls that were re-keyed.

A connection's key may be told late, and its device too (docs/callmodel.md, Identity); a transfer gives every
connection a new call and often a new key. So what is surest is matched first: the key, then the device, then the trunk,
then the guess that a nameless connection is the nameless part.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from cdr.ledger.draft import Part
from model.states import ConnectionState
from model.view import Call, Connection

Seen = tuple[Call, Connection]
Same = Callable[[Part, Call, Connection], bool]


def _same_key(part: Part, call: Call, one: Connection) -> bool:
    return part.call_id == call.call_id and part.key == one.key != ""


def _same_device(part: Part, call: Call, one: Connection) -> bool:
    return part.call_id == call.call_id and part.device == one.device != ""


def _same_trunk(part: Part, call: Call, one: Connection) -> bool:
    return part.call_id == call.call_id and part.trunk == one.trunk != ""


def _guess(part: Part, call: Call, one: Connection) -> bool:
    return (
        part.call_id == call.call_id
        and ("" in (part.device, one.device))
        and ("" in (part.key, one.key))
        and (part.trunk == one.trunk or "" in (part.trunk, one.trunk))
    )


def _moved_device(part: Part, call: Call, one: Connection) -> bool:
    return (
        part.call_id != call.call_id
        and part.device == one.device != ""
        and (part.trunk == one.trunk or "" in (part.trunk, one.trunk))
    )


def _moved_nameless(part: Part, call: Call, one: Connection) -> bool:
    return part.call_id != call.call_id and part.device == one.device and part.trunk == one.trunk


_WITHIN: tuple[Same, ...] = (_same_key, _same_device, _same_trunk, _guess)
_ACROSS: tuple[Same, ...] = (_moved_device, _moved_nameless)


def live_connections(calls: Iterable[Call]) -> list[Seen]:
    """Every connection of these calls that is not null."""
    return [
        (call, one)
        for call in calls
        if not call.ended
        for one in call.connections
        if one.state is not ConnectionState.NULL
    ]


def _go_on_in_the_first(
    before: list[Part], after: list[Seen]
) -> tuple[list[tuple[Part, Call, Connection]], list[Part], list[Seen]]:
    """Devices that had two parts and have one connection now."""
    parts_of = Counter(part.device for part in before if part.device)
    if all(count == 1 for count in parts_of.values()):
        return [], before, after
    connections_of = Counter[str](one.device for _, one in after)
    going: list[tuple[Part, Call, Connection]] = []
    left, new = before, after
    for device, count in parts_of.items():
        if count > 1 and connections_of[device] == 1:
            part = next(part for part in left if part.device == device)
            call, one = next((call, one) for call, one in new if one.device == device)
            going.append((part, call, one))
            left = [other for other in left if other is not part]
            new = [seen for seen in new if seen[1] is not one]
    return going, left, new


def match(before: list[Part], after: list[Seen]) -> tuple[list[tuple[Part, Call, Connection]], list[Part], list[Seen]]:
    """(those that go on, as which connection), those that are gone, those that are new.

    ``before`` in the order of their beginning: a device with two parts (a conference, or a transfer whose new call was
    heard of before it) goes on in its first.
    """
    going, left, new = _go_on_in_the_first(before, after)
    for same in (*_WITHIN, *_ACROSS):
        if not left or not new:
            break
        still_new: list[Seen] = []
        for call, one in new:
            for part in left:
                if same(part, call, one):
                    going.append((part, call, one))
                    left = [other for other in left if other is not part]
                    break
            else:
                still_new.append((call, one))
        new = still_new
    return going, left, new
