"""What is deleted, and what a durable consumer still holds back. Pure: sizes, ages and places in, a plan out.

Whole files only, the oldest first, never the newest segment. What cannot be used any more (kept aside) goes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.journal.limits import JournalLimits
from gateway.journal.values import ConsumerBehind
from protocol.archive import Hole


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: its numbers `first` to `last`, when its last event came at the latest, and whether its
    events can still be read (of the present epoch, not aside)."""

    name: str
    size: int
    newest_us: int
    first: int = 0
    last: int = 0
    is_readable: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to delete, oldest first, and the consumers to speak of."""

    delete: tuple[Kept, ...] = ()
    behind: tuple[ConsumerBehind, ...] = ()


def plan(held: Sequence[Kept], places: Mapping[str, int], now_us: int, limits: JournalLimits) -> Plan:
    """What to delete of files in order, the last of which is the newest segment and stays."""
    slowest = min(places.values(), default=None)
    total = sum(file.size for file in held)
    aside = [file for file in held[:-1] if not file.is_readable]
    delete: list[Kept] = []
    for file in (*aside, *(file for file in held[:-1] if file.is_readable)):
        is_old = now_us - file.newest_us > limits.keep_seconds * 1_000_000
        if total <= limits.keep_bytes and not is_old:
            if file.is_readable:
                break
            continue
        waits = file.is_readable and slowest is not None and slowest < file.last
        if waits and total <= limits.hard_bytes:
            break
        delete.append(file)
        total -= file.size
    return Plan(tuple(delete), _behind(held, delete, places, limits))


def _behind(
    held: Sequence[Kept], deleted: Sequence[Kept], places: Mapping[str, int], limits: JournalLimits
) -> tuple[ConsumerBehind, ...]:
    behind = []
    for name, confirmed in places.items():
        waiting = sum(file.size for file in held if file.is_readable and file.last > confirmed)
        lost = [file for file in deleted if file.is_readable and file.last > confirmed]
        hole = Hole(max(confirmed + 1, lost[0].first), lost[-1].last) if lost else None
        if hole is not None or waiting * 2 >= limits.hard_bytes:
            behind.append(ConsumerBehind(name, confirmed, waiting, limits.hard_bytes, hole))
    return tuple(behind)
