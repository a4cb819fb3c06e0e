"""What of a very large call is shown: as much as fits the frames of an event, for a switch must not end us by numbers.

A conference of 700 parties fits whole. What is beyond is not shown, and counted by whoever calls.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from model.ids import DeviceNumber
from model.view import Connection

FEW: Final = 16
"""So many fit whatever their identities are: nothing is measured."""

CALL_BYTES_MAX: Final = 20_000
"""Of a call's connections: a transfer's event carries three calls, in a field of 65,535 bytes."""

DEVICES_BYTES_MAX: Final = 60_000
"""Of an event's list of devices, a field of its own."""

CONNECTION_FIXED: Final = 18
"""Of a connection beside its texts; a device has less."""


def shown(connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """The first of them, as many as fit."""
    if len(connections) <= FEW:
        return tuple(connections)
    sizes = (len(f"{one.key}{one.device}{one.trunk}".encode()) for one in connections)
    return tuple(connections[: _fitting(sizes, CALL_BYTES_MAX)])


def named(numbers: Sequence[DeviceNumber]) -> Sequence[DeviceNumber]:
    """The same of the devices that an event concerns."""
    if len(numbers) <= FEW:
        return numbers
    return numbers[: _fitting((len(number.encode()) for number in numbers), DEVICES_BYTES_MAX)]


def _fitting(sizes: Iterable[int], room: int) -> int:
    count = 0
    for size in sizes:
        room -= CONNECTION_FIXED + size
        if room < 0:
            break
        count += 1
    return count
