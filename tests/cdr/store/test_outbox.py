"""What the webhook has still to be told: written with the rows, gone when it was told, in each kind of database."""

from dataclasses import replace

import pytest

from cdr.records import Batch, Place
from cdr.store.diagnosis import StoreFailed
from cdr.store.outbox import Announcement, announced, due_announcements, postpone, waiting_announcements
from cdr.store.store import Store
from tests.cdr.sample_records import SECOND, at, conversation, leg

BEGAN = at("2026-01-31 08:00:00")
ONE, TWO = conversation(1, BEGAN), conversation(2, BEGAN)
LATER_US = 4_000_000_000 * SECOND


def write(store: Store, number: int, *records: object) -> None:
    store.write(Batch(records, (), (Place("gateway", "s/g", 1, number),)))  # type: ignore[arg-type]


def due(store: Store, now_us: int = LATER_US) -> list[Announcement]:
    with store.transaction() as connection:
        return due_announcements(connection, now_us, 10)


def test_from_written_to_told(url: str) -> None:
    store = Store.open(url, announces=True)
    write(store, 1, ONE, leg(1, BEGAN))
    write(store, 2, TWO)
    first, second = due(store)
    assert [(one.conversation_id, one.revision, one.tries) for one in (first, second)] == [("1:1", 1, 0), ("1:2", 1, 0)]
    assert BEGAN < first.since_us <= second.since_us
    assert due(store, first.since_us - 1) == []
    with store.transaction() as connection:
        postpone(connection, [(replace(first, tries=1), LATER_US + 1)])
        announced(connection, [second])
        assert waiting_announcements(connection) == 1
    assert due(store) == []
    assert due(store, LATER_US + 1) == [replace(first, tries=1)]
    store.close()


def test_what_is_written_anew_meanwhile_is_told_again(url: str) -> None:
    store = Store.open(url, announces=True)
    write(store, 1, ONE)
    (first,) = due(store)
    write(store, 2, replace(ONE, revision=2), replace(ONE, revision=3))
    with store.transaction() as connection:
        announced(connection, [first])
        postpone(connection, [(replace(first, tries=1), LATER_US)])
    assert [(one.revision, one.tries) for one in due(store)] == [(3, 0)]
    store.close()


def test_a_batch_that_fails_announces_nothing(url: str) -> None:
    store = Store.open(url, announces=True)
    with pytest.raises(StoreFailed):
        write(store, 1, ONE, replace(TWO, began_us=None))  # type: ignore[arg-type]
    assert due(store) == []
    store.close()


def test_unless_it_was_asked_nothing_is_announced(url: str) -> None:
    store = Store.open(url)
    write(store, 1, ONE)
    assert due(store) == []
    store.close()
