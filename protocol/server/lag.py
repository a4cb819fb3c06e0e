"""How far a live subscriber is behind: the events published since all that was written to it had left.

It is looked at now and then, so it is exact but for the time between two looks. What the kernel has taken has left.
"""


class Lag:
    """Since when, in seconds, and since which event bytes wait for a subscriber."""

    def __init__(self, last: int, now: float) -> None:
        """``last``: number of the newest event."""
        self._number = last
        self._at = now

    def look(self, waiting_bytes: int, last: int, now: float) -> None:
        """See whether anything waits."""
        if not waiting_bytes:
            self._number, self._at = last, now

    def events(self, waiting_bytes: int, last: int) -> int:
        """Events behind."""
        return last - self._number if waiting_bytes else 0

    def seconds(self, now: float) -> float:
        """Seconds behind."""
        return now - self._at
