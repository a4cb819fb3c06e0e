"""What a watch counts: calls begun and ended once, mismatches, gaps, rates."""

from dataclasses import replace

from model.events import MismatchEvent
from model.ids import DeviceNumber
from protocol.client import EventSeen, Gap, Lost, SnapshotTaken
from protocol.errors import Code, SessionEnded
from tests.protocol import samples
from tests.protocol.samples import EPOCH, T0, call, established, party
from ultra.watching import RATE_SECONDS, Rate, Watch


def watching(*calls: int) -> Watch:
    watch = Watch("h:1")
    held = tuple(call(number, party("8001")) for number in calls)
    watch.take(SnapshotTaken(EPOCH, samples.snapshot(10, calls=held)), 0.0)
    return watch


def event(number: int, *calls: int, ended: bool = False) -> EventSeen:
    touched = tuple(call(one, party("8001"), ended=ended) for one in calls)
    return EventSeen(EPOCH, replace(established(number), calls=touched))


def test_a_call_begins_and_ends_once() -> None:
    watch = watching(3)
    for one in (event(11, 11), event(12, 11), event(13, 3, ended=True), event(14, 11, ended=True)):
        watch.take(one, 1.0)
    assert (watch.calls_begun, watch.calls_ended, watch.calls_live, watch.ends_without_call) == (2, 2, 0, 0)
    assert watch.events == 4


def test_a_second_end_is_counted_as_what_it_is() -> None:
    watch = watching(3)
    watch.take(event(11, 3, ended=True), 1.0)
    watch.take(event(12, 3, ended=True), 1.0)
    assert (watch.calls_ended, watch.ends_without_call) == (1, 1)


def test_a_call_may_begin_and_end_in_one_event() -> None:
    watch = watching()
    watch.take(event(11, 11, ended=True), 1.0)
    assert (watch.calls_begun, watch.calls_ended, watch.ends_without_call) == (1, 1, 0)


def test_after_a_gap_the_new_snapshot_counts_what_it_brings_and_what_it_lacks() -> None:
    watch = watching(3, 4)
    watch.take(Gap(Code.NOT_HELD, EPOCH, 11, 20), 1.0)
    held = (call(4, party("8001")), call(15, party("8001")))
    watch.take(SnapshotTaken(EPOCH, samples.snapshot(20, calls=held)), 1.0)
    assert (watch.gaps, watch.calls_begun, watch.calls_ended, watch.calls_live) == (1, 3, 1, 2)


def test_a_mismatch_and_a_lost_connection() -> None:
    watch = watching()
    watch.take(EventSeen(EPOCH, MismatchEvent(11, T0, DeviceNumber("8001"), "7", "it cannot be")), 1.0)
    assert watch.mismatches == 1
    error = SessionEnded(Code.CONNECTION_LOST)
    watch.take(Lost(error, 2.0), 5.0)
    assert (watch.trouble, watch.retry_at) == (error, 7.0)


def test_a_rate_is_of_the_last_seconds() -> None:
    rate = Rate()
    assert rate.per_second(0.0) == 0.0
    rate.note(0.0, 4)
    assert rate.per_second(0.5) == 4.0
    assert rate.per_second(2.0) == 2.0
    rate.note(RATE_SECONDS - 0.1)
    assert rate.per_second(RATE_SECONDS) == 1 / RATE_SECONDS
    assert rate.per_second(100.0) == 0.0
