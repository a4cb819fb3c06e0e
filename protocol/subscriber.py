"""One subscription of one session: from SUBSCRIBE over snapshot and catch-up to the live head. Pure.

Until it is live a subscriber pulls: ``more`` gives the next bytes when there is room for them, so that a snapshot of a
large site never waits in the server's memory. ``server.py`` owns the socket and the order of writes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic

from model.view import Snapshot
from protocol.archive import Hole
from protocol.codec import SnapshotPart
from protocol.errors import Code
from protocol.filters import Filter, filtered, parts_of
from protocol.frame import pack_frame
from protocol.kinds import Kind
from protocol.limits import SNAPSHOTS_PER_SECOND_MAX
from protocol.messages import Gap, Subscribe, Subscribed, pack_gap, pack_subscribed
from protocol.packing import snapshot_body
from protocol.stream import Audience, Member, Stream


class SnapshotCache:
    """The snapshot of the newest number asked for, and the bodies of its values, which outlive it while they last."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take = take
        self._snapshot: Snapshot | None = None
        self._second = 0
        self._taken_in_second = 0
        self._bodies: dict[SnapshotPart, tuple[int, bytes]] = {}

    def at(self, number: int) -> Snapshot:
        """The owner's snapshot at exactly ``number``; another one is our bug."""
        if self._snapshot is None or self._snapshot.number != number:
            snapshot = self._take()
            if snapshot.number != number:
                raise ValueError(f"snapshot of {snapshot.number} given, the stream is at {number}")
            kept = self._bodies
            self._snapshot = snapshot
            self._bodies = {part: kept[part] for part in parts_of(snapshot) if part in kept}
        return self._snapshot

    def for_start(self, number: int, first_held: int, now: float) -> Snapshot:
        """A snapshot to begin a subscription with: of ``number``, or in a storm one of the same second.

        The events after an older one are still held, so that they can follow it.
        """
        if int(now) != self._second:
            self._second, self._taken_in_second = int(now), 0
        cached = self._snapshot
        if cached is not None and self._taken_in_second >= SNAPSHOTS_PER_SECOND_MAX and first_held <= cached.number + 1:
            return cached
        self._taken_in_second += 1
        return self.at(number)

    def forget(self) -> None:
        """Numbers begin anew: the one held means nothing any more."""
        self._snapshot = None

    def body(self, part: SnapshotPart) -> tuple[int, bytes]:
        packed = self._bodies.get(part)
        if packed is None:
            packed = self._bodies[part] = snapshot_body(part)
        return packed


@dataclass(slots=True)
class Subscriber(Generic[Member]):
    """A subscription that has begun. ``audience`` is set once it is live; ``after`` counts until then."""

    stream: Stream[Member]
    snapshots: SnapshotCache
    wanted: Filter
    after: int
    began: float
    consumer: str = ""
    audience: Audience[Member] | None = None
    _snapshot: Iterator[bytes] | None = None
    _handed: int = 0
    """Events of the catch-up; once live, less those that the audience was handed before."""

    @property
    def is_live(self) -> bool:
        return self.audience is not None

    @property
    def is_at_head(self) -> bool:
        """Whether everything up to the newest event has been pulled."""
        return self._snapshot is None and self.after == self.stream.last

    @property
    def behind_events(self) -> int:
        """Events between this subscriber and the head, none of them its own ones only."""
        return 0 if self.is_live else self.stream.last - self.after

    @property
    def events(self) -> int:
        """Events handed over so far."""
        return self._handed + (0 if self.audience is None else self.audience.handed)

    def go_live(self, member: Member) -> None:
        """Everything up to the head was pulled: from now on it is handed over."""
        self.audience = self.stream.join(member, self.wanted)
        self._handed -= self.audience.handed

    def take_snapshot(self, now: float) -> None:
        """The state as it is comes next, then what follows it. ``now`` in seconds."""
        stream = self.stream
        snapshot = filtered(self.snapshots.for_start(stream.last, stream.first, now), self.wanted)
        self.after = snapshot.number
        self._snapshot = _snapshot_frames(snapshot, self.snapshots, stream.index)

    def more(self, bytes_max: int, now: float) -> bytes | None:
        """About that many next bytes, perhaps none; None when the next event is no longer held. ``now`` in seconds.

        One call looks at no more than one segment of the ring, so that a filter that little passes holds up nobody.
        """
        if self._snapshot is not None:
            pieces: list[bytes] = []
            gathered = 0
            for frame in self._snapshot:
                pieces.append(frame)
                gathered += len(frame)
                if gathered >= bytes_max:
                    return b"".join(pieces)
            self._snapshot = None
            return b"".join(pieces)
        caught_up = self.stream.catch_up(self.after, self.wanted, bytes_max)
        if caught_up is None:
            return None
        if isinstance(caught_up, Hole):
            gap = Gap(Code.JOURNAL_HOLE, self.stream.epoch, self.after + 1, caught_up.last)
            self.take_snapshot(now)
            return pack_frame(Kind.GAP, self.stream.index, 0, pack_gap(gap))
        self.after = caught_up.after
        self._handed += caught_up.events
        return caught_up.data


def begin(
    stream: Stream[Member], snapshots: SnapshotCache, subscribe: Subscribe, number: int, now: float
) -> tuple[Subscriber[Member], bytes]:
    """Start a subscription: the subscriber, and SUBSCRIBED (and GAP) to write before all that it pulls."""
    start = stream.start(subscribe)
    subscriber = Subscriber(stream, snapshots, subscribe.devices, start.after, now, subscribe.consumer)
    after = None if start.snapshot else start.after
    answer = Subscribed(start.snapshot, stream.epoch, stream.first, stream.last, after)
    opening = pack_frame(Kind.SUBSCRIBED, stream.index, number, pack_subscribed(answer))
    if start.gap is not None:
        opening += pack_frame(Kind.GAP, stream.index, 0, pack_gap(start.gap))
    if start.snapshot:
        subscriber.take_snapshot(now)
    return subscriber, opening


def _snapshot_frames(snapshot: Snapshot, snapshots: SnapshotCache, index: int) -> Iterator[bytes]:
    for part in parts_of(snapshot):
        kind, body = snapshots.body(part)
        yield pack_frame(kind, index, snapshot.number, body)
    yield pack_frame(Kind.SNAPSHOT_END, index, snapshot.number)
