"""Records against the switch's account: a story for each call that is not made of others."""

from typing import Any

from tests.cdr.sample_records import at, conversation
from ultra.demo_records import record_differences

BEGAN = at("2026-01-31 08:00:00")


def call(call_id: str, calling: str, called: str, *, answered: bool = True, into: str | None = None) -> dict[str, Any]:
    return {"call_id": call_id, "calling": calling, "called": called, "answered_us": 5 if answered else None,
            "merged_into": into}  # fmt: skip


def test_equal_accounts_have_no_difference() -> None:
    calls = [call("1", "8001", "8002", into="3"), call("2", "8002", "8003", into="3"), call("3", "8001", "8003")]
    held = [conversation(1, BEGAN, caller="8001", called="8002"), conversation(2, BEGAN, caller="8002", called="8003")]
    assert record_differences(calls, held) == ()


def test_what_is_missing_too_much_or_answered_otherwise_is_said() -> None:
    calls = [call("1", "8001", "8002"), call("2", "8004", "8005", answered=False)]
    held = [conversation(2, BEGAN, caller="8004", called="8005"), conversation(1, BEGAN, caller="8001", called="8002")]
    assert record_differences(calls, held[:1]) == (
        "8001 calls 8002, answered, is not in the records",
        "8004 calls 8005, not answered, is not in the records",
        "8004 calls 8005, answered, is only in the records",
    )
