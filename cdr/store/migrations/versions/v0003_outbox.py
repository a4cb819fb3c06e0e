"""What the webhook has still to be told."""

from typing import Any

from alembic import op
from sqlalchemy import NVARCHAR, Column, DateTime, Integer, String
from sqlalchemy.dialects.mssql import DATETIME2
from sqlalchemy.dialects.mysql import DATETIME

revision = "0003"
down_revision = "0002"

BINARY = "Latin1_General_100_BIN2"
Time = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb").with_variant(DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
UNICODE: dict[str, Any] = {
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """From 0002."""
    identity = String(80).with_variant(NVARCHAR(80, BINARY), "mssql")
    op.create_table(
        "webhook_outbox",
        Column("conversation_id", identity, primary_key=True, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("since", Time, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("due", Time, nullable=False),
        **UNICODE,
    )
    op.create_index("ix_webhook_outbox_due", "webhook_outbox", ["due"])
