"""Asterisk's hangup causes (Q.850 numbers) as CSTA causes (ECMA-269 12.2.15).

Only the callee's cause explains a failure: DialStatus calls a 404 NOANSWER, and the caller's leg ends 34 or 16
whatever happened. Cause 0 stands for what Asterisk ended itself: the dial timed out.
"""

from model.causes import Cause

_FAILURES = {
    1: Cause.NUMBER_UNALLOCATED,
    2: Cause.DEST_NOT_OBTAINABLE,
    3: Cause.DEST_NOT_OBTAINABLE,
    17: Cause.BUSY,
    18: Cause.CALL_NOT_ANSWERED,
    19: Cause.CALL_NOT_ANSWERED,
    20: Cause.DEST_OUT_OF_ORDER,
    21: Cause.CALL_REJECTED,
    22: Cause.NUMBER_CHANGED,
    27: Cause.DEST_OUT_OF_ORDER,
    28: Cause.INVALID_NUMBER_FORMAT,
    34: Cause.NETWORK_CONGESTION,
    38: Cause.NETWORK_OUT_OF_ORDER,
    41: Cause.NETWORK_CONGESTION,
    42: Cause.NETWORK_CONGESTION,
    58: Cause.INCOMPATIBLE_DESTINATION,
    88: Cause.INCOMPATIBLE_DESTINATION,
}

ANSWERED_ELSEWHERE = 26

_BY_DIAL_STATUS = {
    "BUSY": Cause.BUSY,
    "CONGESTION": Cause.NETWORK_CONGESTION,
    "CHANUNAVAIL": Cause.DEST_NOT_OBTAINABLE,
    "INVALIDARGS": Cause.DEST_NOT_OBTAINABLE,
}

_DIVERSIONS = {
    Cause.BUSY: Cause.CALL_FORWARD_BUSY,
    Cause.CALL_NOT_ANSWERED: Cause.CALL_FORWARD_NO_ANSWER,
}


def failure_cause(hangup_cause: int, dial_status: str) -> Cause:
    """Why a leg that was dialled was not answered."""
    return _FAILURES.get(hangup_cause) or _BY_DIAL_STATUS.get(dial_status, Cause.CALL_NOT_ANSWERED)


def is_withdrawn(hangup_cause: int, dial_status: str) -> bool:
    """Whether a leg was taken back rather than failed: CANCEL, and no cause of its own."""
    return dial_status == "CANCEL" and hangup_cause not in _FAILURES


def diversion_cause(hangup_cause: int, dial_status: str) -> Cause:
    """Why the caller was sent on from an unanswered leg: one taken back was redirected from outside."""
    if is_withdrawn(hangup_cause, dial_status):
        return Cause.REDIRECTED
    return _DIVERSIONS.get(failure_cause(hangup_cause, dial_status), Cause.REDIRECTED)


def clearing_cause(hangup_cause: int) -> Cause:
    """Why a leg that was answered ended: nearly always because somebody hung up."""
    if hangup_cause in (27, 34, 38, 41, 42):
        return _FAILURES[hangup_cause]
    return Cause.NORMAL_CLEARING
