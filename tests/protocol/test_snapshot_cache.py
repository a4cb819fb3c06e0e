"""Snapshots for those who begin: one of each number, encoded once, the same bytes objects for everybody."""

from dataclasses import replace

import pytest

from model.ids import SwitchCallId
from model.view import Snapshot
from protocol.filters import Filter
from protocol.frame import FrameReader
from protocol.kinds import Kind
from protocol.limits import BODY_BYTES_MAX_SERVER, SNAPSHOTS_PER_SECOND_MAX, SNAPSHOTS_SHARED_MAX
from protocol.snapshot_cache import SnapshotCache, SnapshotFrames
from protocol.snapshots import pack_snapshot, read_snapshot
from tests.protocol import samples
from tests.protocol.samples import call, party

INDEX = 1
PIECE_BYTES = 300
DEVICES = ("8001", "8002", "8003")
CALLS = tuple(call(number, party("8001"), party("8002")) for number in range(1, 20))


class Owner:
    """Whose state it is: values that do not change are the same objects in every snapshot."""

    def __init__(self) -> None:
        self.state = samples.snapshot(3, DEVICES, CALLS)
        self.taken = 0
        self.cache = SnapshotCache(self.take)

    def take(self) -> Snapshot:
        self.taken += 1
        return self.state

    def begin(self, now: float, wanted: Filter = None, first_held: int = 1) -> SnapshotFrames:
        return self.cache.for_start(self.state.number, first_held, now, wanted, INDEX)

    def next_number(self) -> None:
        self.state = replace(self.state, number=self.state.number + 1)


def pieces_of(frames: SnapshotFrames) -> list[bytes]:
    pieces: list[bytes] = []
    place = 0
    while place < frames.parts:
        piece, place = frames.piece(place, PIECE_BYTES)
        pieces.append(piece)
    return pieces


def test_the_pieces_are_whole_frames_and_together_the_snapshot() -> None:
    owner = Owner()
    pieces = pieces_of(owner.begin(0.0))
    assert len(pieces) > 3
    for piece in pieces:
        reader = FrameReader(BODY_BYTES_MAX_SERVER)
        assert reader.receive(piece)
        assert reader.waiting_bytes == 0
    assert b"".join(pieces) == pack_snapshot(owner.state, INDEX)


@pytest.mark.parametrize("bytes_max", [1, 10**9])
def test_the_end_comes_once_however_small_or_large_the_pieces_are(bytes_max: int) -> None:
    frames = Owner().begin(0.0)
    got = b""
    place = 0
    while place < frames.parts:
        piece, place = frames.piece(place, bytes_max)
        got += piece
    kinds = [frame.kind for frame in FrameReader(BODY_BYTES_MAX_SERVER).receive(got)]
    assert kinds.count(Kind.SNAPSHOT_END) == 1
    assert kinds[-1] == Kind.SNAPSHOT_END


def test_a_thousand_subscribers_are_given_the_same_bytes_and_not_copies_of_them() -> None:
    owner = Owner()
    first = pieces_of(owner.begin(0.0))
    for _ in range(1_000):
        assert all(mine is theirs for mine, theirs in zip(pieces_of(owner.begin(0.0)), first, strict=True))
    assert owner.taken == 1


def test_in_a_storm_a_few_snapshots_serve_all_and_no_more_are_held() -> None:
    owner = Owner()
    numbers = []
    for _ in range(100):
        owner.next_number()
        numbers.append(owner.begin(7.1).number)
    assert owner.taken == SNAPSHOTS_PER_SECOND_MAX
    assert numbers == [4, 5, 6, *[3 + SNAPSHOTS_PER_SECOND_MAX] * 97]
    assert owner.begin(8.0).number == owner.state.number, "another second"


def test_who_is_slower_than_the_sharing_gets_its_own_pieces_of_the_same_snapshot() -> None:
    owner = Owner()
    slow = owner.begin(0.0)
    whole = b"".join(pieces_of(slow))
    for second in range(SNAPSHOTS_SHARED_MAX):
        kept = slow.piece(0, PIECE_BYTES)[0]
        assert slow.piece(0, PIECE_BYTES)[0] is kept, "still shared"
        owner.next_number()
        owner.begin(float(second))
    first = slow.piece(0, PIECE_BYTES)[0]
    assert slow.piece(0, PIECE_BYTES)[0] is not first, "nothing of it is kept"
    assert b"".join(pieces_of(slow)) == whole


def test_a_filtered_snapshot_holds_what_is_wanted_and_is_not_kept() -> None:
    owner = Owner()
    frames = owner.begin(0.0, frozenset({"8003"}))
    got = read_snapshot(FrameReader(BODY_BYTES_MAX_SERVER).receive(b"".join(pieces_of(frames))))
    assert got == replace(owner.state, devices=(samples.device("8003"),), calls=())
    assert frames.piece(0, PIECE_BYTES)[0] is not frames.piece(0, PIECE_BYTES)[0]


def test_a_value_that_did_not_change_is_encoded_once() -> None:
    owner = Owner()
    owner.begin(0.0)
    before = {part: owner.cache.body(part)[1] for part in owner.state.calls}
    owner.next_number()
    changed = replace(owner.state.calls[0], switch_call_id=SwitchCallId("new"))
    owner.state = replace(owner.state, calls=(changed, *owner.state.calls[1:]))
    owner.begin(0.0)
    assert all(owner.cache.body(part)[1] is before[part] for part in owner.state.calls[1:])
    assert owner.cache.body(changed)[1] not in before.values()


def test_numbers_that_begin_anew_are_not_served_from_before() -> None:
    owner = Owner()
    old = b"".join(pieces_of(owner.begin(0.0)))
    owner.cache.forget()
    owner.state = samples.snapshot(owner.state.number, DEVICES[:1])
    assert b"".join(pieces_of(owner.begin(0.0))) == pack_snapshot(owner.state, INDEX) != old


def test_a_snapshot_that_the_ring_has_passed_does_not_serve() -> None:
    owner = Owner()
    for _ in range(SNAPSHOTS_PER_SECOND_MAX + 1):
        owner.begin(7.1)
    owner.state = replace(owner.state, number=43)
    assert owner.begin(7.2, first_held=40).number == 43


def test_a_snapshot_is_taken_once_for_a_number() -> None:
    owner = Owner()
    assert owner.cache.at(3) is owner.cache.at(3)
    assert owner.taken == 1


def test_a_snapshot_of_another_number_is_our_bug() -> None:
    with pytest.raises(ValueError, match="snapshot of 3 given"):
        Owner().cache.at(2)
