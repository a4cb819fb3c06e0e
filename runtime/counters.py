"""What a daemon counts about itself: named counters and gauges, cheap enough to touch for every frame.

One `Counters` for each daemon, made where it is wired and handed to those who count. Names follow
`ultra_<daemon>_<noun>_<unit>`, counters end in `_total`. Must not know who reads them: a view, a log line, Prometheus.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = re.compile(r"ultra(_[a-z0-9]+){2,}")
COUNTER_END = "_total"


@dataclass(slots=True)
class Counter:
    """Only rises, from the daemon's start on."""

    name: str
    meaning: str
    value: int = 0

    def add(self, amount: int = 1) -> None:
        """ValueError when `amount` is negative."""
        if amount < 0:
            raise ValueError(f"{self.name} only rises, not by {amount}")
        self.value += amount


@dataclass(slots=True)
class Gauge:
    """How it stands now."""

    name: str
    meaning: str
    value: float = 0

    def set(self, value: float) -> None:
        """Put the present value."""
        self.value = value


class Counters:
    """All counters and gauges of one daemon. Not for several threads at once."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[str, Counter | Gauge] = {}

    def counter(self, name: str, meaning: str) -> Counter:
        """A new counter; ValueError when the name is taken or is not formed as it must be."""
        if not name.endswith(COUNTER_END):
            raise ValueError(f"a counter's name ends in {COUNTER_END}: {name}")
        counter = Counter(name, meaning)
        self._hold(counter)
        return counter

    def gauge(self, name: str, meaning: str) -> Gauge:
        """A new gauge; ValueError when the name is taken or is not formed as it must be."""
        if name.endswith(COUNTER_END):
            raise ValueError(f"only a counter's name ends in {COUNTER_END}: {name}")
        gauge = Gauge(name, meaning)
        self._hold(gauge)
        return gauge

    def values(self) -> dict[str, float]:
        """All values now, by name, in the order in which they were made."""
        return {name: each.value for name, each in self._held.items()}

    def __iter__(self) -> Iterator[Counter | Gauge]:
        return iter(self._held.values())

    def _hold(self, each: Counter | Gauge) -> None:
        if not _NAME.fullmatch(each.name):
            raise ValueError(f"not of the form ultra_<daemon>_<noun>_<unit>: {each.name}")
        if each.name in self._held:
            raise ValueError(f"counted twice: {each.name}")
        self._held[each.name] = each
