"""A numbered stream: the events held for a resume, who gets which, and what left during one turn of the loop.

The newest events are held in memory, older ones by the archive, if there is one.

Pure: it holds bytes and decides; ``server.py`` writes. Subscribers with equal filters form one audience: what gathers
during a turn becomes one joined buffer per audience. Audiences are found by the names of devices, agents and
queues, never by a scan over subscribers.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from model.centre_events import CentreEvent
from model.events import Event
from model.ids import EventId
from protocol.archive import Archive, Frames, Hole
from protocol.concerns import concerned
from protocol.errors import Code
from protocol.filters import Filter, passes
from protocol.frame import HEADER_BYTES, pack_frame
from protocol.limits import FILTER_PLACES_MAX, RING_BYTES_MAX, RING_EVENTS_MAX
from protocol.messages import Gap, StreamPlace, Subscribe
from protocol.packing import pack_event

SEGMENT_EVENTS: Final = 1_000
"""Events of one piece of the ring: what is forgotten is forgotten by the piece."""
NUMBER_MAX: Final = 2**64 - 1
"""Largest number a frame can carry; a client may name it, a stream never gets there."""

Member = TypeVar("Member")


@dataclass(slots=True, eq=False)
class Audience(Generic[Member]):
    """The live subscribers of one filter, and the frames they have not been written yet."""

    wanted: Filter
    members: dict[Member, None] = field(default_factory=dict)
    pending: list[bytes] = field(default_factory=list)
    last_number: int = 0
    handed: int = 0
    """Events that each member was handed while it was one, counted from the audience's beginning."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Frames on the way to the head: their bytes, how many they are, and the number now reached."""

    data: bytes
    events: int
    after: int


@dataclass(slots=True)
class _Segment:
    first: int
    frames: list[bytes] = field(default_factory=list)
    held_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """How a subscription begins: events after ``after`` follow; before them a snapshot, before that perhaps a gap."""

    after: int
    snapshot: bool
    gap: Gap | None = None


