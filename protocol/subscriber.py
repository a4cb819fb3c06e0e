"""One subscription of one session: from SUBSCRIBE over snapshot and catch-up to the live head. Pure.

Until it is live a subscriber pulls: ``more`` gives the next bytes when there is room for them, so that a snapshot of a
large site never waits in the server's memory. ``server.py`` owns the socket and the order of writes.
"""

from dataclasses import dataclass
from typing import Generic

from protocol.archive import Hole
from protocol.errors import Code
from protocol.filters import Filter
from protocol.frame import pack_frame
from protocol.kinds import Kind
from protocol.messages import Gap, Subscribe, Subscribed, pack_gap, pack_subscribed
from protocol.snapshot_cache import SnapshotCache, SnapshotFrames
from protocol.stream import Audience, Member, Stream


@dataclass(slots=True)
class Subscriber(Generic[Member]):
    """A subscription that has begun. ``audience`` is set once it is live; ``after`` counts until then."""

    stream: Stream[Member]
    snapshots: SnapshotCache
    wanted: Filter
    after: int
    began: float
    consumer: str = ""
    _snapshot: SnapshotFrames | None = None
    _place: int = 0
    audience: Audience[Member] | None = None
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
        self._snapshot = self.snapshots.for_start(stream.last, stream.first, now, self.wanted, stream.index)
        self._place = 0
        self.after = self._snapshot.number

    def more(self, bytes_max: int, now: float) -> bytes | None:
        """About that many next bytes, perhaps none; None when the next event is no longer held. ``now`` in seconds.

        One call looks at no more than one segment of the ring, so that a filter that little passes holds up nobody.
        """
        if self._snapshot is not None:
            piece, self._place = self._snapshot.piece(self._place, bytes_max)
            if self._place == self._snapshot.parts:
                self._snapshot = None
            return piece
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
    subscriber = Subscriber(stream, snapshots, subscribe.wanted, start.after, now, subscribe.consumer)
    after = None if start.snapshot else start.after
    answer = Subscribed(start.snapshot, stream.epoch, stream.first, stream.last, after)
    opening = pack_frame(Kind.SUBSCRIBED, stream.index, number, pack_subscribed(answer))
    if start.gap is not None:
        opening += pack_frame(Kind.GAP, stream.index, 0, pack_gap(start.gap))
    if start.snapshot:
        subscriber.take_snapshot(now)
    return subscriber, opening
