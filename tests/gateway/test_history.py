"""The state at the end of a journal: its newest checkpoint and every event after it, as a mirror takes them."""

from collections.abc import Iterator

from gateway.history import history
from gateway.journal.values import Checkpoint, Recovered
from model.ids import Microseconds
from protocol.codec import encode
from protocol.frame import pack_frame
from protocol.snapshots import pack_snapshot
from tests.protocol import samples
from tests.protocol.samples import EPOCH, call, established, party

SNAPSHOT = samples.snapshot(5, ("8001", "8002"), (call(1, party("8001"), party("8002")),))


def recovered(frames: list[bytes], *, checkpoint: bytes | None = None, next_number: int = 0) -> Recovered:
    content = pack_snapshot(SNAPSHOT, 1) if checkpoint is None else checkpoint
    last = SNAPSHOT.number + len(frames)
    told: Iterator[bytes] = iter(frames)
    kept = Checkpoint(EPOCH, SNAPSHOT.number, content) if content else None
    return Recovered(EPOCH, None, last, next_number or last + 1, kept, told, (), ())


def test_the_events_after_the_checkpoint_are_applied() -> None:
    past = history(recovered([encode(established(6, "8001", "8003")), encode(samples.link_event(7))]))
    assert past is not None
    assert past.snapshot.number == 7
    assert past.snapshot.link == samples.link_event(7).link
    assert past.heard_us == samples.link_event(7).received_us
    assert {party.device for one in past.snapshot.calls for party in one.connections} >= {"8003"}
    assert past.unreadable == 0


def test_a_checkpoint_alone_is_the_whole_state() -> None:
    past = history(recovered([]))
    assert past is not None
    assert past.snapshot == SNAPSHOT
    assert past.heard_us >= Microseconds(0)


def test_numbers_that_may_have_been_used_are_passed_over() -> None:
    past = history(recovered([encode(established(6))], next_number=1_000))
    assert past is not None
    assert past.snapshot.number == 999


def test_what_cannot_be_read_is_counted_and_the_rest_is_taken() -> None:
    past = history(recovered([pack_frame(0x02FF, 1, 6, b"of a newer version"), encode(samples.link_event(7))]))
    assert past is not None
    assert past.unreadable == 1
    assert past.snapshot.link == samples.link_event(7).link


def test_no_checkpoint_or_one_that_is_none_tells_nothing() -> None:
    assert history(recovered([], checkpoint=b"")) is None
    assert history(recovered([], checkpoint=encode(established(5)))) is None
