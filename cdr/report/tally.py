"""Counts of one row of a report, and what is worked out of them. Pure.

Service level: the share of calls that was answered within so many seconds. What abandoned calls do to it is agreed
differently from contract to contract, so it is told in the three ways there are, each under its name (those of Cisco's
Unified Contact Center: abandoned calls ignored, with negative impact, with positive impact).
"""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Tally:
    """Microseconds where the name says so. ``within`` means within the threshold; ``wait_us`` is of answered calls,
    ``longest_wait_us`` of all. ``staffed_us``: agents logged in and not away; ``occupied_us``: of it busy with calls or
    the work after them. ``seized_us``: a trunk in use, ``span_us`` of the time that is looked at."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    other: int = 0
    """Neither: busy, no answer, failed, sent elsewhere."""
    answered_within: int = 0
    abandoned_within: int = 0
    wait_us: int = 0
    longest_wait_us: int = 0
    talking_us: int = 0
    wrap_up_us: int = 0
    staffed_us: int = 0
    occupied_us: int = 0
    seized_us: int = 0
    span_us: int = 0

    def add(self, other: "Tally") -> None:
        """Count the other's calls among ours."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_wait_us = max(self.longest_wait_us, other.longest_wait_us)

    @property
    def level_abandoned_ignored(self) -> float | None:
        """Answered within the threshold, of those that were not abandoned."""
        return _share(self.answered_within, self.offered - self.abandoned)

    @property
    def level_abandoned_negative(self) -> float | None:
        """Answered within the threshold, of all: who abandons counts as not answered in time."""
        return _share(self.answered_within, self.offered)

    @property
    def level_abandoned_positive(self) -> float | None:
        """Answered or abandoned within the threshold, of all: who leaves early did not wait too long."""
        return _share(self.answered_within + self.abandoned_within, self.offered)

    @property
    def average_wait_us(self) -> int | None:
        """Of answered calls."""
        return _mean(self.wait_us, self.answered)

    @property
    def average_talk_us(self) -> int | None:
        """Of answered calls."""
        return _mean(self.talking_us, self.answered)

    @property
    def average_wrap_up_us(self) -> int | None:
        """Of answered calls."""
        return _mean(self.wrap_up_us, self.answered)

    @property
    def occupancy(self) -> float | None:
        """Busy with calls or the work after them, of the time in which calls could come."""
        return _share(self.occupied_us, self.staffed_us)

    @property
    def busy_share(self) -> float | None:
        """A trunk's time in use."""
        return _share(self.seized_us, self.span_us)


_SUMS = tuple(one.name for one in fields(Tally) if one.name != "longest_wait_us")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _mean(total: int, count: int) -> int | None:
    return total // count if count else None
