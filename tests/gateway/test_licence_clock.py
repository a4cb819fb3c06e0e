"""The latest time seen: kept, never set back, and no trouble when it is damaged."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.licence_clock import ClockMemory, forget_time, recall_time, remember_time

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "licence-clock"


def test_nothing_is_remembered_at_first(clock_file: Path) -> None:
    assert recall_time(clock_file) == ClockMemory(None)


def test_a_time_is_remembered_in_a_folder_that_was_not_there(clock_file: Path) -> None:
    remember_time(clock_file, NOON)
    assert recall_time(clock_file) == ClockMemory(NOON)
    assert [path.name for path in clock_file.parent.iterdir()] == ["licence-clock"]


def test_an_earlier_time_changes_nothing(clock_file: Path) -> None:
    remember_time(clock_file, NOON)
    remember_time(clock_file, NOON - timedelta(hours=1))
    assert recall_time(clock_file).last_seen == NOON
    remember_time(clock_file, NOON + timedelta(hours=1))
    assert recall_time(clock_file).last_seen == NOON + timedelta(hours=1)


def test_the_time_zone_of_the_machine_does_not_matter(clock_file: Path) -> None:
    remember_time(clock_file, NOON.astimezone(timezone(timedelta(hours=8))))
    assert recall_time(clock_file).last_seen == NOON


def test_a_time_without_a_zone_is_utc(clock_file: Path) -> None:
    clock_file.parent.mkdir()
    clock_file.write_text("2026-05-01T12:00:00\n")
    assert recall_time(clock_file).last_seen == NOON


@pytest.mark.parametrize("written", [b"", b"\0\0\0", b"yesterday", b"\xff\xfe", b"  \n", b"9" * 5000])
def test_a_damaged_file_counts_as_none_and_is_told(clock_file: Path, written: bytes) -> None:
    clock_file.parent.mkdir()
    clock_file.write_bytes(written)
    memory = recall_time(clock_file, "clock")
    assert memory.last_seen is None
    assert memory.problem is not None
    assert (memory.problem.code, memory.problem.file, memory.problem.is_error) == ("L010", "clock", False)
    remember_time(clock_file, NOON)
    assert recall_time(clock_file) == ClockMemory(NOON)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    memory = recall_time(tmp_path)
    assert memory.problem is not None
    assert memory.problem.message.render() == "the latest time seen cannot be read: it is a folder"


def test_forgetting(clock_file: Path) -> None:
    assert not forget_time(clock_file)
    remember_time(clock_file, NOON)
    assert forget_time(clock_file)
    assert recall_time(clock_file) == ClockMemory(None)
