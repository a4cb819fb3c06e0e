"""A time in which the journal cannot be written. Pure."""

from dataclasses import dataclass

from gateway.journal.limits import RETRY_US
from protocol.archive import Hole
from runtime.texts import Text


@dataclass(slots=True)
class Outage:
    """Why, since when, the first number lost, and when it was last tried."""

    reason: Text
    since_us: int
    first: int
    tried_us: int | None

    def is_due(self, now_us: int) -> bool:
        """Whether to try again; a clock that was turned back never makes it wait."""
        return is_due(self.tried_us, now_us)

    def failed(self, reason: Text, now_us: int) -> None:
        """Tried in vain."""
        self.reason = reason
        self.tried_us = now_us

    def lost(self, last: int) -> Hole | None:
        """What is lost when `last` is the last number used."""
        return Hole(self.first, last) if last >= self.first else None


def is_due(tried_us: int | None, now_us: int) -> bool:
    """Whether the last attempt, if any, was long enough ago."""
    return tried_us is None or not 0 <= now_us - tried_us < RETRY_US
