"""The numbers that some switches put into each message (``messageSequenceNumber``, ECMA-269 12.2.15). Pure.

Without them what is lost or doubled cannot be seen; with them a hole is known at once.
"""

import enum

REMEMBERED = 64
"""Messages kept to recognise one that comes twice, or after a later one: more than a switch's way to us can swap."""


class Order(enum.Enum):
    """What a message's number says of it."""

    NEXT = enum.auto()
    DOUBLE = enum.auto()
    """The very same message came before."""
    LATE = enum.auto()
    """It was missing, and comes after others."""
    GAP = enum.auto()
    """Messages before it are missing."""
    RESTARTED = enum.auto()
    """The switch counts anew: what came between is not known."""


class MessageNumbers:
    """Numbers as they came in one session; the first one counts as the next."""

    def __init__(self) -> None:
        self.last: int | None = None
        self._seen: dict[int, bytes] = {}

    def take(self, number: int, body: bytes) -> Order:
        """Judge a message by its number; ``body`` tells a second copy from a number used anew."""
        before = self.last
        if number in self._seen and self._seen[number] == body:
            return Order.DOUBLE
        if before is not None and min(self._seen) < number < before and number not in self._seen:
            self._seen[number] = body
            return Order.LATE
        if before is not None and number <= before:
            self._seen.clear()
        self._seen[number] = body
        if len(self._seen) > REMEMBERED:
            del self._seen[min(self._seen)]
        self.last = number
        if before is None or number == before + 1:
            return Order.NEXT
        return Order.GAP if number > before else Order.RESTARTED
