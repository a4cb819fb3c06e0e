"""Case 21: a recording follows the leg through transfers (2), to a queue and back (4), across queues (6).

A recorder files what it hears at a device under the leg that the device is in then; the leg's identity is known from
its first event, and the row is written under it when it is over, whatever became of the call's id meanwhile. So one
leg is one recording: what was said to a colleague and what was said to the customer are two.
"""

import pytest

from cdr.records import LegRecord
from tests.cdr.ledger.stage import EPOCH, ledger_of, told


def followed(scenario: str, device: str, *, keep_call_id: bool) -> list[str]:
    """The legs under which a device was recorded, in their order, each as its row says it: seconds, role."""
    stream = told(scenario, keep_call_id=keep_call_id)
    ledger = ledger_of(stream)
    noted: dict[str, set[str]] = {}
    rows: dict[str, LegRecord] = {}
    for event in stream.events:
        ledger.take(EPOCH, event)
        for story in ledger.stories.open.values():
            for part in story.live():
                if part.device == device:
                    noted.setdefault(f"{part.began}/{part.ordinal}", set()).add(str(part.call_id))
        rows |= {one.leg_id: one for one in ledger.take_records() if isinstance(one, LegRecord)}
    assert noted.keys() <= rows.keys(), "what was recorded has its row"
    assert {name for name, one in rows.items() if one.device == device} == noted.keys(), "and each row its recording"
    begins = min(one.began_us for one in rows.values())
    return [
        f"{(rows[name].began_us - begins) // 1_000_000}-{(rows[name].ended_us - begins) // 1_000_000} {rows[name].role}"
        for name in noted
    ]


BLIND = """
    at 0 call_in 01712345678 1000
    at 2 answer 1000
    at 10 single_step 1000 1001
    at 13 answer 1001
    at 20 hangup T001
"""
CONSULTED = """
    at 0 call_in 01712345678 1000
    at 2 answer 1000
    at 10 consult 1000 1001
    at 13 answer 1001
    at 15 alternate 1000
    at 18 alternate 1000
    at 20 transfer 1000
    at 30 hangup 1001
"""
QUEUE_AND_BACK = """
    at 0 call_in 01712345678 1000
    at 2 answer 1000
    at 10 consult 1000 6001
    at 15 reconnect 1000
    at 20 hangup T001
"""
ACROSS_QUEUES = """
    at 0 call_in 01712345678 6000
    at 3 answer 1008
    at 6 consult 1008 6001
    at 8 answer 1007
    at 10 transfer 1008
    at 18 hangup T001
"""


@pytest.mark.parametrize("keep_call_id", [False, True], ids=["new call id", "same call id"])
@pytest.mark.parametrize(
    ("scenario", "device", "legs"),
    [
        # The first agent has one recording of 10 s, the second one that begins when it rings there.
        (BLIND, "1000", ["0-10 called"]),
        (BLIND, "1001", ["10-20 transferred_to"]),
        # Hold and swap end nothing: the customer's recording goes on under its leg, the consultation has its own.
        (CONSULTED, "1000", ["0-20 called", "10-20 caller"]),
        # 1001 talked to a colleague until 20, and to the customer from then on.
        (CONSULTED, "1001", ["10-20 consulted", "20-30 transferred_to"]),
        # Back from a queue that nobody answered it is still the same leg.
        (QUEUE_AND_BACK, "1000", ["0-20 called", "10-15 caller"]),
        (ACROSS_QUEUES, "1008", ["0-10 distributed", "6-10 caller"]),
        (ACROSS_QUEUES, "1007", ["6-10 distributed", "10-18 transferred_to"]),
    ],
)
def test_one_recording_for_each_leg(scenario: str, device: str, legs: list[str], keep_call_id: bool) -> None:
    assert followed(scenario, device, keep_call_id=keep_call_id) == legs


@pytest.mark.parametrize(
    ("scenario", "recording"), [(BLIND, "01712345678"), (CONSULTED, "01712345678"), (ACROSS_QUEUES, "01712345678")]
)
def test_the_caller_s_side_is_one_recording_from_end_to_end(scenario: str, recording: str) -> None:
    """Whoever records at the trunk has the whole story in one."""
    (leg,) = followed(scenario, recording, keep_call_id=False)
    assert leg.startswith("0-")
    assert leg.endswith(" caller")
