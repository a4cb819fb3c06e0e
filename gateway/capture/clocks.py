"""The clock behind the doors: one that notes what it was asked, and one that says it again. Pure."""

from collections.abc import Sequence

from gateway.capture.step import MONOTONIC, WALL
from runtime.clock import Clock


class Parted(Exception):
    """A replay went another way than the capture: what happened, and what the capture holds there."""


class NotingClock:
    """Notes every reading while ``readings`` is a list: microseconds times two, plus which clock it was."""

    __slots__ = ("_clock", "readings")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.readings: list[int] | None = None

    def wall_us(self) -> int:
        """See ``Clock``."""
        now = self._clock.wall_us()
        if self.readings is not None:
            self.readings.append(now << 1)
        return now

    def monotonic_us(self) -> int:
        """See ``Clock``."""
        now = self._clock.monotonic_us()
        if self.readings is not None:
            self.readings.append(now << 1 | 1)
        return now


class PlayedClock:
    """Says what a capture notes of a step, in its order. Between steps it stands still."""

    __slots__ = ("_at", "_last", "_readings", "parted")

    def __init__(self, wall_us: int, monotonic_us: int) -> None:
        self._last = [wall_us, monotonic_us]
        self.parted: Parted | None = None
        """Where it was asked what the capture does not hold next."""
        self._readings: Sequence[tuple[int, int]] = ()
        self._at = 0

    def begin(self, readings: Sequence[tuple[int, int]]) -> None:
        """A step begins."""
        self._readings = readings
        self._at = 0

    @property
    def unread(self) -> int:
        """Readings that the step has not asked for."""
        return len(self._readings) - self._at

    def wall_us(self) -> int:
        """See ``Clock``. Parted when the capture holds no such reading next."""
        return self._next(WALL)

    def monotonic_us(self) -> int:
        """See ``Clock``. Parted when the capture holds no such reading next."""
        return self._next(MONOTONIC)

    def end(self) -> None:
        """The step is over: whoever asks now is told the last time known."""
        self._readings = ()
        self._at = 0

    def _next(self, clock: int) -> int:
        if not self._readings:
            return self._last[clock]
        if self._at >= len(self._readings):
            raise self._part(f"the time is asked for once more than the {len(self._readings)} times it was then")
        read, now = self._readings[self._at]
        if read != clock:
            names = ("wall", "monotonic")
            raise self._part(f"the {names[clock]} clock is asked for where it was the {names[read]} clock then")
        self._at += 1
        self._last[clock] = now
        return now

    def _part(self, text: str) -> Parted:
        self.parted = self.parted or Parted(text)
        return self.parted
