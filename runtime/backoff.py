"""How long to wait before trying a connection again; pure, it neither sleeps nor draws its own random numbers.

Every client of a daemon and every link uses it: quick at first, since most cuts are short, then every five seconds for
ever, since an operator who repaired the switch must not have to touch the gateway too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

WAITS_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""The first waits, in order."""

WAIT_SECONDS_LAST = 5.0
"""Every wait after those: short enough for an operator who watches, long enough not to load a switch that starts."""

JITTER_SHARE = 0.2
"""Each wait is spread by so much to either side, so that a thousand clients do not come back in the same instant."""

SESSION_SECONDS_GOOD = 60.0
"""A session that lived so long was a good one: the next cut begins with the first wait again."""


@dataclass(slots=True)
class Backoff:
    """The waits of one connection. `random` gives a number in [0, 1): `random.random`, or a fixed one in a test."""

    random: Callable[[], float]
    attempt: int = field(default=0)
    """Waits handed out since the last good session."""

    def next_wait_seconds(self) -> float:
        """The wait before the next attempt, jittered; counts the attempt."""
        base = WAITS_SECONDS[self.attempt] if self.attempt < len(WAITS_SECONDS) else WAIT_SECONDS_LAST
        self.attempt += 1
        return base * (1.0 + JITTER_SHARE * (2.0 * self.random() - 1.0))

    def session_ended(self, lived_seconds: float) -> None:
        """Tell how long the session lived that has just ended; a good one starts the sequence anew."""
        if lived_seconds >= SESSION_SECONDS_GOOD:
            self.attempt = 0
