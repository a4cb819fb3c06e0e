"""The tables, made from the record values: a column for each field, in its order.

Times are timestamps in UTC with microseconds, named without ``_us``; spans are whole microseconds under their own
names; texts that a switch or a person chose have ``TEXT_MAX`` characters. Every table has ``zone``, the IANA name of
the site's time zone, so that local days can be told from the row alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import Field, fields
from enum import StrEnum
from typing import Any, Final, get_args, get_type_hints

from sqlalchemy import (
    NVARCHAR,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mssql import DATETIME2
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT
from sqlalchemy.types import TypeEngine

from cdr.records import (
    AgentPeriodRecord,
    AgentSessionRecord,
    ConversationRecord,
    Draft,
    IvrSessionRecord,
    LegRecord,
    Place,
    ProblemRecord,
    QueueVisitRecord,
    SegmentRecord,
    Spans,
)

ID_MAX: Final = 80
"""Two numbers of twenty digits, and what follows them."""
TEXT_MAX: Final = 190
"""Characters; in an index of MySQL's four-byte text no more than its smallest limit allows. Longer ones are cut."""
ZONE_MAX: Final = 64
TIMES: Final = frozenset({"began_us", "ended_us", "answered_us", "entered_us", "left_us", "found_us"})
"""Fields that are moments; every other ``_us`` is a span."""

metadata = MetaData()

UNICODE: Final[dict[str, Any]] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}
"""Whatever the server's default is: every letter, compared exactly, as the others do."""

SQL_SERVER_COLLATION: Final = "Latin1_General_100_BIN2"
"""Compared exactly, as the others do."""
Time: TypeEngine[Any] = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb").with_variant(DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
LongText: TypeEngine[Any] = (
    Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb").with_variant(NVARCHAR(None, SQL_SERVER_COLLATION), "mssql")
)


def words(characters_max: int) -> TypeEngine[Any]:
    """A text of at most so many characters, of any script."""
    return String(characters_max).with_variant(NVARCHAR(characters_max, SQL_SERVER_COLLATION), "mssql")


def columns_of(record: type) -> Iterator[Column[Any]]:
    """The columns of a record's table; its first field is the primary key."""
    hints = get_type_hints(record)
    for at, one in enumerate(fields(record)):
        if hints[one.name] is Spans:
            yield from (Column(span.name, BigInteger, nullable=False) for span in fields(Spans))
        else:
            yield _column(one, hints[one.name], is_key=at == 0)


def column_name(field_name: str) -> str:
    """The column of a field."""
    return field_name.removesuffix("_us") if field_name in TIMES else field_name


def _column(one: Field[Any], hint: Any, *, is_key: bool) -> Column[Any]:
    optional = type(None) in get_args(hint)
    kind: TypeEngine[Any] | type[TypeEngine[Any]]
    if one.name in TIMES:
        kind = Time
    elif hint is bool:
        kind = Boolean
    elif one.name.endswith("_us"):
        kind = BigInteger
    elif hint is int:
        kind = Integer
    elif one.name.endswith("_id"):
        kind = words(ID_MAX)
    elif one.name in ("text", "parties", "body"):
        kind = LongText
    elif isinstance(hint, type) and issubclass(hint, StrEnum):
        kind = words(32)
    else:
        kind = words(TEXT_MAX)
    return Column(column_name(one.name), kind, primary_key=is_key, nullable=optional)


def _table(name: str, record: type, *indexed: str, more: Sequence[Column[Any]] = ()) -> Table:
    indexes = [Index(f"ix_{name}_{'_'.join(columns.split())}", *columns.split()) for columns in indexed]
    return Table(
        name, metadata, *columns_of(record), Column("zone", words(ZONE_MAX), nullable=False), *more, *indexes, **UNICODE
    )


CONVERSATIONS = _table(
    "conversations",
    ConversationRecord,
    "began",
    "caller began",
    "last_device began",
    "last_agent began",
    "queue began",
    "masked ended",
    more=[Column("masked", words(16), nullable=False, server_default="")],
)
"""``masked``: how the numbers of people outside were made unreadable, empty while they are as they were."""
LEGS = _table("legs", LegRecord, "conversation_id", "device began", "agent began", "began", "ended")
SEGMENTS = _table("segments", SegmentRecord, "conversation_id")
AGENT_SESSIONS = _table("agent_sessions", AgentSessionRecord, "agent began")
AGENT_PERIODS = _table("agent_periods", AgentPeriodRecord, "agent began", "session_id", "began", "ended")
QUEUE_VISITS = _table("queue_visits", QueueVisitRecord, "queue entered", "conversation_id", "entered")
IVR_SESSIONS = _table("ivr_sessions", IvrSessionRecord, "conversation_id", "began")
PROBLEMS = _table("record_problems", ProblemRecord, "conversation_id")

TABLES: Final[dict[type[Any], Table]] = {
    ConversationRecord: CONVERSATIONS,
    LegRecord: LEGS,
    SegmentRecord: SEGMENTS,
    AgentSessionRecord: AGENT_SESSIONS,
    AgentPeriodRecord: AGENT_PERIODS,
    QueueVisitRecord: QUEUE_VISITS,
    IvrSessionRecord: IVR_SESSIONS,
    ProblemRecord: PROBLEMS,
}

DRAFTS = Table(
    "drafts",
    metadata,
    Column("kind", words(32), primary_key=True),
    Column("key", words(TEXT_MAX), primary_key=True),
    Column("body", LongText, nullable=False),
    **UNICODE,
)
PLACES = Table(
    "places",
    metadata,
    Column("stream", words(32), primary_key=True),
    Column("name", words(TEXT_MAX), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    **UNICODE,
)
"""How far each stream has been taken. Their values are those of ``records.Draft`` and ``records.Place``."""

OUTBOX = Table(
    "webhook_outbox",
    metadata,
    Column("conversation_id", words(ID_MAX), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("since", Time, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", Time, nullable=False),
    Index("ix_webhook_outbox_due", "due"),
    **UNICODE,
)
"""Conversations that the webhook has not been told of, each with its last revision."""

assert [one.name for one in fields(Draft)] == [one.name for one in DRAFTS.columns]
assert [one.name for one in fields(Place)] == [one.name for one in PLACES.columns]
