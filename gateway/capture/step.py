"""One step: what came in by a door, when, what the clock said behind it, and what left. As bytes and back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.capture.varints import Reader, pack, unzigzag, zigzag
from gateway.doors import Door

WALL, MONOTONIC = 0, 1
"""The two clocks, in the lowest bit of a reading."""


@dataclass(frozen=True, slots=True)
class Step:
    """``wall_us`` is when it came. ``brought`` are its values, written; ``readings`` is (clock, microseconds) for each
    time that the clock was read. ``sent`` went to the switch. ``events`` were published, ``frames_crc`` is of all
    their frames (0: none)."""

    door: Door
    wall_us: int
    brought: bytes = b""
    readings: tuple[tuple[int, int], ...] = ()
    sent: bytes = b""
    events: int = 0
    frames_crc: int = 0


@dataclass(slots=True)
class StepCodec:
    """Writes and reads the steps of one part in their order: times are differences to those before. ``wall_us`` and
    ``monotonic_us`` are the part's own beginning."""

    wall_us: int
    monotonic_us: int

    def pack(
        self, wall_us: int, brought: bytes, readings: Sequence[int], sent: bytes, events: int, frames_crc: int
    ) -> bytes:
        """A step's content; each of ``readings`` is microseconds times two, plus the clock."""
        numbers = [zigzag(wall_us - self.wall_us), len(brought)]
        self.wall_us = wall_us
        head = pack(numbers)
        written = [len(readings)]
        wall, monotonic = wall_us, self.monotonic_us
        for reading in readings:
            now = reading >> 1
            if reading & 1:
                written.append(zigzag(now - monotonic) << 1 | MONOTONIC)
                monotonic = now
            else:
                written.append(zigzag(now - wall) << 1)
                wall = now
        self.monotonic_us = monotonic
        written += (len(sent), events)
        crc = frames_crc.to_bytes(4) if events else b""
        return b"".join((head, brought, pack(written), crc, sent))

    def read(self, kind: int, content: bytes) -> Step:
        """ValueError for what no step is."""
        door = Door(kind)
        reader = Reader(content)
        self.wall_us += unzigzag(reader.number())
        brought = reader.block()
        wall, monotonic = self.wall_us, self.monotonic_us
        readings: list[tuple[int, int]] = []
        for _ in range(reader.number()):
            number = reader.number()
            if number & 1:
                monotonic += unzigzag(number >> 1)
                readings.append((MONOTONIC, monotonic))
            else:
                wall += unzigzag(number >> 1)
                readings.append((WALL, wall))
        self.monotonic_us = monotonic
        sent_bytes, events = reader.number(), reader.number()
        frames_crc = int.from_bytes(reader.take(4)) if events else 0
        sent = reader.take(sent_bytes)
        if not reader.is_at_end:
            raise ValueError("a step that is longer than it says")
        return Step(door, self.wall_us, brought, tuple(readings), sent, events, frames_crc)
