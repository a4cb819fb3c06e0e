"""Quarters and spans, exact to the microsecond, in each kind of database; and as SQL Server would be asked."""

from sqlalchemy import DateTime, bindparam, select
from sqlalchemy.dialects import mssql
from sqlalchemy.engine import Dialect

from cdr.report.sql import greatest_of, least_of, moment, quarter, span_us
from cdr.store.reader import Reader
from cdr.store.schema import CONVERSATIONS
from tests.cdr.sample_records import at, conversation, written

BEGAN = at("2026-01-31 08:14:59") + 999_999


def test_in_each_database(url: str) -> None:
    reader = Reader.open(written(url, conversation(1, BEGAN, wait=0.000001, talk=3600.000002)))
    began, ended = CONVERSATIONS.c.began, CONVERSATIONS.c.ended
    later, earlier = moment(BEGAN + 1_000_000), moment(at("2026-01-31 00:00:00"))
    question = select(
        quarter(began), quarter(ended), span_us(began, ended), span_us(began, least_of(ended, later)),
        span_us(greatest_of(began, earlier), ended),
    )  # fmt: skip
    with reader.connection() as connection:
        row = connection.execute(question).one()
    first = at("2026-01-31 08:00:00") // 900_000_000
    assert [int(value) for value in row] == [first, first + 5, 3_600_000_003, 1_000_000, 3_600_000_003]
    reader.close()


def test_the_exact_quarter(url: str) -> None:
    reader = Reader.open(written(url, conversation(1, at("2026-01-31 08:15:00"))))
    with reader.connection() as connection:
        assert connection.scalar(select(quarter(CONVERSATIONS.c.began))) == at("2026-01-31 08:15:00") // 900_000_000
    reader.close()


def test_as_sql_server_is_asked() -> None:
    one, other = (bindparam(name, type_=DateTime()) for name in ("one", "other"))
    question = select(quarter(one), span_us(one, other), least_of(one, other), greatest_of(one, other))
    dialect: Dialect = mssql.dialect()  # type: ignore[no-untyped-call]
    said = " ".join(str(question.compile(dialect=dialect)).split())
    assert "(DATEDIFF_BIG(second, '1970-01-01', :one) / 900)" in said
    assert "DATEDIFF_BIG(microsecond, :one, :other)" in said
    assert "CASE WHEN :one < :other THEN :one ELSE :other END" in said
