"""Many subscribers in one process that lose their connection all at once, come back, and check what they are given.

Every byte of every snapshot is compared: with that of the first who got the snapshot of that number, and this one with
the state that a subscriber who never left has at that number. Every event's number is looked at.
"""

import random
import select
import socket
import time
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf
from typing import Final

from model.mirror import Mirror
from protocol.codec import decode
from protocol.errors import Problem
from protocol.frame import HEADER, HEADER_BYTES, Frame, FrameReader, pack_frame
from protocol.kinds import EVENTS, SNAPSHOTS, Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, RECONNECT_JITTER_SHARE, RECONNECT_SECONDS
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe
from protocol.snapshots import pack_snapshot, read_snapshot

RECEIVE_BYTES: Final = 1 << 16
"""Larger ones would be mapped and unmapped each time."""

HEARTBEAT_SECONDS: Final = 4.0
HELLO: Final = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("crowd", Role.CONSUMER))) + pack_frame(
    Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())
)


@dataclass(slots=True)
class Taken:
    """The frames of the snapshot of one number, as the first who got them got them."""

    frames: bytearray = field(default_factory=bytearray)
    ends: list[int] = field(default_factory=lambda: [0])
    """Where frames begin and end."""
    is_whole: bool = False


class Stage(Enum):
    """How far a follower is."""

    AWAY = auto()
    CONNECTING = auto()
    OPENING = auto()
    SNAPSHOT = auto()
    EVENTS = auto()


@dataclass
class Found:
    """What is to be told of all of them."""

    snapshots: dict[int, Taken] = field(default_factory=dict)
    newest: int = 0
    """The highest event number anybody has seen."""
    wrong: list[str] = field(default_factory=list)
    returns: int = 0
    """Connections that were refused or lost and made again."""


