"""Is the switch still there, and does the application session still run? Two clocks, nothing sent. Pure.

Any message of the switch proves that it lives; a part of one does not.
"""

import enum
from collections.abc import Callable


class Pulse(enum.Enum):
    """What the silence asks for."""

    FINE = enum.auto()
    TEST = enum.auto()
    """Silent for long enough to ask whether it is there."""
    DEAD = enum.auto()
    """As long again without a word."""


class KeepAlive:
    """Silence of the switch. ``now`` is monotonic, in seconds."""

    def __init__(self, silence_seconds: float, now: Callable[[], float]) -> None:
        self._silence_seconds = silence_seconds
        self._now = now
        self._heard = now()
        self._is_tested = False

    @property
    def silent_seconds(self) -> float:
        """How long nothing was heard."""
        return self._now() - self._heard

    def heard(self) -> None:
        """A message came."""
        self._heard = self._now()
        self._is_tested = False

    def deadline(self) -> float:
        """When ``pulse`` is next due."""
        return self._heard + self._silence_seconds * (2 if self._is_tested else 1)

    def pulse(self) -> Pulse:
        """Judge the silence; TEST comes once for each."""
        silent = self.silent_seconds
        if silent >= 2 * self._silence_seconds:
            return Pulse.DEAD
        if silent >= self._silence_seconds and not self._is_tested:
            self._is_tested = True
            return Pulse.TEST
        return Pulse.FINE


class SessionTimer:
    """When the application session is to be prolonged: at half of its actual duration (ECMA-354 6.3)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.due_seconds: float | None = None

    def granted(self, duration_seconds: int) -> None:
        """The switch granted so much; 0 or less has no end."""
        self.due_seconds = self._now() + duration_seconds / 2 if duration_seconds > 0 else None

    def take_due(self) -> bool:
        """Whether to prolong now; then it waits for the next grant."""
        if self.due_seconds is None or self.due_seconds > self._now():
            return False
        self.due_seconds = None
        return True
