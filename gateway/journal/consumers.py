"""The places of durable consumers: up to which number each has confirmed. Pure but for two functions at the end.

A place only ever says less than is true (a crash, a full disk): then more is kept, never less.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from gateway.journal.files import read_some, write_quickly
from gateway.journal.limits import CONSUMERS_MAX, NUMBER_MAX
from runtime.texts import Text, text

CONSUMERS_NAME: Final = "consumers"
FILE_BYTES_MAX: Final = 64 * 1024
"""Of the file: `CONSUMERS_MAX` names of the longest kind and their numbers."""


class Consumers:
    """Places of the consumers that the settings name, in one epoch. Places of another epoch, and of names that the
    settings do not have, are dropped: nothing can be read for them."""

    def __init__(self, names: Iterable[str], epoch: int, places: Mapping[str, int]) -> None:
        self.epoch = epoch
        self.places: dict[str, int] = {name: places.get(name, 0) for name in names}
        if len(self.places) > CONSUMERS_MAX:
            raise ValueError(f"{len(self.places)} durable consumers, at most {CONSUMERS_MAX}")
        self.is_changed = False

    def confirm(self, name: str, number: int) -> bool:
        """Take a confirmation; whether it moved the place on; one that goes back changes nothing. KeyError for a name
        that the settings do not have."""
        if number <= self.places[name]:
            return False
        self.places[name] = number
        self.is_changed = True
        return True

    def begin(self, epoch: int) -> None:
        """All places are at the beginning of a new epoch."""
        self.epoch = epoch
        self.places = dict.fromkeys(self.places, 0)
        self.is_changed = True

    def pack(self) -> bytes:
        """The file's content."""
        return json.dumps({"epoch": self.epoch, "consumers": self.places}, indent=1).encode()


def read_places(content: bytes, epoch: int) -> dict[str, int] | None:
    """The places in a file's content; none of another epoch; None for what is no such file."""
    try:
        held = json.loads(content)
        places = dict(held["consumers"])
        is_of_epoch = held["epoch"] == epoch
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    sound = all(type(number) is int and 0 <= number <= NUMBER_MAX for number in places.values())
    if not sound:
        return None
    return places if is_of_epoch else {}


def recall_consumers(folder: Path, names: Iterable[str], epoch: int) -> tuple[Consumers, Text | None]:
    """The places as they were left, and in words what was wrong with their file. May raise OSError."""
    try:
        content = read_some(folder / CONSUMERS_NAME, 0, FILE_BYTES_MAX)
    except FileNotFoundError:
        return Consumers(names, epoch, {}), None
    places = read_places(content, epoch)
    if places is not None:
        return Consumers(names, epoch, places), None
    said = text("the places of the durable consumers cannot be read: all that is held is kept for them")
    return Consumers(names, epoch, {}), said


def remember_consumers(folder: Path, consumers: Consumers) -> None:
    """Write the places down: every second, so without an fsync. What a power cut leaves cannot be read, and keeps all
    for everybody. May raise OSError."""
    write_quickly(folder, CONSUMERS_NAME, consumers.pack())
    consumers.is_changed = False
