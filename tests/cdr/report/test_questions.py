"""What is counted, in each kind of database, of rows written by hand."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from cdr.records import Direction, Role
from cdr.report.questions import Interval, agents, quarters, queues, trunks
from cdr.report.tally import Tally
from cdr.store.reader import Reader
from tests.cdr.sample_records import SECOND, abandoned, at, conversation, leg, period, visit, written
from tests.cdr.store.sql_server import GOLDEN, Notebook, script
from tests.golden_text import held

EIGHT = at("2026-01-31 08:00:00")
NINE = at("2026-01-31 09:00:00")
HOUR = Interval(EIGHT, NINE, 20 * SECOND)
RECORDS = (
    conversation(1, EIGHT, wait=5, talk=60),
    conversation(2, EIGHT + SECOND, wait=25, talk=30),
    abandoned(3, EIGHT + 2 * SECOND, 10),
    abandoned(4, EIGHT + 900 * SECOND, 40),
    conversation(5, EIGHT + 900 * SECOND, result="busy", answered_us=None, wait=0, talk=0),
    conversation(6, EIGHT, direction="internal"),
    conversation(7, EIGHT, result="joined"),
    conversation(8, EIGHT - 1),
    conversation(9, NINE),
    leg(1, EIGHT, ring=5, talk=60, wrap_up=20),
    leg(1, EIGHT, leg=1, device="0139", trunk="T001", inside=False, agent="", ring=0, talk=65),
    leg(2, EIGHT + SECOND, leg=0, ring=4, talk=30),
    leg(3, EIGHT + SECOND, ring=7, talk=0, answered_us=None),
    leg(4, EIGHT + SECOND, ring=7, talk=10, agent="", device="8005"),
    leg(5, EIGHT, ring=1, talk=0, answered_us=None, agent="", device="6000", role=Role.QUEUE),
    leg(9, NINE - 10 * SECOND, leg=1, device="0138", trunk="T002", inside=False, agent="", ring=0, talk=30),
    visit(1, EIGHT, 5),
    visit(2, EIGHT, 25),
    visit(3, EIGHT, 8, "abandoned"),
    visit(4, EIGHT, 30, "timed_out", "service"),
    period(1, "ready", EIGHT - 600 * SECOND, EIGHT + 600 * SECOND),
    period(2, "busy", EIGHT + 600 * SECOND, EIGHT + 900 * SECOND),
    period(3, "wrap_up", EIGHT + 900 * SECOND, EIGHT + 1000 * SECOND),
    period(4, "not_ready", EIGHT + 1000 * SECOND, NINE),
    period(5, "ready", NINE, NINE + SECOND, agent="7009"),
)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    reader = Reader.open(written(url, *RECORDS))
    with reader.connection() as opened:
        yield opened
    reader.close()


def test_everything_that_is_counted(connection: Connection) -> None:
    by_quarter: dict[int, Tally] = {}
    for key, tally in quarters(connection, HOUR, Direction.INBOUND):
        by_quarter.setdefault(key, Tally()).add(tally)
    first = EIGHT // (900 * SECOND)
    assert by_quarter[first] == Tally(
        offered=3, answered=2, abandoned=1, answered_within=1, abandoned_within=1, wait_us=30 * SECOND,
        longest_wait_us=25 * SECOND, talking_us=90 * SECOND, wrap_up_us=20 * SECOND,
    )  # fmt: skip
    assert by_quarter[first + 1] == Tally(offered=2, abandoned=1, other=1, longest_wait_us=40 * SECOND)
    assert sorted(by_quarter) == [first, first + 1]
    assert sum(tally.offered for _, tally in quarters(connection, HOUR, None)) == 6

    found = queues(connection, HOUR)
    assert found["sales"] == Tally(
        offered=3, answered=2, abandoned=1, answered_within=1, abandoned_within=1, wait_us=30 * SECOND,
        longest_wait_us=25 * SECOND, talking_us=90 * SECOND,
    )  # fmt: skip
    assert found["service"] == Tally(offered=1, other=1, longest_wait_us=30 * SECOND)

    who = agents(connection, HOUR)
    assert (who["7001"].offered, who["7001"].answered, who["7001"].other) == (3, 2, 1)
    assert (who["7001"].talking_us, who["7001"].wrap_up_us) == (90 * SECOND, 20 * SECOND)
    assert (who["7001"].staffed_us, who["7001"].occupied_us) == (1000 * SECOND, 400 * SECOND)
    assert who["8005"].offered == 1, "where nobody is logged in it is the extension"
    assert "7009" not in who
    assert "6000" not in who, "a queue that rang for a moment before it said queued"

    lines = trunks(connection, HOUR)
    assert (lines["T001"].seized_us, lines["T001"].span_us) == (65 * SECOND, 3600 * SECOND)
    assert lines["T002"].seized_us == 10 * SECOND, "only what lies within"


def test_as_sql_server_is_asked() -> None:
    book = Notebook()
    assert list(quarters(book.connection, HOUR, Direction.INBOUND)) == []
    assert [ask(book.connection, HOUR) for ask in (queues, agents, trunks)] == [{}, {}, {}]
    made = script(book.statements)
    assert made == held(GOLDEN / "report.sql", made)
