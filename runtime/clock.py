"""The one place that asks what time it is, so that everything else can be given its time.

Pure code takes `now_us` as an argument; code that does I/O takes a `Clock`. Nothing here sleeps or schedules.
"""

import time
from dataclasses import dataclass
from typing import Protocol

MICROSECONDS = 1_000_000
"""In one second."""


class Clock(Protocol):
    """Wall time for what people and records read, monotonic time for what is measured."""

    def wall_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z; may jump, either way, when the machine's clock is set."""
        ...

    def monotonic_us(self) -> int:
        """Microseconds since an arbitrary moment; never goes back."""
        ...


class SystemClock:
    """The machine's clocks."""

    __slots__ = ()

    def wall_us(self) -> int:
        return time.time_ns() // 1_000

    def monotonic_us(self) -> int:
        return time.monotonic_ns() // 1_000


@dataclass(slots=True)
class HandClock:
    """A clock that stands still until somebody moves it: for tests and for replay."""

    wall: int = 0
    monotonic: int = 0

    def wall_us(self) -> int:
        return self.wall

    def monotonic_us(self) -> int:
        return self.monotonic

    def pass_us(self, microseconds: int) -> None:
        """Let time go by on both clocks; ValueError when it is negative."""
        if microseconds < 0:
            raise ValueError("time does not go back; set_wall_us sets the wall clock")
        self.wall += microseconds
        self.monotonic += microseconds

    def set_wall_us(self, wall_us: int) -> None:
        """Set the wall clock as an administrator would, back or forth; monotonic time is not touched."""
        self.wall = wall_us
