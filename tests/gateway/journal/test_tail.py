"""The segment that is written on."""

import os
from pathlib import Path

import pytest

from gateway.journal import Fsync, files
from gateway.journal.segment_header import SegmentHeader
from gateway.journal.tail import Tail
from tests.gateway.journal.stage import EPOCH, NOW_US, file_size_limit

FIRST = SegmentHeader(EPOCH, 1, NOW_US, 5)
NEXT = SegmentHeader(EPOCH, 9, NOW_US, 5)


def tail_of(folder: Path, fsync: Fsync = Fsync.NEVER) -> Tail:
    tail = Tail(folder, fsync, None, "")
    assert tail.begin(FIRST, b"state") is None
    return tail


def test_without_a_segment_nothing_can_be_written(tmp_path: Path) -> None:
    tail = Tail(tmp_path, Fsync.NEVER, None, "")
    assert not tail.is_there
    with pytest.raises(RuntimeError, match="no segment"):
        tail.write(b"", NOW_US)
    assert tail.sync() is None
    assert tail.close() == (True, None)


def test_a_segment_is_its_header_its_checkpoint_and_what_is_written(tmp_path: Path) -> None:
    tail = tail_of(tmp_path)
    assert tail.size == FIRST.events_at
    assert tail.write(b"one", NOW_US) is None
    assert tail.write(b"two", NOW_US) is None
    assert (tmp_path / FIRST.name).read_bytes()[-11:] == b"stateonetwo"
    assert tail.size == FIRST.events_at + 6
    assert tail.close() == (True, None)
    assert not tail.is_there


def test_what_fails_leaves_the_segment_as_it_was(tmp_path: Path) -> None:
    tail = tail_of(tmp_path)
    tail.write(b"one", NOW_US)
    with file_size_limit(tail.size + 2):
        said = tail.write(b"more than there is room for", NOW_US)
        assert said is not None
        said = tail.begin(NEXT, b"more")
        assert said is None, "a new one is small"
    with file_size_limit(10):
        said = tail.begin(FIRST, b"state")
        assert said is not None
        assert said.render() == "the file may not grow any more (ulimit -f)"
    assert tail.write(b"two", NOW_US) is None
    tail.close()
    assert files.names(tmp_path) == [FIRST.name, NEXT.name]
    assert (tmp_path / FIRST.name).read_bytes().endswith(b"stateone")
    assert (tmp_path / NEXT.name).read_bytes().endswith(b"moretwo")


@pytest.mark.parametrize(("fsync", "since_us"), [(Fsync.NEVER, None), (Fsync.INTERVAL, NOW_US), (Fsync.ALWAYS, None)])
def test_only_the_interval_waits_for_a_sync(tmp_path: Path, fsync: Fsync, since_us: int | None) -> None:
    tail = tail_of(tmp_path, fsync)
    assert tail.unsynced_since_us is None
    tail.write(b"one", NOW_US)
    tail.write(b"two", NOW_US + 5)
    assert tail.unsynced_since_us == since_us
    assert tail.sync() is None
    assert tail.unsynced_since_us is None
    tail.close()


@pytest.mark.parametrize("fsync", list(Fsync))
def test_after_a_sync_that_failed_the_file_is_not_relied_on(tmp_path: Path, fsync: Fsync) -> None:
    """A pipe refuses an fsync; then a file, which takes it, stands in its place."""
    read_end, write_end = os.pipe()
    tail = Tail(tmp_path, fsync, files.Writing(write_end, 0, is_torn=False), "pipe")
    tail.unsynced_since_us = NOW_US
    said = tail.sync()
    assert said is not None
    assert tail.is_doubtful
    with (tmp_path / "file").open("wb") as file:
        os.dup2(file.fileno(), write_end)
    assert tail.close() == (False, None), "a second fsync succeeds and means nothing"
    os.close(read_end)


def test_what_cannot_be_made_safe_at_the_end_is_said(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    tail = Tail(tmp_path, Fsync.NEVER, files.Writing(write_end, 0, is_torn=False), "pipe")
    is_safe, said = tail.close()
    assert not is_safe
    assert said is not None
    os.close(read_end)


def test_a_batch_that_was_to_be_safe_and_is_not_does_not_count(tmp_path: Path) -> None:
    """/dev/null takes every write and no fsync."""
    null = os.open("/dev/null", os.O_WRONLY)
    tail = Tail(tmp_path, Fsync.ALWAYS, files.Writing(null, 0, is_torn=False), "null")
    said = tail.write(b"one", NOW_US)
    assert said is not None
    assert not tail.is_there, "a second fsync would succeed and mean nothing"
    assert tail.begin(NEXT, b"state") is None
    assert tail.write(b"one", NOW_US) is None
    tail.close()


def test_a_segment_that_was_left_is_made_safe_at_the_end_even_if_it_is_gone(tmp_path: Path) -> None:
    tail = tail_of(tmp_path)
    tail.begin(NEXT, b"state")
    (tmp_path / FIRST.name).unlink()
    assert tail.close() == (True, None)
