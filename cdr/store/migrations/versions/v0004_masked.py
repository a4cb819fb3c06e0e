"""How the numbers of people outside were made unreadable."""

from alembic import op
from sqlalchemy import NVARCHAR, Column, String

revision = "0004"
down_revision = "0003"

BINARY = "Latin1_General_100_BIN2"


def upgrade() -> None:
    """From 0003."""
    kind = String(16).with_variant(NVARCHAR(16, BINARY), "mssql")
    op.add_column("conversations", Column("masked", kind, nullable=False, server_default=""))
    op.create_index("ix_conversations_masked_ended", "conversations", ["masked", "ended"])