class Follower:
    """One subscriber."""

    def __init__(self, port: int, found: Found) -> None:
        self._port = port
        self._found = found
        self.delays_us: array[int] | None = None
        """Latencies of events, where they are wanted."""
        self.kept: list[Frame] | None = None
        """Events, where they are wanted."""
        self.snapshot = 0
        self.last = 0
        self.stage = Stage.AWAY
        self.connection = socket.socket()
        self._waiting = b""
        self._place = 0
        self._head = 0
        self.attempts = 0
        self.again_at = inf

    def connect(self) -> None:
        """Begin to connect."""
        self.connection.close()
        self.connection = socket.socket()
        self.connection.setblocking(False)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.connect_ex(("127.0.0.1", self._port))
        self.begin()

    def begin(self) -> None:
        """Forget what was received before."""
        self.stage = Stage.CONNECTING
        self._waiting = b""
        self._place = 0

    def is_writable(self) -> None:
        """Connected, or not."""
        try:
            self.connection.sendall(HELLO)
            self.stage = Stage.OPENING
        except OSError:
            self._lost()

    def is_readable(self) -> None:
        """Take what has come."""
        try:
            received = self.connection.recv(RECEIVE_BYTES)
        except ConnectionError:
            received = b""
        if received:
            self.take(received)
        else:
            self._lost()

    def take(self, received: bytes) -> None:
        """Look at what the server has sent, in whatever pieces."""
        if self.stage is Stage.EVENTS:
            self._take_events(received)
        else:
            self._take(self._waiting + received)

    def say_heartbeat(self) -> None:
        if self.stage in (Stage.SNAPSHOT, Stage.EVENTS):
            try:
                self.connection.send(pack_frame(Kind.HEARTBEAT, 0, 0))
            except OSError:
                self._lost()

    @property
    def is_connected(self) -> bool:
        return self.stage not in (Stage.AWAY, Stage.CONNECTING)

    @property
    def is_live(self) -> bool:
        """Whether it has its snapshot, what came after it, and every event that anybody had when that was whole."""
        return self.stage is Stage.EVENTS and self.last > self.snapshot and self.last >= self._head

    def _lost(self) -> None:
        self.connection.close()
        self.stage = Stage.AWAY
        self._found.returns += 1
        wait = RECONNECT_SECONDS[min(self.attempts, len(RECONNECT_SECONDS) - 1)]
        self.attempts += 1
        self.again_at = time.monotonic() + wait * random.uniform(1 - RECONNECT_JITTER_SHARE, 1 + RECONNECT_JITTER_SHARE)

    def _take(self, received: bytes) -> None:
        """Frame by frame up to the snapshot; that by comparison, as far as somebody else has had it before."""
        at = 0
        while True:
            if self.stage is Stage.SNAPSHOT and self._place < len(self._found.snapshots[self.snapshot].frames):
                at += self._compared(received[at:])
            if self.stage is Stage.EVENTS or len(received) - at < HEADER_BYTES:
                break
            length, kind, _, _, number = HEADER.unpack_from(received, at)
            after = at + HEADER_BYTES + length
            if after > len(received):
                break
            if kind in SNAPSHOTS:
                self._take_part(kind, number, received[at:after])
            elif kind in (Kind.REFUSED, Kind.BYE, Kind.GAP) or kind in EVENTS:
                self._found.wrong.append(f"frame of kind {kind:#06x} where a snapshot should be")
            at = after
        self._waiting = received[at:]
        if self.stage is Stage.EVENTS:
            self._waiting = b""
            self._take_events(received[at:])

    def _compared(self, received: bytes) -> int:
        """How many of these bytes are whole frames that the first one got too."""
        taken = self._found.snapshots[self.snapshot]
        known = bytes(memoryview(taken.frames)[self._place : self._place + len(received)])
        end = taken.ends[bisect_right(taken.ends, self._place + _same_bytes(known, received)) - 1]
        length, self._place = end - self._place, end
        if taken.is_whole and end == len(taken.frames):
            self._has_snapshot()
        return length

    def _take_part(self, kind: int, number: int, frame: bytes) -> None:
        if self.stage is not Stage.SNAPSHOT:
            self.stage, self.snapshot = Stage.SNAPSHOT, number
        taken = self._found.snapshots.setdefault(self.snapshot, Taken())
        if taken.is_whole or self._place != len(taken.frames) or number != self.snapshot:
            if not taken.frames.startswith(frame, self._place):
                self._found.wrong.append(f"the snapshot of {self.snapshot} is not the same for everybody")
        else:
            taken.frames += frame
            taken.ends.append(len(taken.frames))
            taken.is_whole = kind == Kind.SNAPSHOT_END
        self._place += len(frame)
        if kind == Kind.SNAPSHOT_END:
            self._has_snapshot()

    def _has_snapshot(self) -> None:
        self.stage, self.last, self.attempts = Stage.EVENTS, self.snapshot, 0
        self._head = self._found.newest

    def _take_events(self, received: bytes) -> None:
        if self._waiting:
            received = self._waiting + received
        at = 0
        while len(received) - at >= HEADER_BYTES:
            length, kind, _, stream, number = HEADER.unpack_from(received, at)
            after = at + HEADER_BYTES + length
            if after > len(received):
                break
            if kind in EVENTS:
                self._take_event(Frame(kind, stream, number, received[at + HEADER_BYTES : after]))
            elif kind not in (Kind.POSITION, Kind.HEARTBEAT):
                self._found.wrong.append(f"frame of kind {kind:#06x} among the events")
            at = after
        self._waiting = received[at:]

    def _take_event(self, frame: Frame) -> None:
        if frame.number != self.last + 1:
            self._found.wrong.append(f"a hole: {frame.number} after {self.last}")
        self.last = frame.number
        self._found.newest = max(self._found.newest, self.last)
        if self.delays_us is not None:
            self.delays_us.append(time.time_ns() // 1000 - int.from_bytes(frame.body[:8]))
        if self.kept is not None:
            self.kept.append(frame)


def _same_bytes(known: bytes, received: bytes) -> int:
    """How many of the known bytes the received ones, at least as many, begin with; without looking at each."""
    if received.startswith(known):
        return len(known)
    low, high = 0, len(known)
    while low < high:
        middle = (low + high + 1) // 2
        if received.startswith(known[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


class Crowd:
    """The followers of one process and the epoll they share."""

    def __init__(self, port: int, count: int) -> None:
        self.found = Found()
        self.followers = [Follower(port, self.found) for _ in range(count)]
        self._poll = select.epoll()
        self._by_descriptor: dict[int, Follower] = {}
        self._heartbeats_said = 0
        self._began = time.monotonic()

    def connect(self, followers: list[Follower]) -> None:
        """Connect all of them at once; those that were connected lose that connection first."""
        for follower in followers:
            self._forget(follower)
            follower.connection.close()
        for follower in followers:
            self._connect(follower)

    def turn(self) -> None:
        """Everything that is due now, a hundredth of a second at most without anything."""
        for descriptor, ready in self._poll.poll(0.01, 256):
            follower = self._by_descriptor[descriptor]
            if not follower.is_connected:
                follower.is_writable()
                if follower.is_connected:
                    self._poll.modify(descriptor, select.EPOLLIN)
            elif ready:
                follower.is_readable()
            if follower.stage is Stage.AWAY:
                self._by_descriptor.pop(descriptor)
        now = time.monotonic()
        due = int((now - self._began) / HEARTBEAT_SECONDS * len(self.followers))
        for said in range(self._heartbeats_said, due):
            self.followers[said % len(self.followers)].say_heartbeat()
        self._heartbeats_said = due
        for follower in self.followers:
            if follower.stage is Stage.AWAY and now >= follower.again_at:
                self._forget(follower)
                self._connect(follower)

    def turns(self, seconds: float) -> None:
        """So many seconds of turns."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.turn()

    def until_live(self, followers: list[Follower], seconds_max: float) -> list[float]:
        """Turns until each has been live; how long it took for each, in seconds, those who never were left out."""
        began = time.monotonic()
        waiting = list(followers)
        took: list[float] = []
        while waiting and time.monotonic() - began < seconds_max:
            self.turn()
            still = [follower for follower in waiting if not follower.is_live]
            took += [time.monotonic() - began] * (len(waiting) - len(still))
            waiting = still
        return took

    def close(self) -> None:
        for follower in self.followers:
            follower.connection.close()
        self._poll.close()

    def _connect(self, follower: Follower) -> None:
        follower.connect()
        self._by_descriptor[follower.connection.fileno()] = follower
        self._poll.register(follower.connection.fileno(), select.EPOLLOUT)

    def _forget(self, follower: Follower) -> None:
        """A closed socket leaves an epoll by itself."""
        self._by_descriptor.pop(follower.connection.fileno(), None)


def compared_with(first: bytes, events: Iterable[Frame], given: Mapping[int, bytes]) -> Iterator[str]:
    """What is wrong with the snapshots given (frames by number), held against the state of a subscriber who had the
    snapshot ``first`` before them and every event since."""
    snapshot = read_snapshot(FrameReader(BODY_BYTES_MAX_SERVER).receive(first))
    if isinstance(snapshot, Problem):
        yield f"the first snapshot: {snapshot.text}"
        return
    mirror = Mirror(snapshot)
    wanted = sorted(given)
    for frame in (None, *events):
        if frame is not None:
            event = decode(frame.kind, frame.number, frame.body)
            if isinstance(event, Problem):
                yield f"event {frame.number}: {event.text}"
                return
            mirror.apply(event)
        if wanted and wanted[0] == mirror.number:
            number = wanted.pop(0)
            if given[number] != pack_snapshot(mirror.snapshot(), 1):
                yield f"the snapshot of {number} is not the state at {number}"
    yield from (f"nobody knows the state at {number}" for number in wanted)
