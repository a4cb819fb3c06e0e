"""Batches in each kind of database: everything of one or nothing, read back as it was, never by two writers."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cdr.records import (
    AgentPeriodRecord,
    AgentSessionRecord,
    Batch,
    ConversationRecord,
    Draft,
    IvrSessionRecord,
    LegRecord,
    Place,
    ProblemRecord,
    QueueVisitRecord,
    Record,
    SegmentRecord,
)
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.store import Store
from model.ids import Microseconds
from tests.cdr.ledger.stage import records_of, traffic

T0 = Microseconds(1_767_225_600_000_001)
"""With a microsecond, which a column must not lose."""
ADA = AgentSessionRecord("9:1", "7001", "王小明", "8001", T0, None, "")
WRAP_UP = AgentPeriodRecord("9:2", "9:1", "7001", "8001", "wrap_up", "", "1:5", T0, Microseconds(T0 + 7))
ODD = ProblemRecord("1:5/timeline_gap/0", "1:5", "timeline_gap", "it's ‘so’ \\ \x00 😀" * 200, T0)
OTHERS: tuple[Record, ...] = (
    ADA,
    WRAP_UP,
    IvrSessionRecord("8:1", "1:5", "8900", "main", "completed", "bye", 3, "1#2", "", "", T0, Microseconds(T0 + 9)),
    ODD,
)


def some_records() -> list[Record]:
    return [*records_of(traffic(1, 30)[0]), *OTHERS]


def same(read: Sequence[Record], records: Sequence[Record]) -> bool:
    """Whether those of their kind are what was read, and there are any."""
    mine = [one for one in records if type(one) is type(read[0])]
    return sorted(mine, key=str) == sorted(read, key=str)


def place(number: int, stream: str = "gateway") -> Place:
    return Place(stream, "site/gateway", 1_767_225_600_000_000, number)


def batch(*records: Record, drafts: tuple[Draft, ...] = (), at: int = 1) -> Batch:
    return Batch(records, drafts, (place(at),))


def test_what_is_written_is_read(url: str) -> None:
    store, records = Store.open(url, "Asia/Shanghai"), some_records()
    store.write(batch(*records))
    assert same(store.records(ConversationRecord), records)
    assert same(store.records(LegRecord), records)
    assert same(store.records(SegmentRecord), records)
    assert same(store.records(QueueVisitRecord), records)
    assert same(store.records(AgentSessionRecord), records)
    assert same(store.records(AgentPeriodRecord), records)
    assert same(store.records(IvrSessionRecord), records)
    (problem,) = store.records(ProblemRecord)
    assert problem.text == ODD.text.replace("\x00", "\ufffd")
    store.close()


def test_a_later_revision_takes_the_place_of_the_former(url: str) -> None:
    store = Store.open(url)
    one = AgentSessionRecord("9:1", "7001", "Ada", "8001", T0, None, "")
    store.write(batch(one, at=1))
    over = replace(one, ended_us=Microseconds(T0 + 5), reason="lunch", revision=2)
    store.write(batch(over, replace(over, reason="home", revision=3), at=2))
    assert [(row.reason, row.revision) for row in store.records(AgentSessionRecord)] == [("home", 3)]
    store.close()


def test_drafts_are_kept_until_they_are_forgotten(url: str) -> None:
    store = Store.open(url)
    store.write(batch(drafts=(Draft("desk", "1", "a"), Draft("desk", "2", "b" * 100_000)), at=1))
    store.write(batch(drafts=(Draft("desk", "1", ""), Draft("desk", "2", "c"), Draft("desk", "3", "d")), at=2))
    assert sorted(store.drafts(), key=str) == [Draft("desk", "2", "c"), Draft("desk", "3", "d")]
    assert store.places() == [place(2)]
    store.close()


def test_a_batch_that_fails_leaves_nothing(url: str) -> None:
    store = Store.open(url)
    store.write(batch(drafts=(Draft("desk", "1", "a"),), at=1))
    broken = replace(WRAP_UP, began_us=None)  # type: ignore[arg-type]
    with pytest.raises(StoreFailed):
        store.write(Batch((ADA, broken), (Draft("desk", "1", ""),), (place(2),)))
    assert store.records(AgentSessionRecord) == []
    assert store.drafts() == [Draft("desk", "1", "a")]
    assert store.places() == [place(1)]
    store.write(batch(ADA, at=2))
    assert len(store.records(AgentSessionRecord)) == 1
    store.close()


def test_a_second_writer_is_noticed_by_the_first_batch_of_either(url: str) -> None:
    first = Store.open(url)
    second = Store.open(url)
    first.write(batch(at=5))
    with pytest.raises(StoreFailed) as caught:
        second.write(batch(ADA, at=3))
    assert caught.value.diagnosis.trouble is Trouble.TWO_WRITERS
    assert first.records(AgentSessionRecord) == []
    third = Store.open(url)
    third.write(batch(at=6))
    with pytest.raises(StoreFailed):
        first.write(batch(at=7))
    for store in (first, second, third):
        store.close()


def test_a_restart_goes_on_at_the_places(url: str) -> None:
    store = Store.open(url)
    store.write(Batch((), (), (place(5), place(9, "cti"))))
    store.close()
    store = Store.open(url)
    assert sorted(store.places(), key=str) == [place(9, "cti"), place(5)]
    store.write(Batch((), (), (place(5), place(10, "cti"))))
    store.close()


def test_a_text_that_is_too_long_is_cut_and_stops_nothing(url: str) -> None:
    store = Store.open(url)
    store.write(batch(replace(ADA, name="王" * 500)))
    assert [one.name for one in store.records(AgentSessionRecord)] == ["王" * 190]
    store.close()
