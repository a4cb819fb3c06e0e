"""Indexes by time alone: what a report of one day looks for among those of years."""

from alembic import op

revision = "0005"
down_revision = "0004"

INDEXED = (
    ("legs", "began"),
    ("legs", "ended"),
    ("agent_periods", "began"),
    ("agent_periods", "ended"),
    ("queue_visits", "entered"),
)


def upgrade() -> None:
    """From 0004."""
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])
