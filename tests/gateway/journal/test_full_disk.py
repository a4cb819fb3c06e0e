"""A disk that is really full: a small file system of its own."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import Committed, Hole, NotBegun, Unwritable
from runtime.problems import Problem
from tests.gateway.journal.stage import (
    NOW_US,
    SECOND_US,
    SMALL,
    crashed,
    frame,
    gather,
    opened,
    publish,
    told,
    try_open,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a file system")

SIZE = 256 * 1024
LIMITS = replace(SMALL, segment_bytes=1 << 30, keep_bytes=SIZE // 4)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", tmp_path], check=True)
    try:
        yield tmp_path
    finally:  # lazily: a test that failed may have left a journal open
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(disk: Path) -> Path:
    """Take all that is left."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_filled_by_events_it_says_so_and_goes_on_when_there_is_room(disk: Path) -> None:
    journal = opened(disk / "journal", LIMITS).journal
    filler = disk / "filler"
    filler.write_bytes(bytes(SIZE // 2))
    journal.begin_segment(b"state", NOW_US)
    sent: dict[int, bytes] = {}
    result: Committed | Unwritable = Committed(0)
    while isinstance(result, Committed):
        for number in range(journal.next_number, journal.next_number + 7):
            sent[number] = frame(number, bytes(700))
            journal.append(number, sent[number])
        result = journal.commit(NOW_US)
    assert result.reason.render() == "the disk is full"
    assert not result.epoch_lost
    lost_from = result.first
    assert (lost_from - 1) % 7 == 0, "a batch is there whole or not at all"
    for _ in range(5):
        gather(journal, 40)
        assert isinstance(journal.commit(NOW_US + 1), Unwritable)
    with crashed(disk / "journal") as folder:
        recovered = opened(folder, LIMITS).recovered
        assert recovered.last == lost_from - 1
        assert recovered.next_number > journal.last
    assert isinstance(journal.begin_segment(bytes(SIZE), NOW_US + 2), NotBegun)
    filler.unlink()
    last = journal.last
    assert journal.commit(NOW_US + 2 * SECOND_US) == Committed(last, Hole(lost_from, last))
    assert journal.needs_segment
    journal.begin_segment(b"state after", NOW_US + 2 * SECOND_US)
    publish(journal, 3, NOW_US + 2 * SECOND_US)
    assert told(journal, bytes_max=1 << 20) == [
        *range(1, lost_from),
        Hole(lost_from, last),
        *range(last + 1, last + 4),
    ]
    journal.close(NOW_US)


def test_full_before_the_first_start_is_a_refusal(disk: Path) -> None:
    fill(disk)
    found = try_open(disk / "journal", LIMITS)
    assert isinstance(found, Problem)
    assert (found.code, found.message.render()) == ("J005", "the disk is full")


def test_restarted_on_a_full_disk_it_serves_and_recovers(disk: Path) -> None:
    journal = opened(disk / "journal", LIMITS).journal
    journal.begin_segment(b"state", NOW_US)
    publish(journal, 5)
    filler = fill(disk)
    gather(journal, 500)
    assert isinstance(journal.commit(NOW_US), Unwritable)
    journal.close(NOW_US)
    again = opened(disk / "journal", LIMITS)
    assert again.recovered.next_number == 506
    assert again.recovered.holes == (Hole(6, 505),)
    assert again.recovered.checkpoint is not None
    gather(again.journal, 500)
    result = again.journal.commit(NOW_US + SECOND_US)
    assert isinstance(result, Unwritable)
    filler.unlink()
    assert isinstance(again.journal.commit(NOW_US + 2 * SECOND_US), Committed)
    again.journal.begin_segment(b"state", NOW_US + 2 * SECOND_US)
    publish(again.journal, 1, NOW_US + 2 * SECOND_US)
    assert told(again.journal)[-1] == again.journal.last
    again.journal.close(NOW_US)


def test_places_of_consumers_and_retention_work_on_a_full_disk(disk: Path) -> None:
    journal = opened(disk / "journal", LIMITS, consumers=["cdr"]).journal
    for _ in range(20):
        journal.begin_segment(bytes(6_000), NOW_US)
        publish(journal, 1)
    fill(disk)
    journal.confirm("cdr", journal.last)
    retained = journal.retain(NOW_US)
    assert retained.problems
    assert retained.deleted, "what makes room again must not need room"
    assert journal.retain(NOW_US).problems == ()
    journal.close(NOW_US)
