"""An archive in memory, for tests of what a stream does with one."""

from protocol.archive import Frames, Hole


class Shelf:
    """An archive in memory: ``missing`` are the numbers that could not be kept, ``gone`` how many were thrown away."""

    def __init__(self, missing: frozenset[int] = frozenset(), gone: int = 0) -> None:
        self.kept: dict[int, bytes] = {}
        self.last = 0
        self._waiting: dict[int, bytes] = {}
        self._missing = missing
        self._gone = gone
        self.places = {"cdr": 0}

    @property
    def first(self) -> int:
        return min(self._gone, self.last) + 1

    def append(self, number: int, frame: bytes) -> None:
        self._waiting[number] = frame

    def commit(self) -> None:
        self.last = max(self._waiting, default=self.last)
        self.kept |= {number: frame for number, frame in self._waiting.items() if number not in self._missing}
        self._waiting.clear()

    def read(self, after: int, bytes_max: int) -> Frames | Hole | None:
        number = after + 1
        if number < self.first or number > self.last:
            return None
        if number in self._missing:
            last = number
            while last + 1 in self._missing:
                last += 1
            return Hole(number, last)
        frames: list[bytes] = []
        while number in self.kept and (not frames or sum(map(len, frames)) < bytes_max):
            frames.append(self.kept[number])
            number += 1
        return Frames(frames, number - 1)

    def consumers(self) -> dict[str, int]:
        return self.places

    def confirm(self, consumer: str, number: int) -> None:
        self.places[consumer] = max(self.places[consumer], number)
