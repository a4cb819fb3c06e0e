"""The alarms of the link since the start: how often each code, when last, and what it said. Bounded; pure."""

from dataclasses import dataclass
from typing import Final

from model.ids import Microseconds

CODES_MAX: Final = 64
"""Different codes that are kept: links have some ten, all of them names in our code."""

OTHER: Final = "other"
"""Under this name alarms are counted whose code finds no place."""

TEXT_CHARS_MAX: Final = 500
"""Kept of an alarm's words: a screen's line or two. The log has them in full."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One code's alarms: how many, and the last one's time and words."""

    count: int
    last_us: Microseconds
    text: str


class Alarms:
    """Counts alarms by their code."""

    def __init__(self) -> None:
        self._held: dict[str, Alarm] = {}

    def add(self, code: str, text: str, now: Microseconds) -> None:
        """One more."""
        if code not in self._held and len(self._held) >= CODES_MAX - 1:
            code = OTHER
        before = self._held.get(code)
        self._held[code] = Alarm(1 if before is None else before.count + 1, now, text[:TEXT_CHARS_MAX])

    def by_code(self) -> dict[str, Alarm]:
        """All of them, by code."""
        return dict(sorted(self._held.items()))
