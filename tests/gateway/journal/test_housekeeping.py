"""Retention carried out on real files."""

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from gateway.journal import Hole, NotHeld, Retained
from tests.gateway.journal.stage import (
    NOW_US,
    SECOND_US,
    SMALL,
    begun,
    file_size_limit,
    kept_up,
    opened,
    publish,
    segments_in,
    told,
)


def held_open() -> list[str]:
    """What the descriptors of this process lead to."""
    paths = []
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that lists them
            paths.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    return paths


LIMITS = replace(SMALL, keep_bytes=10_000, hard_bytes=40_000)


def test_the_oldest_are_deleted_and_a_reader_is_told(tmp_path: Path) -> None:
    journal = begun(tmp_path, LIMITS)
    kept_up(journal, 500)
    assert told(journal, after=3)[0] == 4
    oldest = segments_in(tmp_path)[0].name
    assert str(tmp_path / oldest) in held_open()
    retained = journal.retain(NOW_US)
    assert retained.deleted[0] == oldest
    assert sum(path.stat().st_size for path in segments_in(tmp_path)) <= LIMITS.keep_bytes
    assert str(tmp_path / f"{oldest} (deleted)") not in held_open(), "its room on the disk is not free"
    assert journal.read(3, 1) == NotHeld(journal.first)
    assert told(journal) == [NotHeld(journal.first), *range(journal.first, 501)]
    assert journal.retain(NOW_US) == Retained()
    journal.close(NOW_US)
    assert opened(tmp_path, LIMITS).journal.first > 1


def test_what_is_old_is_deleted_but_never_the_newest(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    kept_up(journal, 200)
    later = NOW_US + (SMALL.keep_seconds + 1) * SECOND_US
    held = len(segments_in(tmp_path))
    assert len(journal.retain(later).deleted) == held - 1
    assert len(segments_in(tmp_path)) == 1
    publish(journal)
    journal.close(later)


def test_a_durable_consumer_holds_back_until_the_hard_limit_and_is_named_long_before(tmp_path: Path) -> None:
    journal = begun(tmp_path, LIMITS, consumers=["cdr"])
    kept_up(journal, 350)
    assert journal.retain(NOW_US) == Retained()
    kept_up(journal, 100)
    retained = journal.retain(NOW_US)
    assert retained.deleted == ()
    (behind,) = retained.behind
    assert (behind.consumer, behind.confirmed, behind.lost) == ("cdr", 0, None)
    assert LIMITS.hard_bytes / 2 <= behind.bytes_behind < LIMITS.hard_bytes
    kept_up(journal, 500)
    retained = journal.retain(NOW_US)
    assert retained.deleted
    assert retained.behind[0].lost == Hole(1, journal.first - 1)
    journal.confirm("cdr", journal.last)
    assert journal.consumers["cdr"] == 950
    assert journal.retain(NOW_US).behind == ()
    assert sum(path.stat().st_size for path in segments_in(tmp_path)) <= LIMITS.keep_bytes
    journal.close(NOW_US)
    assert opened(tmp_path, LIMITS, consumers=["cdr"]).journal.consumers["cdr"] == 950


def test_a_place_that_was_not_reached_yet_or_is_nobody_s_is_turned_away(tmp_path: Path) -> None:
    journal = begun(tmp_path, consumers=["cdr"])
    publish(journal)
    assert not journal.confirm("cdr", 2)
    assert not journal.confirm("nobody", 1)
    assert journal.consumers["cdr"] == 0
    assert journal.confirm("cdr", 1)
    journal.close(NOW_US)


def test_places_that_cannot_be_written_are_said_and_written_later(tmp_path: Path) -> None:
    journal = begun(tmp_path, consumers=["cdr"])
    publish(journal)
    journal.confirm("cdr", 1)
    with file_size_limit(0):
        (said,) = journal.retain(NOW_US).problems
    assert "durable consumers cannot be written" in said.render()
    assert journal.retain(NOW_US).problems == ()
    journal.close(NOW_US)


def test_what_was_put_aside_is_deleted_with_the_oldest(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    aside = tmp_path / (segments_in(tmp_path)[0].name + ".broken")
    aside.write_bytes(b"?")
    assert journal.retain(aside.stat().st_mtime_ns // 1_000).deleted == ()
    os.utime(aside, (0, 0))
    assert journal.retain(NOW_US).deleted == (aside.name,)
    assert not aside.exists()
    journal.close(NOW_US)


def test_what_cannot_be_deleted_is_said_and_stays_readable(tmp_path: Path) -> None:
    journal = begun(tmp_path, LIMITS)
    kept_up(journal, 500)
    oldest = segments_in(tmp_path)[0]
    oldest.unlink()
    oldest.mkdir()
    retained = journal.retain(NOW_US)
    assert retained.deleted == ()
    assert retained.problems[0].render().startswith(f"{oldest.name} cannot be deleted")
    oldest.rmdir()
    assert journal.retain(NOW_US).deleted[0] == oldest.name
    journal.close(NOW_US)
