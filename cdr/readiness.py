"""Whether the records are kept as they should be, and why not: the reasons of `/readyz`. Pure.

Whose fault it is decides the code: the database's, the gateway's, the CTI server's, the IVR's, each its own.
"""

from collections.abc import Mapping

from cdr.database import DatabaseStatus
from cdr.streams import StreamState, StreamStatus
from cdr.webhook.status import WebhookStatus
from runtime.health import Reason
from runtime.problems import Severity

GATEWAY = "gateway"


def readiness(
    database: DatabaseStatus,
    streams: Mapping[str, StreamStatus],
    webhook: WebhookStatus | None = None,
    *,
    is_stopping: bool,
) -> list[Reason]:
    """The reasons, empty when all is well. Without gateway or database nothing is recorded now, and nothing is lost:
    the gateway's journal holds it. Without the others rows are incomplete until they are back. What the webhook is not
    told now waits in the database."""
    found = []
    if is_stopping:
        found.append(Reason("stopping", "the records' daemon stops"))
    if database.trouble is not None:
        found.append(Reason(f"database_{database.trouble.trouble.label}", database.trouble.render()))
    elif not database.is_good:
        found.append(Reason("database_opening", "the database has not answered yet"))
    for name, status in streams.items():
        found += _of_stream(name, status)
    if webhook is not None and webhook.trouble:
        said = f"{webhook.waiting} conversations wait for the webhook: {webhook.trouble}"
        found.append(Reason("webhook_failed", said, Severity.WARNING))
    return found


def _of_stream(name: str, status: StreamStatus) -> list[Reason]:
    severity = Severity.ERROR if name == GATEWAY else Severity.WARNING
    if status.state in (StreamState.DOWN, StreamState.CONNECTING):
        return [Reason(f"{name}_down", status.reason or "no answer yet", severity)]
    found = []
    if status.state is StreamState.CATCHING_UP:
        found.append(Reason(f"{name}_catching_up", f"what happened meanwhile is read from {status.server}", severity))
    if not status.is_durable:
        what = "does not hold events back for us while we are away: name us in its [journal] consumers"
        found.append(Reason(f"{name}_not_durable", f"{status.server} {what}", Severity.WARNING))
    return found
