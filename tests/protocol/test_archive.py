"""A stream with a journal behind it: nothing leaves before it is kept; what memory has forgotten comes from there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import EventId
from model.view import Snapshot
from protocol.errors import Code
from protocol.frame import Frame, FrameReader
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.messages import Gap, Subscribe, Subscribed, read_gap, read_subscribed
from protocol.snapshot_cache import SnapshotCache
from protocol.stream import Stream
from protocol.subscriber import begin
from tests.protocol import samples
from tests.protocol.samples import established
from tests.protocol.shelf import Shelf

EPOCH = 7


def site(shelf: Shelf, events: int, ring_events_max: int = 10) -> tuple[Stream[str], SnapshotCache]:
    stream: Stream[str] = Stream("site/gateway", EPOCH, ring_events_max=ring_events_max, archive=shelf)
    for number in range(1, events + 1):
        stream.publish(established(number))
    stream.commit()

    def take() -> Snapshot:
        return samples.snapshot(stream.last, ("8001", "8002"))

    return stream, SnapshotCache(take)


def resumed(
    stream: Stream[str], cache: SnapshotCache, after: int, devices: frozenset[str] | None = None
) -> list[Frame]:
    """All that a subscriber gets that comes back with its last number."""
    subscriber, data = begin(stream, cache, Subscribe(EventId(EPOCH, after), devices), 5, 0.0)
    while not subscriber.is_at_head:
        more = subscriber.more(1_000, 0.0)
        assert more is not None
        data += more
    return FrameReader(BODY_BYTES_MAX_SERVER).receive(data)[1:]


def numbers(frames: list[Frame]) -> list[int]:
    return [frame.number for frame in frames if frame.kind == Kind.ESTABLISHED]


@given(st.integers(0, 60))
def test_from_any_number_everything_follows_from_disk_then_from_memory(after: int) -> None:
    stream, cache = site(Shelf(), 60)
    assert numbers(resumed(stream, cache, after)) == list(range(after + 1, 61))


def test_a_filter_holds_on_disk_as_in_memory() -> None:
    stream, cache = site(Shelf(), 60)
    assert numbers(resumed(stream, cache, 3, frozenset({"8001"}))) == list(range(4, 61))
    assert resumed(stream, cache, 3, frozenset({"nobody"})) == []


def test_what_even_the_journal_has_thrown_away_is_a_gap_and_a_snapshot() -> None:
    stream, cache = site(Shelf(gone=20), 60)
    frames = resumed(stream, cache, 10)
    assert read_gap(frames[0].body) == Gap(Code.NOT_HELD, EPOCH, 11, 20)
    assert frames[-1] == (Kind.SNAPSHOT_END, 1, 60, b"")
    assert numbers(resumed(stream, cache, 20)) == list(range(21, 61))


def test_a_durable_consumer_goes_on_after_what_it_has_confirmed() -> None:
    shelf = Shelf()
    stream, cache = site(shelf, 60)
    stream.confirm("cdr", 42)
    subscriber, opening = begin(stream, cache, Subscribe(consumer="cdr"), 5, 0.0)
    (answer,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(opening)
    assert read_subscribed(answer.body) == Subscribed(False, EPOCH, 1, 60, after=42)
    while not subscriber.is_at_head:
        assert subscriber.more(1_000_000, 0.0) is not None
    assert (subscriber.after, subscriber.events) == (60, 18)


@pytest.mark.parametrize(("confirmed", "code"), [(10, Code.CONSUMER_BEHIND), (30, Code.NOT_HELD)])
def test_what_was_deleted_before_a_consumer_confirmed_it_is_told_by_name(confirmed: int, code: Code) -> None:
    """Who has confirmed it and asks for it again asks for what nobody kept for him."""
    stream, cache = site(Shelf(gone=20), 60)
    stream.confirm("cdr", confirmed)
    subscribe = Subscribe(EventId(EPOCH, 10), consumer="cdr")
    _, opening = begin(stream, cache, subscribe, 5, 0.0)
    answer, gap = FrameReader(BODY_BYTES_MAX_SERVER).receive(opening)
    assert read_gap(gap.body) == Gap(code, EPOCH, 11, 20)
    assert read_subscribed(answer.body) == Subscribed(True, EPOCH, 21, 60)


def test_a_hole_is_told_where_it_is_and_a_snapshot_follows_it() -> None:
    stream, cache = site(Shelf(missing=frozenset(range(20, 31))), 60)
    frames = resumed(stream, cache, 10)
    assert numbers(frames) == list(range(11, 20))
    gap = next(frame for frame in frames if frame.kind == Kind.GAP)
    assert read_gap(gap.body) == Gap(Code.JOURNAL_HOLE, EPOCH, 20, 30)
    assert frames[-1] == (Kind.SNAPSHOT_END, 1, 60, b"")
    inside = resumed(stream, cache, 24)
    assert read_gap(inside[0].body) == Gap(Code.JOURNAL_HOLE, EPOCH, 25, 30)
    assert numbers(inside) == []


def test_a_new_process_goes_on_after_the_last_number() -> None:
    shelf = Shelf()
    site(shelf, 60)
    stream: Stream[str] = Stream("site/gateway", EPOCH, last=60, archive=shelf)
    stream.publish(established(61))
    stream.commit()
    assert (stream.first, stream.last) == (1, 61)
    assert numbers(resumed(stream, SnapshotCache(lambda: samples.snapshot(61)), 58)) == [59, 60, 61]


def test_in_a_new_epoch_numbers_begin_anew_and_nothing_of_the_old_leaves() -> None:
    stream, cache = site(Shelf(), 5)
    stream.join("member", None)
    stream.publish(established(6))
    stream.begin_epoch(EPOCH + 1)
    cache.forget()
    assert list(stream.take_turn()) == []
    stream.publish(established(1))
    [(_, joined)] = stream.take_turn()
    assert [frame.number for frame in FrameReader(BODY_BYTES_MAX_SERVER).receive(joined)] == [1]
    assert cache.at(1).number == 1
