"""Reading in each kind of database: filters, pages, what belongs to a conversation; and nothing is made or changed."""

from pathlib import Path

import pytest

from cdr.records import ConversationRecord, LegRecord, Result
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.reader import Filter, PageAfter, Reader, page_question
from cdr.store.store import Store
from tests.cdr.sample_records import SECOND, abandoned, at, conversation, leg, written
from tests.cdr.store.sql_server import GOLDEN, Notebook, script
from tests.golden_text import held

BEGAN = at("2026-01-31 08:00:00")
ROWS = (
    conversation(1, BEGAN),
    conversation(2, BEGAN, caller="8002", direction="internal", trunk="", queue=""),
    abandoned(3, BEGAN + 10 * SECOND, 4),
    conversation(4, BEGAN + 20 * SECOND, complete=False, missing=("cti",)),
    leg(1, BEGAN),
    leg(1, BEGAN, leg=1, device="8005", agent="7005"),
    leg(4, BEGAN + 20 * SECOND, device="8009", agent=""),
)


def numbers(rows: list[ConversationRecord]) -> list[int]:
    return [int(one.conversation_id.partition(":")[2]) for one in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), [1, 2, 3, 4]),
        (Filter(began_us=BEGAN + 1), [3, 4]),
        (Filter(began_us=BEGAN, before_us=BEGAN + 10 * SECOND), [1, 2]),
        (Filter(caller="8002"), [2]),
        (Filter(device="8002"), [2]),
        (Filter(device="8005"), [1]),
        (Filter(device="8005", began_us=BEGAN), [1]),
        (Filter(agent="7005"), [1]),
        (Filter(agent="7001", began_us=BEGAN + 1), []),
        (Filter(result=Result.ABANDONED.value), [3]),
        (Filter(direction="inbound", queue="sales", trunk="T001"), [1, 3, 4]),
        (Filter(incomplete=True), [4]),
        (Filter(called="9999"), []),
    ],
)
def test_filters(tmp_path: Path, wanted: Filter, found: list[int]) -> None:
    reader = Reader.open(written(f"sqlite:///{tmp_path / 'cdr.db'}", *ROWS))
    assert numbers(list(reader.conversations(wanted))) == found
    assert reader.count(wanted) == len(found)
    reader.close()


def test_in_each_database_pages_follow_one_another_and_parts_are_found(url: str) -> None:
    reader = Reader.open(written(url, *ROWS))
    newest = reader.page(Filter(), None, 3, newest_first=True)
    assert numbers(list(newest)) == [4, 3, 2]
    rest = reader.page(Filter(), PageAfter(newest[-1].began_us, newest[-1].conversation_id), 3, newest_first=True)
    assert numbers(list(rest)) == [1]
    assert numbers(list(reader.conversations(Filter(device="8009", began_us=BEGAN)))) == [4]
    assert [one.device for one in reader.of_conversations(LegRecord, ["1:1", "1:9"])] == ["8001", "8005"]
    assert [one.caller for one in reader.find(ConversationRecord, ["1:2", "1:9"])] == ["8002"]
    assert reader.places() == []
    reader.close()


def test_an_empty_database_is_left_empty(url: str) -> None:
    with pytest.raises(StoreFailed) as caught:
        Reader.open(url)
    expected = Trouble.NO_DATABASE if url.startswith("sqlite") else Trouble.NO_TABLE
    assert caught.value.diagnosis.trouble is expected
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists()


def test_tables_of_another_version_are_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cdr.db'}"
    store = Store.open(url)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'v9999'")
    store.close()
    with pytest.raises(StoreFailed, match=r"D011 .*v9999"):
        Reader.open(url)


def test_as_sql_server_is_asked() -> None:
    book = Notebook()
    everything = Filter(BEGAN, BEGAN + SECOND, device="8005", agent="7005", queue="sales", incomplete=True)
    for newest_first in (False, True):
        book.execute(page_question(everything, PageAfter(BEGAN, "1:1"), 50, newest_first=newest_first))
    made = script(book.statements)
    assert made == held(GOLDEN / "page.sql", made)