class Stream(Generic[Member]):
    """One stream of one epoch. Numbers are 1, 2, 3 … without holes; publishing another number is our bug."""

    def __init__(
        self,
        name: str,
        epoch: int,
        *,
        index: int = 1,
        ring_events_max: int = RING_EVENTS_MAX,
        ring_bytes_max: int = RING_BYTES_MAX,
        last: int = 0,
        archive: Archive | None = None,
    ) -> None:
        """``last``: the number after which this process goes on; ``archive`` holds what came before."""
        self.name = name
        self.epoch = epoch
        self.index = index
        self.last = last
        self._archive = archive
        self._segments_max = max(1, ring_events_max // SEGMENT_EVENTS)
        self._segment_events = min(SEGMENT_EVENTS, ring_events_max)
        self._ring_bytes_max = ring_bytes_max
        self._ring_bytes = 0
        self._segments: deque[_Segment] = deque([_Segment(first=last + 1)])
        self._audiences: dict[Filter, Audience[Member]] = {}
        self._by_name: dict[str, list[Audience[Member]]] = {}
        self._to_everything: Audience[Member] | None = None
        self._dirty: list[Audience[Member]] = []
        self._filter_places = 0

    @property
    def first(self) -> int:
        """The oldest number still held; ``last + 1`` when none is."""
        first = self._segments[0].first
        return first if self._archive is None else min(first, self._archive.first)

    @property
    def place(self) -> StreamPlace:
        return StreamPlace(self.index, self.name, self.epoch, self.first, self.last)

    @property
    def audiences(self) -> int:
        """Number of different filters among the live subscribers."""
        return len(self._audiences)

    def publish(self, event: Event | CentreEvent) -> None:
        """Encode an event once and hand it to its audiences. ``event.number`` must be the next number."""
        kind, body = pack_event(event)
        self.publish_body(kind, event.number, body)

    def publish_body(self, kind: int, number: int, body: bytes) -> None:
        """As ``publish``, for a body that is encoded already."""
        if number != self.last + 1:
            raise ValueError(f"event {number} published after {self.last}: numbers have no hole")
        self.last = number
        frame = pack_frame(kind, self.index, number, body)
        self._hold(frame)
        if self._archive is not None:
            self._archive.append(number, frame)
        if self._to_everything is not None:
            self._gather(self._to_everything, frame, number)
        if len(self._audiences) == (self._to_everything is not None):
            return
        names = concerned(kind, body)
        if names is None:
            for audience in self._audiences.values():
                self._gather(audience, frame, number)
            return
        for name in names:
            for audience in self._by_name.get(name, ()):
                self._gather(audience, frame, number)

    def _gather(self, audience: Audience[Member], frame: bytes, number: int) -> None:
        if audience.last_number == number:
            return
        audience.last_number = number
        if not audience.pending:
            self._dirty.append(audience)
        audience.pending.append(frame)

    def _hold(self, frame: bytes) -> None:
        segment = self._segments[-1]
        if len(segment.frames) >= self._segment_events:
            segment = _Segment(first=self.last)
            self._segments.append(segment)
        segment.frames.append(frame)
        segment.held_bytes += len(frame)
        self._ring_bytes += len(frame)
        while len(self._segments) > 1 and (
            len(self._segments) > self._segments_max + 1 or self._ring_bytes > self._ring_bytes_max
        ):
            self._ring_bytes -= self._segments.popleft().held_bytes

    def begin_epoch(self, epoch: int) -> None:
        """Numbers begin anew, and what was published and has not left never does: nobody is to be a subscriber still,
        or to have seen any of it."""
        self.epoch = epoch
        self.last = 0
        self._ring_bytes = 0
        self._segments = deque([_Segment(first=1)])
        for audience in self._audiences.values():
            audience.pending.clear()
            audience.last_number = 0
        self._dirty.clear()

    def commit(self) -> None:
        """Call before anything published leaves the process."""
        if self._archive is not None:
            self._archive.commit()

    def take_turn(self) -> Iterator[tuple[Audience[Member], bytes]]:
        """What gathered since the last turn: for each audience one buffer, the same object for all its members."""
        dirty, self._dirty = self._dirty, []
        for audience in dirty:
            if audience.pending:
                gathered = audience.pending
                audience.pending = []
                audience.handed += len(gathered)
                yield audience, gathered[0] if len(gathered) == 1 else b"".join(gathered)

    def start(self, subscribe: Subscribe) -> Start:
        """How to begin a subscription now: never a silent hole. KeyError for a consumer that is not one of ours."""
        after, not_held = subscribe.after, Code.NOT_HELD
        if subscribe.consumer:
            confirmed = EventId(self.epoch, self.consumers()[subscribe.consumer])
            after = after or confirmed
            if after.number >= confirmed.number:
                not_held = Code.CONSUMER_BEHIND
        if after is None:
            return Start(self.last, snapshot=True)
        if after.epoch != self.epoch:
            return Start(self.last, True, Gap(Code.OTHER_EPOCH, after.epoch, min(after.number + 1, NUMBER_MAX), 0))
        if after.number > self.last:
            return Start(self.last, True, Gap(Code.AHEAD_OF_STREAM, self.epoch, self.last + 1, after.number))
        if after.number + 1 < self.first:
            return Start(self.last, True, Gap(not_held, self.epoch, after.number + 1, self.first - 1))
        return Start(after.number, snapshot=False)

    def consumers(self) -> Mapping[str, int]:
        """The durable consumers, and up to which number each has confirmed."""
        return {} if self._archive is None else self._archive.consumers()

    def confirm(self, consumer: str, number: int) -> None:
        """A durable consumer has taken everything up to a number."""
        if self._archive is not None:
            self._archive.confirm(consumer, number)

    def catch_up(self, after: int, wanted: Filter, bytes_max: int) -> CaughtUp | Hole | None:
        """Some of the held frames after a number that pass a filter.

        About ``bytes_max`` bytes; a filtered reader is moved over at most one segment of memory, or that many bytes of
        the archive, a call. None when the next number is no longer held.
        """
        if after >= self.last:
            return CaughtUp(b"", 0, self.last)
        in_memory_from = self._segments[0].first
        if after + 1 < in_memory_from:
            read = None if self._archive is None else self._archive.read(after, bytes_max)
            if isinstance(read, Frames):
                passing = [frame for frame in read.frames if passes(frame, wanted)]
                return CaughtUp(b"".join(passing), len(passing), read.last)
            return read
        segment = self._segments[(after + 1 - in_memory_from) // self._segment_events]
        frames: list[bytes] = []
        gathered = 0
        for frame in segment.frames[after + 1 - segment.first :]:
            if gathered >= bytes_max:
                break
            after += 1
            if passes(frame, wanted):
                frames.append(frame)
                gathered += len(frame) - HEADER_BYTES
        return CaughtUp(b"".join(frames), len(frames), after)

    def may_join(self, wanted: Filter) -> bool:
        """Whether the filter index has room for another subscriber with this filter."""
        new_places = 0 if wanted is None or wanted in self._audiences else len(wanted)
        return self._filter_places + new_places <= FILTER_PLACES_MAX

    def join(self, member: Member, wanted: Filter) -> Audience[Member]:
        """Make a subscriber live. The caller has flushed the turn, so that nothing pending is older than the join."""
        audience = self._audiences.get(wanted)
        if audience is None:
            audience = self._audiences[wanted] = Audience(wanted)
            if wanted is None:
                self._to_everything = audience
            else:
                self._filter_places += len(wanted)
                for name in wanted:
                    self._by_name.setdefault(name, []).append(audience)
        if audience.pending:
            raise RuntimeError("join before the turn was flushed")
        audience.members[member] = None
        return audience

    def leave(self, member: Member, audience: Audience[Member]) -> None:
        """Take a live subscriber out; the last one takes its audience along."""
        audience.members.pop(member, None)
        if audience.members or self._audiences.get(audience.wanted) is not audience:
            return
        del self._audiences[audience.wanted]
        audience.pending.clear()
        if audience.wanted is None:
            self._to_everything = None
            return
        self._filter_places -= len(audience.wanted)
        for name in audience.wanted:
            places = self._by_name[name]
            places.remove(audience)
            if not places:
                del self._by_name[name]
