"""Turns of those who pull a snapshot or catch up: a piece each, round and round, and never for long.

A thousand of them at once are no different for the live subscribers than one: between two turns of theirs the loop
does everything else that is due.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from protocol.limits import CATCH_UP_TURN_BYTES, CATCH_UP_TURN_SECONDS


class Puller(Protocol):
    """Whoever catches up."""

    def pull(self) -> int:
        """Take the next piece; its bytes. Asks for another turn itself."""
        ...


class CatchUp:
    """The queue of those whose turn is to come. ``later`` runs something in the loop's next turn."""

    def __init__(self, later: Callable[[Callable[[], None]], None]) -> None:
        self._later: Final = later
        self._queue: deque[Puller] = deque()
        self._queued: set[Puller] = set()
        self._is_due = False

    def ask(self, puller: Puller) -> None:
        """A turn for somebody who can take more; once at a time."""
        if puller not in self._queued:
            self._queued.add(puller)
            self._queue.append(puller)
        if not self._is_due:
            self._is_due = True
            self._later(self._turn)

    def _turn(self) -> None:
        self._is_due = False
        ends = time.monotonic() + CATCH_UP_TURN_SECONDS
        handed_over = 0
        while self._queue and handed_over < CATCH_UP_TURN_BYTES:
            puller = self._queue.popleft()
            self._queued.discard(puller)
            handed_over += puller.pull()
            if time.monotonic() >= ends:
                break
        if self._queue and not self._is_due:
            self._is_due = True
            self._later(self._turn)
