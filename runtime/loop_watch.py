"""Whether the event loop turns: a timer that should come every BEAT_SECONDS, and how late it was.

A loop that stands still answers nobody, so whoever asks from outside sees no answer within his own time. What is kept
here is for after that, and for a loop that turns so seldom that answers are luck: how long it stood still of late.
"""

import asyncio
from collections import deque
from typing import Final

BEAT_SECONDS: Final = 0.5
"""Between two beats: two timers a second cost nothing, and a pause of a second is seen."""

STILL_SECONDS_MAX: Final = 5.0
"""A longer pause is no load but a fault: subscribers count a peer as dead after some heartbeats of that length."""

NEWS_SECONDS: Final = 15.0
"""For so long a pause that is over makes the daemon unhealthy, so that who asks every ten seconds learns of it."""

KEPT_SECONDS: Final = 60.0
"""The longest pause is told of the last minute: longer than the interval at which anybody reads it."""


class LoopWatch:
    """The beats of one loop. ``start`` and ``stop`` belong to it; ``beat`` and the questions take the time in seconds
    of the loop's clock."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last: float | None = None
        self._pauses: deque[tuple[float, float]] = deque(maxlen=int(KEPT_SECONDS / BEAT_SECONDS) + 1)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to beat."""
        self._loop = loop
        self._again()

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def beat(self, now: float) -> None:
        """The timer came."""
        if self._last is not None:
            self._pauses.append((now, max(0.0, now - self._last - BEAT_SECONDS)))
        self._last = now

    def longest_pause(self, now: float, within_seconds: float = KEPT_SECONDS) -> float:
        """The longest time in seconds that the loop let a timer wait of late, one that waits now included."""
        waiting = 0.0 if self._last is None else max(0.0, now - self._last - BEAT_SECONDS)
        return max([waiting, *(pause for ended, pause in self._pauses if now - ended <= within_seconds)])

    def trouble(self, now: float) -> str:
        """Why the loop is not well, in words; empty when it is."""
        pause = self.longest_pause(now, NEWS_SECONDS)
        if pause <= STILL_SECONDS_MAX:
            return ""
        return f"the event loop stood still for {pause:.1f} s within the last {NEWS_SECONDS:.0f} s"

    def _again(self) -> None:
        assert self._loop is not None
        self.beat(self._loop.time())
        self._timer = self._loop.call_later(BEAT_SECONDS, self._again)
