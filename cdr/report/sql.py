"""What reports need of time and SQL does not agree on: quarters of an hour, and spans in microseconds."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from cdr.store.rows import time_of


class quarter(GenericFunction[int]):
    """``quarter(moment)``: quarters of an hour since 1970 UTC."""

    type = BigInteger()
    inherit_cache = True


class span_us(GenericFunction[int]):
    """``span_us(earlier, later)``: microseconds between two moments."""

    type = BigInteger()
    inherit_cache = True


class least_of(GenericFunction[Any]):
    """The earlier of two moments."""

    type = DateTime()
    inherit_cache = True


class greatest_of(GenericFunction[Any]):
    """The later of two moments."""

    type = DateTime()
    inherit_cache = True


def moment(time_us: int) -> ColumnElement[Any]:
    """A moment as a parameter."""
    return bindparam(None, time_of(time_us), DateTime())


def _arguments(element: Any, compiler: Any, **options: Any) -> list[str]:
    return [compiler.process(one, **options) for one in element.clauses]


@compiles(quarter)
def _quarter(element: Any, compiler: Any, **options: Any) -> str:
    (at,) = _arguments(element, compiler, **options)
    return f"CAST(floor(extract(epoch FROM {at}) / 900) AS BIGINT)"


@compiles(quarter, "sqlite")
def _quarter_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (at,) = _arguments(element, compiler, **options)
    return f"({_sqlite_seconds(at)} / 900)"


def _sqlite_seconds(at: str) -> str:
    # Of the text up to the second: with what follows, SQLite rounds.
    return f"CAST(strftime('%s', substr({at}, 1, 19)) AS INTEGER)"


@compiles(quarter, "mysql")
@compiles(quarter, "mariadb")
def _quarter_mysql(element: Any, compiler: Any, **options: Any) -> str:
    (at,) = _arguments(element, compiler, **options)
    return f"(TIMESTAMPDIFF(SECOND, '1970-01-01', {at}) DIV 900)"


@compiles(quarter, "mssql")
def _quarter_mssql(element: Any, compiler: Any, **options: Any) -> str:
    (at,) = _arguments(element, compiler, **options)
    return f"(DATEDIFF_BIG(second, '1970-01-01', {at}) / 900)"


@compiles(span_us)
def _span(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = _arguments(element, compiler, **options)
    return f"CAST(extract(epoch FROM ({later} - {earlier})) * 1000000 AS BIGINT)"


@compiles(span_us, "sqlite")
def _span_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = _arguments(element, compiler, **options)

    def microseconds(at: str) -> str:
        return f"({_sqlite_seconds(at)} * 1000000 + CAST(substr({at}, 21, 6) AS INTEGER))"

    return f"({microseconds(later)} - {microseconds(earlier)})"


@compiles(span_us, "mysql")
@compiles(span_us, "mariadb")
def _span_mysql(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = _arguments(element, compiler, **options)
    return f"TIMESTAMPDIFF(MICROSECOND, {earlier}, {later})"


@compiles(span_us, "mssql")
def _span_mssql(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = _arguments(element, compiler, **options)
    return f"DATEDIFF_BIG(microsecond, {earlier}, {later})"


@compiles(least_of)
def _least(element: Any, compiler: Any, **options: Any) -> str:
    one, other = _arguments(element, compiler, **options)
    return f"CASE WHEN {one} < {other} THEN {one} ELSE {other} END"


@compiles(greatest_of)
def _greatest(element: Any, compiler: Any, **options: Any) -> str:
    one, other = _arguments(element, compiler, **options)
    return f"CASE WHEN {one} > {other} THEN {one} ELSE {other} END"
