"""Queues: joined, answered, given up, timed out."""

import pytest

from tests.gateway.links.asterisk.story import Story, kinds

CALLER = "Channel=PJSIP/trunk-1 Uniqueid=u1"
WAITING = f"""
Newchannel {CALLER} ChannelStateDesc=Ring CallerIDNum=138 Exten=6000
QueueCallerJoin {CALLER} Queue=q6000 Position=3 Count=3
"""
AGENT_RINGS = f"""
Newchannel Channel=PJSIP/8001-2 Uniqueid=u2 ChannelStateDesc=Down Exten=s
DialBegin {CALLER} DestChannel=PJSIP/8001-2 DestUniqueid=u2 DialString=PJSIP/8001
Newstate Channel=PJSIP/8001-2 Uniqueid=u2 ChannelStateDesc=Ringing
"""


def test_a_caller_waits_behind_others() -> None:
    assert Story().tell(WAITING) == [
        "QUEUED 6000 (u1: Queue/q6000) enteringDistribution from=138 by=T001 to=6000 queued=3 in_front=2"
    ]


@pytest.mark.parametrize("count", ["²", "99999999999", "1" * 5_000, "-1", ""])
def test_a_place_that_is_no_number_is_not_told(count: str) -> None:
    told = Story().tell(WAITING.replace("Position=3 Count=3", f"Position='{count}' Count='{count}'"))
    assert told == ["QUEUED 6000 (u1: Queue/q6000) enteringDistribution from=138 by=T001 to=6000"]


def test_joining_twice_is_joining_once() -> None:
    assert Story(WAITING).tell(WAITING.splitlines()[2]) == []


def test_from_one_queue_to_another() -> None:
    told = Story(WAITING).tell(f"QueueCallerJoin {CALLER} Queue=second Position=1 Count=1")
    assert kinds(told) == ["DIVERTED 6000", "QUEUED second"]


def test_the_queue_s_time_is_over_and_the_dialplan_goes_on() -> None:
    told = Story(WAITING).tell(f"QueueCallerAbandon {CALLER} Queue=q6000\nQueueCallerLeave {CALLER} Queue=q6000")
    assert told == ["DIVERTED 6000 (u1: Queue/q6000) queueTimeOverflow from=138 by=T001 to=6000"]


def test_a_caller_who_leaves_by_a_key_overflows() -> None:
    assert "overflow" in Story(WAITING).tell(f"QueueCallerLeave {CALLER} Queue=q6000")[0]


def test_an_agent_s_phone_that_is_busy_fails_and_the_caller_waits_on() -> None:
    story = Story(WAITING + "\n".join(AGENT_RINGS.splitlines()[:3]))
    dial_end = f"DialEnd {CALLER} DestChannel=PJSIP/8001-2 DestUniqueid=u2 DialStatus=BUSY"
    told = story.tell(f"{dial_end}\nHangup Channel=PJSIP/8001-2 Uniqueid=u2 Cause=17")
    assert kinds(told) == ["FAILED 8001", "CONNECTION_CLEARED 8001"]
    assert story.normaliser.board.calls["u1"].queue is not None  # type: ignore[index]


def test_an_agent_who_does_not_answer_loses_the_call_to_the_queue() -> None:
    story = Story(WAITING)
    assert kinds(story.tell(AGENT_RINGS)) == ["DELIVERED 8001"]
    told = story.tell(f"""
        AgentRingNoAnswer {CALLER} DestChannel=PJSIP/8001-2 DestUniqueid=u2 Queue=q6000
        DialEnd {CALLER} DestChannel=PJSIP/8001-2 DestUniqueid=u2 DialStatus=NOANSWER
        DialEnd {CALLER} DestChannel=PJSIP/8001-2 DestUniqueid=u2 DialStatus=CANCEL
        Hangup Channel=PJSIP/8001-2 Uniqueid=u2 Cause=0
    """)
    assert told == ["DIVERTED 8001 (u1: u2) timeout from=138 by=T001 to=6000 other=6000"]
