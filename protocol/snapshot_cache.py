"""Snapshots for those who begin: taken when needed, encoded once, sent to many. Pure.

A thousand subscribers that come back together are given the same few snapshots, and those are held as bytes once: a
piece is made when the first of them asks for it and is the same object for the others. Who is so slow that its
snapshot is not among the newest any more gets its pieces made again, for itself alone.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from protocol.filters import AnyPart, AnySnapshot, Filter, filtered_parts, parts_of
from protocol.frame import pack_frame
from protocol.kinds import Kind
from protocol.limits import SNAPSHOTS_PER_SECOND_MAX, SNAPSHOTS_SHARED_MAX
from protocol.packing import snapshot_body

Body = Callable[[AnyPart], tuple[int, bytes]]


class SnapshotFrames:
    """A snapshot as pieces of whole frames. Pieces of a shared one are kept until ``forget``."""

    def __init__(self, snapshot: AnySnapshot, index: int, body: Body, *, shared: bool = False) -> None:
        """``index``: of the stream; ``body`` encodes a value."""
        self.number: Final = snapshot.number
        self._index = index
        self._body = body
        self._parts = parts_of(snapshot)
        self._pieces: dict[tuple[int, int], tuple[bytes, int]] | None = {} if shared else None

    @property
    def parts(self) -> int:
        """The place behind the last value: a piece that ends there has SNAPSHOT_END."""
        return len(self._parts)

    def piece(self, at: int, bytes_max: int) -> tuple[bytes, int]:
        """The frames from place ``at`` on (0 at first), about ``bytes_max`` bytes; the place at which to go on."""
        if self._pieces is None:
            return self._made(at, bytes_max)
        kept = self._pieces.get((at, bytes_max))
        if kept is None:
            kept = self._pieces[at, bytes_max] = self._made(at, bytes_max)
        return kept

    def forget(self) -> None:
        """Keep no pieces any more: whoever still reads gets them made anew."""
        self._pieces = None

    def _made(self, at: int, bytes_max: int) -> tuple[bytes, int]:
        frames: list[bytes] = []
        gathered = 0
        while at < len(self._parts) and gathered < bytes_max:
            kind, body = self._body(self._parts[at])
            frames.append(pack_frame(kind, self._index, self.number, body))
            gathered += len(frames[-1])
            at += 1
        if at == len(self._parts):
            frames.append(pack_frame(Kind.SNAPSHOT_END, self._index, self.number))
        return b"".join(frames), at


class SnapshotCache:
    """The snapshot of the newest number asked for, and the bodies of its values, which outlive it while they last."""

    def __init__(self, take: Callable[[], AnySnapshot]) -> None:
        self._take = take
        self._snapshot: AnySnapshot | None = None
        self._second = 0
        self._taken_in_second = 0
        self._bodies: dict[int, tuple[AnyPart, int, bytes]] = {}
        self._bodies_of: AnySnapshot | None = None
        self._shared: deque[SnapshotFrames] = deque()

    def at(self, number: int) -> AnySnapshot:
        """The owner's snapshot at exactly ``number``; another one is our bug."""
        if self._snapshot is None or self._snapshot.number != number:
            snapshot = self._take()
            if snapshot.number != number:
                raise ValueError(f"snapshot of {snapshot.number} given, the stream is at {number}")
            self._snapshot = snapshot
        return self._snapshot

    def for_start(self, number: int, first_held: int, now: float, wanted: Filter, index: int) -> SnapshotFrames:
        """The snapshot to begin a subscription with: of ``number``, or in a storm one of the same second.

        The events after an older one are still held (``first_held``), so that they can follow it. ``now`` in seconds.
        """
        snapshot = self._snapshot_for_start(number, first_held, now)
        if wanted is not None:
            return SnapshotFrames(filtered_parts(snapshot, wanted), index, self.body)
        for frames in self._shared:
            if frames.number == snapshot.number:
                return frames
        frames = SnapshotFrames(snapshot, index, self.body, shared=True)
        self._shared.append(frames)
        if len(self._shared) > SNAPSHOTS_SHARED_MAX:
            self._shared.popleft().forget()
        return frames

    def forget(self) -> None:
        """Numbers begin anew: those held mean nothing any more."""
        self._snapshot = None
        while self._shared:
            self._shared.pop().forget()

    def body(self, part: AnyPart) -> tuple[int, bytes]:
        """A value encoded. By identity: an owner's value that did not change is the same object in the next snapshot,
        and to compare thousands of them by what they hold would hold up the events."""
        kept = self._bodies.get(id(part))
        if kept is None:
            kind, body = snapshot_body(part)
            kept = self._bodies[id(part)] = (part, kind, body)
        return kept[1], kept[2]

    def _snapshot_for_start(self, number: int, first_held: int, now: float) -> AnySnapshot:
        if int(now) != self._second:
            self._second, self._taken_in_second = int(now), 0
        cached = self._snapshot
        if cached is not None and self._taken_in_second >= SNAPSHOTS_PER_SECOND_MAX and first_held <= cached.number + 1:
            return cached
        self._taken_in_second += 1
        snapshot = self.at(number)
        if self._bodies_of is not snapshot:
            kept, self._bodies_of = self._bodies, snapshot
            self._bodies = {id(part): kept[id(part)] for part in parts_of(snapshot) if id(part) in kept}
        return snapshot
