"""Each trouble under a code of its own: the database's, the gateway's, the CTI server's, the IVR's."""

import pytest

from cdr.database import DatabaseStatus
from cdr.readiness import readiness
from cdr.store.diagnosis import Diagnosis, Trouble
from cdr.streams import StreamState, StreamStatus
from cdr.webhook.status import WebhookStatus
from runtime.health import is_good
from runtime.problems import Severity

GOOD = DatabaseStatus(since=0.0)
UP = StreamStatus(StreamState.UP, "", 0.0, "h:7400")


def down(reason: str = "refused") -> StreamStatus:
    return StreamStatus(StreamState.DOWN, reason, 0.0)


def codes(database: DatabaseStatus, streams: dict[str, StreamStatus], *, is_stopping: bool = False) -> list[str]:
    return [one.code for one in readiness(database, streams, is_stopping=is_stopping)]


def test_nothing_to_say() -> None:
    assert codes(GOOD, {"gateway": UP, "cti": UP}) == []


@pytest.mark.parametrize("trouble", [Trouble.LOG_IN_REFUSED, Trouble.DISK_FULL, Trouble.NO_TABLE])
def test_what_is_wrong_with_the_database_is_named(trouble: Trouble) -> None:
    (reason,) = readiness(DatabaseStatus(Diagnosis(trouble, "it said so"), 0.0), {"gateway": UP}, is_stopping=False)
    assert reason.code == f"database_{trouble.label}"
    assert "it said so" in reason.text
    assert not is_good([reason])


def test_a_stream_that_is_down_is_named_and_only_the_gateway_s_stops_the_records() -> None:
    reasons = readiness(GOOD, {"gateway": UP, "cti": down(), "ivr": down()}, is_stopping=False)
    assert [one.code for one in reasons] == ["cti_down", "ivr_down"]
    assert is_good(reasons)
    assert not is_good(readiness(GOOD, {"gateway": down()}, is_stopping=False))


def test_others() -> None:
    catching = StreamStatus(StreamState.CATCHING_UP, "", 0.0, "h:7400")
    loose = StreamStatus(StreamState.UP, "", 0.0, "h:7400", is_durable=False)
    assert codes(DatabaseStatus(), {}) == ["database_opening"]
    assert codes(GOOD, {"gateway": catching, "cti": loose}) == ["gateway_catching_up", "cti_not_durable"]
    assert codes(GOOD, {"gateway": UP}, is_stopping=True) == ["stopping"]


def test_a_webhook_that_does_not_take_it_is_a_warning() -> None:
    webhook = WebhookStatus("HTTP 503", waiting=3)
    (reason,) = readiness(GOOD, {"gateway": UP}, webhook, is_stopping=False)
    assert (reason.code, reason.severity) == ("webhook_failed", Severity.WARNING)
    assert reason.text == "3 conversations wait for the webhook: HTTP 503"
    assert is_good([reason])
    assert readiness(GOOD, {"gateway": UP}, WebhookStatus(), is_stopping=False) == []
