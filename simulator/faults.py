"""What can go wrong on the way from the switch to a client: messages lost, doubled, late, swapped, cut into bytes.

A wrapper on the stream of frames, seeded, without I/O: the same seed and the same messages give the same faults. Never
touches the switch itself, whose account stays true.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

from simulator.monitors import Report
from simulator.session import Outgoing, Role
from simulator.switch import SECOND_US

GLUED_SECONDS = 0.02
"""Frames that are to arrive in one segment are kept back this long."""
SWAPPED_SECONDS = 0.02
"""An event that is to be overtaken waits this long."""
_GARBAGE_BYTES = 24


@dataclass(slots=True)
class Faults:
    """Which faults are on, for all clients. Shares are 0…1, of events unless said otherwise; all may change later."""

    lose: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay: float = 0.0
    """Share of messages that are late, and all later ones with them."""
    delay_seconds: float = 0.5
    snapshot_delay_seconds: float = 0.0
    """Answers to snapshots come up to so much later, overtaken by events."""
    garbage: float = 0.0
    """Share of messages before which random bytes are sent."""
    split_bytes: int = 0
    """Each write holds at most so many bytes; 0: as it comes."""
    shuffle_monitors: bool = False
    """The monitors that see a happening report it in random order among them, each keeping its own order."""
    glue: bool = False
    """Frames are collected and sent in one write."""
    silent: bool = False
    """Nothing leaves the switch any more; the connection stays."""

    def set(self, name: str, value: float) -> None:
        """Change one by its name. KeyError when there is none of that name."""
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        kept = getattr(self, name)
        setattr(self, name, type(kept)(value))

    def clear(self) -> None:
        for name, declared in self.__dataclass_fields__.items():
            setattr(self, name, declared.default)


def shuffled(reports: list[Report], chance: random.Random) -> list[Report]:
    """The reports with monitors mixed at random and the order of each monitor kept."""
    by_monitor: dict[str, list[Report]] = {}
    for report in reports:
        by_monitor.setdefault(report.monitor_cross_ref_id, []).append(report)
    turns = [cross_ref_id for cross_ref_id, own in by_monitor.items() for _ in own]
    chance.shuffle(turns)
    waiting = {cross_ref_id: iter(own) for cross_ref_id, own in by_monitor.items()}
    return [next(waiting[cross_ref_id]) for cross_ref_id in turns]


class FaultyWire:
    """The way to one client. What is sent comes out of `due` at its time, possibly never or twice."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self.lost = 0
        self.doubled = 0
        self._faults = faults
        self._random = random.Random(seed)
        self._waiting: list[tuple[int, int, bytes]] = []
        self._order = 0
        self._floor_us = 0

    @property
    def deadline_us(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def send(self, outgoing: Outgoing, now_us: int) -> None:
        faults = self._faults
        if faults.silent or (outgoing.role is Role.EVENT and self._happens(faults.lose)):
            self.lost += 1
            return
        due_us = max(now_us, self._floor_us)
        if faults.glue:
            due_us += int(GLUED_SECONDS * SECOND_US)
        if self._happens(faults.delay):
            due_us += int(self._random.random() * faults.delay_seconds * SECOND_US)
            self._floor_us = due_us
        if self._happens(faults.garbage):
            self._put(due_us, self._random.randbytes(_GARBAGE_BYTES))
        self._put(due_us + self._own_delay_us(outgoing), outgoing.framed)
        if outgoing.role is Role.EVENT and self._happens(faults.double):
            self.doubled += 1
            self._put(due_us, outgoing.framed)

    def due(self, now_us: int) -> list[bytes]:
        """The writes that are due, each to be handed to the connection by itself."""
        ready: list[bytes] = []
        while self._waiting and self._waiting[0][0] <= now_us:
            ready.append(heapq.heappop(self._waiting)[2])
        return self._cut(ready)

    def flush(self) -> list[bytes]:
        """Everything that waits, at once and in order."""
        ready = [heapq.heappop(self._waiting)[2] for _ in range(len(self._waiting))]
        self._floor_us = 0
        return self._cut(ready)

    def _cut(self, ready: list[bytes]) -> list[bytes]:
        size = self._faults.split_bytes
        joined = b"".join(ready)
        if not size:
            return [joined] if joined else []
        return [joined[start : start + size] for start in range(0, len(joined), size)]

    def _own_delay_us(self, outgoing: Outgoing) -> int:
        """How much this one message comes after those sent later."""
        faults = self._faults
        if outgoing.role is Role.RESPONSE and outgoing.name.startswith("Snapshot"):
            return int(self._random.random() * faults.snapshot_delay_seconds * SECOND_US)
        if outgoing.role is Role.EVENT and self._happens(faults.reorder):
            return int(SWAPPED_SECONDS * SECOND_US)
        return 0

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share

    def _put(self, due_us: int, framed: bytes) -> None:
        self._order += 1
        heapq.heappush(self._waiting, (due_us, self._order, framed))
