"""The first tables. Written out: what ``cdr.store.schema`` says today may say something else tomorrow."""

from typing import Any

from alembic import op
from sqlalchemy import NVARCHAR, BigInteger, Boolean, Column, DateTime, Integer, String, Text
from sqlalchemy.dialects.mssql import DATETIME2
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT

revision = "0001"
down_revision = None

BINARY = "Latin1_General_100_BIN2"
Time = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb").with_variant(DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
UNICODE: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}
LongText = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb").with_variant(NVARCHAR(None, BINARY), "mssql")


def words(characters_max: int) -> Any:
    """A text of at most so many characters, of any script."""
    return String(characters_max).with_variant(NVARCHAR(characters_max, BINARY), "mssql")


def upgrade() -> None:
    """From nothing."""
    _agent_periods()
    _agent_sessions()
    _conversations()
    _drafts()
    _ivr_sessions()
    _legs()
    _places()
    _queue_visits()
    _record_problems()
    _segments()


def _agent_periods() -> None:
    op.create_table(
        "agent_periods",
        Column("period_id", words(80), primary_key=True, nullable=False),
        Column("session_id", words(80), nullable=False),
        Column("agent", words(190), nullable=False),
        Column("device", words(190), nullable=False),
        Column("state", words(190), nullable=False),
        Column("reason", words(190), nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("began", Time, nullable=False),
        Column("ended", Time, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_agent_periods_agent_began", "agent_periods", ["agent", "began"])
    op.create_index("ix_agent_periods_session_id", "agent_periods", ["session_id"])


def _agent_sessions() -> None:
    op.create_table(
        "agent_sessions",
        Column("session_id", words(80), primary_key=True, nullable=False),
        Column("agent", words(190), nullable=False),
        Column("name", words(190), nullable=False),
        Column("device", words(190), nullable=False),
        Column("began", Time, nullable=False),
        Column("ended", Time, nullable=True),
        Column("reason", words(190), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_agent_sessions_agent_began", "agent_sessions", ["agent", "began"])


def _conversations() -> None:
    op.create_table(
        "conversations",
        Column("conversation_id", words(80), primary_key=True, nullable=False),
        Column("stream", words(190), nullable=False),
        Column("direction", words(32), nullable=False),
        Column("caller", words(190), nullable=False),
        Column("called", words(190), nullable=False),
        Column("trunk", words(190), nullable=False),
        Column("first_device", words(190), nullable=False),
        Column("first_agent", words(190), nullable=False),
        Column("last_device", words(190), nullable=False),
        Column("last_agent", words(190), nullable=False),
        Column("queue", words(190), nullable=False),
        Column("result", words(32), nullable=False),
        Column("abandoned_where", words(32), nullable=False),
        Column("cause", words(190), nullable=False),
        Column("began", Time, nullable=False),
        Column("answered", Time, nullable=True),
        Column("ended", Time, nullable=False),
        Column("waiting_us", BigInteger, nullable=False),
        Column("menu_us", BigInteger, nullable=False),
        Column("queued_us", BigInteger, nullable=False),
        Column("talking_us", BigInteger, nullable=False),
        Column("held_us", BigInteger, nullable=False),
        Column("uncertain_us", BigInteger, nullable=False),
        Column("transfers", Integer, nullable=False),
        Column("conferences", Integer, nullable=False),
        Column("winner_id", words(80), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("missing", words(190), nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_conversations_began", "conversations", ["began"])
    op.create_index("ix_conversations_caller_began", "conversations", ["caller", "began"])
    op.create_index("ix_conversations_last_agent_began", "conversations", ["last_agent", "began"])
    op.create_index("ix_conversations_last_device_began", "conversations", ["last_device", "began"])
    op.create_index("ix_conversations_queue_began", "conversations", ["queue", "began"])


def _drafts() -> None:
    op.create_table(
        "drafts",
        Column("kind", words(32), primary_key=True, nullable=False),
        Column("key", words(190), primary_key=True, nullable=False),
        Column("body", LongText, nullable=False),
        **UNICODE,
    )


def _ivr_sessions() -> None:
    op.create_table(
        "ivr_sessions",
        Column("session_id", words(80), primary_key=True, nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("port", words(190), nullable=False),
        Column("flow", words(190), nullable=False),
        Column("outcome", words(190), nullable=False),
        Column("node", words(190), nullable=False),
        Column("nodes", Integer, nullable=False),
        Column("digits", words(190), nullable=False),
        Column("destination", words(190), nullable=False),
        Column("reason", words(190), nullable=False),
        Column("began", Time, nullable=False),
        Column("ended", Time, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_ivr_sessions_began", "ivr_sessions", ["began"])
    op.create_index("ix_ivr_sessions_conversation_id", "ivr_sessions", ["conversation_id"])


def _legs() -> None:
    op.create_table(
        "legs",
        Column("leg_id", words(80), primary_key=True, nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("first_call_id", words(80), nullable=False),
        Column("last_call_id", words(80), nullable=False),
        Column("device", words(190), nullable=False),
        Column("trunk", words(190), nullable=False),
        Column("inside", Boolean, nullable=False),
        Column("role", words(32), nullable=False),
        Column("agent", words(190), nullable=False),
        Column("began", Time, nullable=False),
        Column("answered", Time, nullable=True),
        Column("ended", Time, nullable=False),
        Column("dialling_us", BigInteger, nullable=False),
        Column("waiting_us", BigInteger, nullable=False),
        Column("menu_us", BigInteger, nullable=False),
        Column("queued_us", BigInteger, nullable=False),
        Column("ringing_us", BigInteger, nullable=False),
        Column("talking_us", BigInteger, nullable=False),
        Column("holding_us", BigInteger, nullable=False),
        Column("held_us", BigInteger, nullable=False),
        Column("parked_us", BigInteger, nullable=False),
        Column("alone_us", BigInteger, nullable=False),
        Column("failed_us", BigInteger, nullable=False),
        Column("uncertain_us", BigInteger, nullable=False),
        Column("wrap_up_us", BigInteger, nullable=False),
        Column("ending", words(32), nullable=False),
        Column("cause", words(190), nullable=False),
        Column("ended_by", words(190), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_legs_agent_began", "legs", ["agent", "began"])
    op.create_index("ix_legs_conversation_id", "legs", ["conversation_id"])
    op.create_index("ix_legs_device_began", "legs", ["device", "began"])


def _places() -> None:
    op.create_table(
        "places",
        Column("stream", words(32), primary_key=True, nullable=False),
        Column("name", words(190), nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
        **UNICODE,
    )


def _queue_visits() -> None:
    op.create_table(
        "queue_visits",
        Column("visit_id", words(80), primary_key=True, nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("source", words(190), nullable=False),
        Column("queue", words(190), nullable=False),
        Column("outcome", words(190), nullable=False),
        Column("agent", words(190), nullable=False),
        Column("device", words(190), nullable=False),
        Column("entered", Time, nullable=False),
        Column("left", Time, nullable=False),
        Column("priority", Integer, nullable=False),
        Column("position", Integer, nullable=False),
        Column("offers", Integer, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_queue_visits_conversation_id", "queue_visits", ["conversation_id"])
    op.create_index("ix_queue_visits_queue_entered", "queue_visits", ["queue", "entered"])


def _record_problems() -> None:
    op.create_table(
        "record_problems",
        Column("problem_id", words(80), primary_key=True, nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("code", words(190), nullable=False),
        Column("text", LongText, nullable=False),
        Column("found", Time, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_record_problems_conversation_id", "record_problems", ["conversation_id"])


def _segments() -> None:
    op.create_table(
        "segments",
        Column("segment_id", words(80), primary_key=True, nullable=False),
        Column("conversation_id", words(80), nullable=False),
        Column("state", words(32), nullable=False),
        Column("began", Time, nullable=False),
        Column("ended", Time, nullable=False),
        Column("parties", LongText, nullable=False),
        Column("device", words(190), nullable=False),
        Column("agent", words(190), nullable=False),
        Column("queue", words(190), nullable=False),
        Column("certain", Boolean, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("zone", words(64), nullable=False),
        **UNICODE,
    )
    op.create_index("ix_segments_conversation_id", "segments", ["conversation_id"])
