"""What is found at the start: segments, how the newest ends, from where to replay."""

from pathlib import Path

import pytest

from gateway.journal import Hole, files
from gateway.journal.findings import Findings, delete_unfinished, find_replay, find_segments
from tests.gateway.journal.stage import EPOCH, NOW_US, begun, kept_up, segments_in

EVENTS = 300


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four segments."""
    journal = begun(tmp_path)
    kept_up(journal, EVENTS)
    journal.close(NOW_US)
    assert len(segments_in(tmp_path)) == 4
    return tmp_path


def found_in(folder: Path) -> Findings:
    found = find_segments(folder, files.Reading(folder))
    assert isinstance(found, Findings)
    return found


def first_of(path: Path) -> int:
    return int(path.stem.partition("-")[2])


def harm(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_folder_in_order(folder: Path) -> None:
    found = found_in(folder)
    assert [each.header.name for each in found.catalogue.segments] == [path.name for path in segments_in(folder)]
    assert found.newest is found.catalogue.segments[-1]
    assert found.newest.expected == EVENTS + 1
    assert (found.is_damaged, found.highest_epoch, found.mended) == (False, EPOCH, [])
    replay = find_replay(found, files.Reading(folder))
    assert replay.checkpoint is not None
    assert (replay.checkpoint.number, replay.checkpoint.content) == (found.newest.first - 1, b"the state before")
    assert (replay.segments, replay.holes, replay.mended) == ([found.newest], [], [])


def test_an_empty_folder(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    assert (found.newest, found.highest_epoch) == (None, 0)
    assert find_replay(found, files.Reading(tmp_path)).checkpoint is None


@pytest.mark.parametrize("at", [0, 9, 12, 30, 45])
def test_a_segment_with_a_damaged_header_is_put_aside(folder: Path, at: int) -> None:
    second = segments_in(folder)[1]
    harm(second, at)
    found = found_in(folder)
    assert len(found.catalogue.segments) == 3
    assert (folder / (second.name + ".broken")).exists()
    assert not second.exists()
    (said,) = found.mended
    assert said.render() == f"{second.name} is damaged at its beginning and was put aside as {second.name}.broken"
    assert found_in(folder).mended == []


def test_the_epoch_of_what_was_put_aside_counts(tmp_path: Path) -> None:
    (tmp_path / f"{EPOCH + 5:016d}-{1:020d}.journal").write_bytes(b"?")
    assert found_in(tmp_path).highest_epoch == EPOCH + 5
    assert found_in(tmp_path).highest_epoch == EPOCH + 5
    (tmp_path / f"{2**53:016d}-{1:020d}.journal").write_bytes(b"?")
    assert found_in(tmp_path).highest_epoch == EPOCH + 5


def test_a_newest_segment_that_ends_in_the_middle_of_a_record(folder: Path) -> None:
    newest = segments_in(folder)[-1]
    newest.write_bytes(newest.read_bytes()[:-3])
    found = found_in(folder)
    assert found.newest is not None
    assert (found.is_damaged, found.newest.expected) == (False, EVENTS)
    assert "cut off" in found.mended[0].render()
    assert f"at byte {found.newest.ends_at} " in found.mended[0].render()


@pytest.mark.parametrize("rubbish", [bytes(100), b"\xff" * 100, bytes(9)])
def test_a_newest_segment_that_ends_in_something_else_is_damaged(folder: Path, rubbish: bytes) -> None:
    newest = segments_in(folder)[-1]
    newest.write_bytes(newest.read_bytes() + rubbish)
    found = found_in(folder)
    assert found.newest is not None
    assert (found.is_damaged, found.newest.expected, found.mended) == (True, EVENTS + 1, [])


def test_with_a_damaged_checkpoint_an_older_one_serves_and_holes_since_are_known(folder: Path) -> None:
    second, third, newest = segments_in(folder)[1:]
    harm(newest, 60)
    third.unlink()
    found = found_in(folder)
    replay = find_replay(found, files.Reading(folder))
    assert replay.checkpoint is not None
    assert replay.checkpoint.number == first_of(second) - 1
    assert [each.first for each in replay.segments] == [first_of(second), first_of(newest)]
    assert replay.holes == [Hole(first_of(third), first_of(newest) - 1)]
    assert replay.mended[0].render() == f"{newest.name}: its checkpoint is damaged, an older one is looked for"


def test_with_no_good_checkpoint_there_is_nothing_to_replay(folder: Path) -> None:
    for path in segments_in(folder):
        harm(path, 60)
    replay = find_replay(found_in(folder), files.Reading(folder))
    assert (replay.checkpoint, replay.segments, replay.holes) == (None, [], [])
    assert len(replay.mended) == 4


def test_what_was_being_written_is_deleted_and_nothing_else(folder: Path) -> None:
    before = files.names(folder)
    (folder / (segments_in(folder)[0].name + ".new")).write_bytes(b"?")
    (folder / "state.new").write_bytes(b"?")
    delete_unfinished(folder)
    assert files.names(folder) == before
