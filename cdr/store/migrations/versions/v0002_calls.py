"""A view with one flat row for each call, for reports that were written for other systems."""

from alembic import op

revision = "0002"
down_revision = "0001"

CALLS = """\
CREATE VIEW calls AS
SELECT conversation_id AS call_id, began AS start_time, answered AS answer_time, ended AS end_time, direction,
       caller AS caller_number, called AS called_number, trunk, queue AS queue_name,
       first_device AS first_extension, last_device AS last_extension, first_agent, last_agent,
       result, abandoned_where, cause AS end_cause,
       ROUND((waiting_us + queued_us) / 1000000.0, 3) AS wait_seconds,
       ROUND(menu_us / 1000000.0, 3) AS menu_seconds,
       ROUND(talking_us / 1000000.0, 3) AS talk_seconds,
       ROUND(held_us / 1000000.0, 3) AS hold_seconds,
       transfers, conferences, zone AS time_zone
FROM conversations
WHERE result <> 'joined'
"""


def upgrade() -> None:
    """From 0001."""
    op.execute(CALLS)
