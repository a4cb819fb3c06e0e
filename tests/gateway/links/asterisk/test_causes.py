"""Asterisk's causes as CSTA's: only the callee's hangup cause explains a failure."""

import pytest

from gateway.links.asterisk.causes import clearing_cause, diversion_cause, failure_cause, is_withdrawn
from model.causes import Cause


@pytest.mark.parametrize(
    ("hangup_cause", "dial_status", "cause"),
    [
        (17, "BUSY", Cause.BUSY),
        (17, "NOANSWER", Cause.BUSY),
        (21, "NOANSWER", Cause.CALL_REJECTED),
        (1, "NOANSWER", Cause.NUMBER_UNALLOCATED),
        (34, "CONGESTION", Cause.NETWORK_CONGESTION),
        (20, "CHANUNAVAIL", Cause.DEST_OUT_OF_ORDER),
        (0, "NOANSWER", Cause.CALL_NOT_ANSWERED),
        (0, "BUSY", Cause.BUSY),
        (0, "CHANUNAVAIL", Cause.DEST_NOT_OBTAINABLE),
        (999, "", Cause.CALL_NOT_ANSWERED),
    ],
)
def test_failures(hangup_cause: int, dial_status: str, cause: Cause) -> None:
    assert failure_cause(hangup_cause, dial_status) is cause


@pytest.mark.parametrize(
    ("hangup_cause", "dial_status", "cause"),
    [
        (0, "NOANSWER", Cause.CALL_FORWARD_NO_ANSWER),
        (17, "BUSY", Cause.CALL_FORWARD_BUSY),
        (16, "CANCEL", Cause.REDIRECTED),
        (21, "NOANSWER", Cause.REDIRECTED),
    ],
)
def test_diversions(hangup_cause: int, dial_status: str, cause: Cause) -> None:
    assert diversion_cause(hangup_cause, dial_status) is cause


def test_a_leg_taken_back_has_not_failed() -> None:
    assert is_withdrawn(16, "CANCEL")
    assert not is_withdrawn(17, "CANCEL")
    assert not is_withdrawn(16, "NOANSWER")


def test_answered_legs_end_normally_but_for_the_network() -> None:
    assert [clearing_cause(number) for number in (0, 16, 17, 127, 38)] == [
        *[Cause.NORMAL_CLEARING] * 4,
        Cause.NETWORK_OUT_OF_ORDER,
    ]
