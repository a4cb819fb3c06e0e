"""A journal read by somebody else: everything in order, what is missing said, and nothing touched."""

from pathlib import Path

import pytest

from gateway.journal.read_back import KeptEvent, KeptHole, NewerJournal, read_back
from gateway.journal.segment_header import SegmentHeader
from gateway.journal.values import Checkpoint
from protocol.archive import Hole
from tests.gateway.journal.stage import EPOCH, NOW_US, begun, frame, kept_up, segments_in
from tests.gateway.journal.versions import newer_segment


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_everything_comes_in_order_after_one_checkpoint_while_its_gateway_runs(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 200)
    before = contents(tmp_path)
    first, *events = read_back(tmp_path)
    assert isinstance(first, Checkpoint)
    assert first.number == 0
    assert events == [KeptEvent(EPOCH, number, frame(number)) for number in range(1, 201)]
    assert contents(tmp_path) == before
    journal.close(NOW_US)


def test_a_missing_segment_is_a_hole_and_the_next_checkpoint_follows(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 200)
    journal.close(NOW_US)
    _, gone, after, *_ = segments_in(tmp_path)
    first, last = (int(path.name.partition("-")[2].partition(".")[0]) for path in (gone, after))
    gone.unlink()
    items = list(read_back(tmp_path))
    at = items.index(KeptHole(EPOCH, Hole(first, last - 1)))
    checkpoint = items[at + 1]
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.number == last - 1
    numbers = [item.number for item in items if isinstance(item, KeptEvent)]
    assert numbers == [*range(1, first), *range(last, 201)]


def test_what_is_damaged_is_a_hole_and_what_is_torn_off_is_not_there_yet(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 200)
    journal.close(NOW_US)
    path = segments_in(tmp_path)[1]
    first = int(path.name.partition("-")[2].partition(".")[0])
    whole = path.read_bytes()
    at = whole.index(frame(first + 1))
    path.write_bytes(whole[: at + 5] + b"?" + whole[at + 6 :])
    newest = segments_in(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:-3])
    items = list(read_back(tmp_path))
    assert KeptHole(EPOCH, Hole(first + 1, first + 1)) in items
    assert sum(isinstance(item, Checkpoint) for item in items) == 2, "the next one after the damage says how it is"
    numbers = [item.number for item in items if isinstance(item, KeptEvent)]
    assert numbers[-1] == 199


def test_a_newer_version_s_is_refused_by_name(tmp_path: Path) -> None:
    header = SegmentHeader(EPOCH, 1, NOW_US, 0)
    (tmp_path / header.name).write_bytes(newer_segment(header))
    with pytest.raises(NewerJournal, match=header.name):
        list(read_back(tmp_path))
