"""What a stream asks of the journal behind it: keep events before they leave, give back what memory no longer has.

A daemon that keeps none gives no archive: then each start is a new epoch, and memory is all that a resume can have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frames:
    """Whole frames in the order of their numbers without a hole, and the number now reached. Few or none do not mean
    the end: that is reached when ``last`` is the stream's own."""

    frames: list[bytes]
    last: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers ``first`` to ``last``, both included, that were used or may have been, and whose events are not held: the
    journal was not writable, or has been damaged since."""

    first: int
    last: int


class Archive(Protocol):
    """A stream's events on disk. Never raises for what the disk does."""

    @property
    def first(self) -> int:
        """The oldest number that may be asked for; one beyond the last when there is none."""

    def append(self, number: int, frame: bytes) -> None:
        """An event, in the order of numbers; kept with the next ``commit``."""

    def commit(self) -> None:
        """Everything appended is kept, as far as the disk allows, when this returns: now it may leave."""

    def read(self, after: int, bytes_max: int) -> Frames | Hole | None:
        """About that many bytes of what follows a number; none when much had to be looked through: then call again,
        after the others' turn. The hole that begins there; None where nothing is held any more, or not yet."""

    def consumers(self) -> Mapping[str, int]:
        """The durable consumers and the number up to which each has confirmed; 0: nothing of this epoch."""

    def confirm(self, consumer: str, number: int) -> None:
        """One of them has taken everything up to a number that was published: it needs not be kept for it."""
