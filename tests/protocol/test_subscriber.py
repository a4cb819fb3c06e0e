"""A subscription: its opening words, a snapshot of one number exactly, the catch-up, then the head."""

from model.ids import EventId
from model.view import Snapshot
from protocol.codec import decode_snapshot
from protocol.errors import Code
from protocol.frame import Frame, FrameReader
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER, SNAPSHOTS_PER_SECOND_MAX
from protocol.messages import Gap, Subscribe, Subscribed, read_gap, read_subscribed
from protocol.snapshot_cache import SnapshotCache
from protocol.stream import Stream
from protocol.subscriber import Subscriber, begin
from tests.protocol import samples
from tests.protocol.samples import EPOCH, call, established, party


class Site:
    """A stream and the snapshots of its owner."""

    def __init__(self, events: int, ring_events_max: int = 1_000) -> None:
        self.stream: Stream[str] = Stream("s", EPOCH, ring_events_max=ring_events_max)
        self.taken = 0
        self.cache = SnapshotCache(self.take)
        self.publish(events)

    def publish(self, events: int) -> None:
        for _ in range(events):
            self.stream.publish(established(self.stream.last + 1))

    def take(self) -> Snapshot:
        self.taken += 1
        calls = (call(1, party("8001"), party("8002")), call(2, party("8003")))
        return samples.snapshot(self.stream.last, ("8001", "8002", "8003"), calls)

    def begin(self, subscribe: Subscribe) -> tuple[Subscriber[str], list[Frame]]:
        subscriber, opening = begin(self.stream, self.cache, subscribe, 5, 0.0)
        return subscriber, frames(opening)


def frames(data: bytes) -> list[Frame]:
    return FrameReader(BODY_BYTES_MAX_SERVER).receive(data)


def all_of(subscriber: Subscriber[str], bytes_max: int = 64) -> list[Frame]:
    got: list[Frame] = []
    while not subscriber.is_at_head:
        data = subscriber.more(bytes_max, 0.0)
        assert data is not None
        got += frames(data)
    return got


def test_from_now_a_snapshot_and_what_follows_it() -> None:
    site = Site(3)
    subscriber, opening = site.begin(Subscribe())
    assert [frame.kind for frame in opening] == [Kind.SUBSCRIBED]
    assert opening[0].number == 5
    assert read_subscribed(opening[0].body) == Subscribed(True, EPOCH, 1, 3)
    site.publish(2)
    got = all_of(subscriber)
    parts = [frame for frame in got if frame.kind in (Kind.SNAPSHOT_DEVICE, Kind.SNAPSHOT_CALL)]
    assert len(parts) == 5
    assert {frame.number for frame in got[:-2]} == {3}
    assert got[-3].kind == Kind.SNAPSHOT_END
    assert [frame.number for frame in got[-2:]] == [4, 5]
    assert subscriber.behind_events == 0


def test_a_filtered_snapshot_holds_what_is_wanted() -> None:
    subscriber, _ = Site(3).begin(Subscribe(devices=frozenset({"8003"})))
    got = all_of(subscriber)
    values = [decode_snapshot(frame.kind, frame.body) for frame in got if frame.kind != Kind.SNAPSHOT_END]
    assert values == [samples.LINK, samples.LICENCE, samples.device("8003"), call(2, party("8003"))]


def test_after_an_event_only_what_follows() -> None:
    site = Site(5)
    subscriber, opening = site.begin(Subscribe(EventId(EPOCH, 2)))
    assert read_subscribed(opening[0].body) == Subscribed(False, EPOCH, 1, 5, after=2)
    assert [frame.number for frame in all_of(subscriber)] == [3, 4, 5]
    assert site.taken == 0


def test_what_is_missing_is_said_before_the_snapshot() -> None:
    site = Site(5)
    subscriber, opening = site.begin(Subscribe(EventId(9, 2)))
    assert [frame.kind for frame in opening] == [Kind.SUBSCRIBED, Kind.GAP]
    assert read_gap(opening[1].body) == Gap(Code.OTHER_EPOCH, 9, 3, 0)
    assert all_of(subscriber)[-1].kind == Kind.SNAPSHOT_END


def test_who_is_slower_than_the_ring_is_told() -> None:
    site = Site(5, ring_events_max=3)
    subscriber, _ = site.begin(Subscribe(EventId(EPOCH, 3)))
    site.publish(10)
    assert subscriber.behind_events == 12
    assert subscriber.more(64, 0.0) is None


def test_a_filter_that_nothing_passes_is_moved_a_segment_at_a_time() -> None:
    site = Site(2_500, ring_events_max=3_000)
    subscriber, _ = site.begin(Subscribe(EventId(EPOCH, 0), frozenset({"nobody"})))
    behind = []
    while not subscriber.is_at_head:
        assert subscriber.more(64, 0.0) == b""
        behind.append(subscriber.behind_events)
    assert behind == [1_500, 500, 0]


def test_in_a_storm_of_subscribers_a_snapshot_of_the_same_second_serves() -> None:
    site = Site(3)
    for _ in range(SNAPSHOTS_PER_SECOND_MAX):
        site.publish(1)
        begin(site.stream, site.cache, Subscribe(), 1, 7.1)
    assert site.taken == SNAPSHOTS_PER_SECOND_MAX
    site.publish(4)
    subscriber, _ = begin(site.stream, site.cache, Subscribe(), 1, 7.9)
    assert site.taken == SNAPSHOTS_PER_SECOND_MAX
    got = all_of(subscriber)
    end = next(at for at, frame in enumerate(got) if frame.kind == Kind.SNAPSHOT_END)
    assert got[end].number == site.stream.last - 4
    assert [frame.number for frame in got[end + 1 :]] == list(range(got[end].number + 1, site.stream.last + 1))
    begin(site.stream, site.cache, Subscribe(), 1, 8.0)
    assert site.taken == SNAPSHOTS_PER_SECOND_MAX + 1


def test_in_a_storm_a_snapshot_that_the_ring_has_passed_does_not_serve() -> None:
    site = Site(3, ring_events_max=5)
    for _ in range(SNAPSHOTS_PER_SECOND_MAX):
        begin(site.stream, site.cache, Subscribe(), 1, 7.1)
    site.publish(40)
    subscriber, _ = begin(site.stream, site.cache, Subscribe(), 1, 7.2)
    assert subscriber.after == 43
