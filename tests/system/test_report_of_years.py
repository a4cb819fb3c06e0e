"""Reports over ten million conversations: one day is found by an index among years, whole years are counted in a pass.

The rows are made by the database itself. In the short form there are few of them, and the plans are the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, event, text

from cdr.records import Direction
from cdr.report.questions import Interval
from cdr.report.report import By, make_report
from cdr.store.engine import engine_of
from cdr.store.schema import AGENT_PERIODS, CONVERSATIONS, LEGS, QUEUE_VISITS
from cdr.store.store import Store
from tests.cdr.sample_records import SECOND, at
from tests.peers.databases import postgresql

DAYS = 1_000
DAY_SECONDS = 86_400
BEGINS = at("2026-01-01 00:00:00")
DAY = Interval(BEGINS + 700 * DAY_SECONDS * SECOND, BEGINS + 701 * DAY_SECONDS * SECOND, 20 * SECOND)
YEARS = Interval(BEGINS, BEGINS + DAYS * DAY_SECONDS * SECOND, 20 * SECOND)
SHORT, DEEP = 100_000, 10_000_000
ZONE = ZoneInfo("UTC")
MADE = (CONVERSATIONS, LEGS, QUEUE_VISITS, AGENT_PERIODS)

SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series LIMIT {count})",
    "postgresql": "WITH series AS (SELECT generate_series(0, {count} - 1) AS n)",
}
MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', '+' || ({seconds}) || ' seconds') || '.000000'",
    "postgresql": "timestamp '2026-01-01' + ({seconds}) * interval '1 second'",
}
"""As SQLAlchemy's text for SQLite, and PostgreSQL's own."""


def statements(dialect: str, count: int) -> Iterator[str]:
    """Of every conversation itself, the leg of one of 500 agents, of every fourth a queue visit, and as many stretches
    of an agent's time."""

    def moment(seconds: str) -> str:
        return MOMENT[dialect].format(seconds=seconds)

    spacing = DAYS * DAY_SECONDS // count or 1
    every = f"{DAYS * DAY_SECONDS}.0 / {count}"
    begins = f"CAST(n * {every} AS INTEGER)"
    series = SERIES[dialect].format(count=count)
    yes = {"sqlite": "1", "postgresql": "true"}[dialect]
    yield f"""
        INSERT INTO conversations {series} SELECT '1:' || n, 'gateway', 'inbound', '0139' || n, '6000', 'T001', '8001',
        '7001', '8001', '7001', 'sales', CASE WHEN n % 10 = 0 THEN 'abandoned' ELSE 'answered' END, '', '',
        {moment(begins)}, {moment(f"{begins} + 5")}, {moment(f"{begins} + 65")}, 5000000, 0, n % 40 * 1000000,
        60000000, 0, 0, 0, 0, '', 1, {yes}, '', 'UTC', '' FROM series"""
    yield f"""
        INSERT INTO legs {series} SELECT '1:' || n || '/0', '1:' || n, '1:' || n, '1:' || n, '8' || n % 500, '', {yes},
        'distributed', '7' || n % 500, {moment(begins)}, {moment(f"{begins} + 5")}, {moment(f"{begins} + 65")},
        0, 0, 0, 0, 5000000, 60000000, 0, 0, 0, 0, 0, 0, 20000000, 'hung_up', '', '', 1, {yes}, 'UTC' FROM series"""
    quarter = SERIES[dialect].format(count=count // 4)
    yield f"""
        INSERT INTO queue_visits {quarter} SELECT '2:' || n, '1:' || n * 4, 'cti', 'sales' || n % 20, 'answered',
        '7001', '8' || n * 4 % 500, {moment(f"{begins} * 4")}, {moment(f"{begins} * 4 + 5")}, 0, 1, 1, 1, {yes}, 'UTC'
        FROM series"""
    yield f"""
        INSERT INTO agent_periods {quarter} SELECT '3:' || n, '2:1', '7' || n % 500, '8001', 'ready', '', '',
        {moment(f"{begins} * 4")}, {moment(f"{begins} * 4 + {4 * spacing}")}, 1, {yes}, 'UTC' FROM series"""


def fill(url: str, count: int) -> Engine:
    """The tables of this version with so many conversations; their indexes are made when the rows are there."""
    Store.open(url).close()
    engine = engine_of(url)
    with engine.begin() as connection:
        for table in MADE:
            for index in table.indexes:
                index.drop(connection)
        for statement in statements(engine.dialect.name, count):
            connection.execute(text(statement))
        for table in MADE:
            for index in table.indexes:
                index.create(connection)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return engine


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, object]]]:
    """The questions that are put meanwhile."""
    found: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def plan(connection: Connection, statement: str, parameters: object) -> str:
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    rows = connection.exec_driver_sql(explain + statement, parameters)  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)


def is_scan(line: str) -> bool:
    """Whether a step of a plan reads a whole table: SQLite's and PostgreSQL's words."""
    return line.strip().startswith("SCAN") or "Seq Scan" in line


def course(engine: Engine, count: int, tell: Callable[[str], None]) -> None:
    """Every report of a day, by plan and figures; then the years."""
    a_day = count // DAYS
    with engine.connect() as connection:
        for by in By:
            with asked(engine) as questions:
                began = time.perf_counter()
                report = make_report(connection, by, DAY, ZONE, Direction.INBOUND if by is By.HOUR else None)
                seconds = time.perf_counter() - began
            plans = [plan(connection, *question) for question in questions]
            assert [one for one in plans if any(map(is_scan, one.splitlines()))] == [], "\n\n".join(plans)
            if by in (By.HOUR, By.DAY, By.AGENT):
                assert report.total.offered == a_day
            tell(f"{engine.dialect.name}, a day of {count:,} conversations by {by.value}: {seconds:.2f} s")
        began = time.perf_counter()
        report = make_report(connection, By.DAY, YEARS, ZONE, None)
        tell(f"{engine.dialect.name}, {DAYS} days by day: {time.perf_counter() - began:.1f} s")
        assert (report.total.offered, len(report.rows)) == (count, DAYS)
        assert report.total.abandoned == count // 10
    engine.dispose()


def test_a_few_in_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        course(fill(f"sqlite:///{tmp_path / 'cdr.db'}", SHORT), SHORT, print)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_ten_million_in_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        course(fill(f"sqlite:///{tmp_path / 'cdr.db'}", DEEP), DEEP, print)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_ten_million_in_postgresql(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled(), postgresql() as server:
        course(fill(server.url, DEEP), DEEP, print)
