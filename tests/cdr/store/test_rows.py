"""A record is its row and back; what no database takes is made storable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from cdr.records import AgentSessionRecord, PartState, SegmentRecord
from cdr.store.rows import microseconds_of, record_of, row_of, time_of
from model.ids import Microseconds

ADA = AgentSessionRecord("9:1", "7001", "Ada", "8001", Microseconds(1_767_225_600_000_001), None, "")


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_a_moment_keeps_its_microsecond(time_us: int) -> None:
    assert microseconds_of(time_of(time_us)) == time_us


def test_a_driver_may_give_a_zone() -> None:
    there = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert microseconds_of(there) == microseconds_of(datetime(2026, 1, 1, tzinfo=UTC)) == 1_767_225_600_000_000


@given(st.text(max_size=300))
def test_any_text_can_be_stored(name: str) -> None:
    row = row_of(replace(ADA, name=name), "UTC")
    stored = row["name"]
    stored.encode("utf-8")
    assert "\x00" not in stored
    assert len(stored) <= 190
    assert record_of(AgentSessionRecord, row).name == stored


def test_parties_are_one_text() -> None:
    segment = SegmentRecord("1:1/0", "1:1", PartState.TALKING, Microseconds(1), Microseconds(2), ("1", "2"), "", "", "")
    row = row_of(segment, "Asia/Shanghai")
    assert (row["parties"], row["zone"], row["began"]) == ("1,2", "Asia/Shanghai", time_of(1))
    assert record_of(SegmentRecord, row) == segment
    assert record_of(SegmentRecord, {**row, "parties": ""}).parties == ()
