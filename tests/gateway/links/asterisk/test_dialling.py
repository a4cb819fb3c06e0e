"""Who calls whom, and what an unanswered leg's end meant."""

import pytest

from tests.gateway.links.asterisk.story import RINGING, Story, kinds

IDENTITY_1, IDENTITY_2 = "Channel=PJSIP/8001-1 Uniqueid=u1", "Channel=PJSIP/8002-2 Uniqueid=u2"
DIAL = f"{IDENTITY_1} DestChannel=PJSIP/8002-2 DestUniqueid=u2"


@pytest.mark.parametrize("first", [0, 1])
def test_ringing_is_told_once_whichever_event_tells_it_first(first: int) -> None:
    lines = [f"Newstate {IDENTITY_2} ChannelStateDesc=Ringing", f"DialState {DIAL} DialStatus=RINGING"]
    story = Story("\n".join(RINGING.splitlines()[:4]))
    assert kinds(story.tell(f"{lines[first]}\n{lines[1 - first]}")) == ["DELIVERED 8002"]


def test_a_channel_that_dials_itself_is_not_believed() -> None:
    """Its call would never end: the leg that failed would wait for its caller, which it is."""
    story = Story("\n".join(RINGING.splitlines()[:3]))
    assert story.tell(f"DialBegin {IDENTITY_2} DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialString=8002") == [
        "ALARM ami_poisoned: a channel that dials itself",
        "SNAPSHOT WANTED",
    ]
    story.tell(f"Hangup {IDENTITY_2} Cause=16\nHangup {IDENTITY_1} Cause=16")
    story.wait()
    assert story.normaliser.board.calls == {}


def test_progress_of_a_phone_is_no_ringing() -> None:
    story = Story("\n".join(RINGING.splitlines()[:4]))
    assert story.tell(f"DialState {DIAL} DialStatus=PROGRESS") == []


def test_no_answer_and_nothing_follows() -> None:
    story = Story(RINGING)
    assert story.tell(f"DialEnd {DIAL} DialStatus=NOANSWER\nHangup {IDENTITY_2} Cause=0") == []
    assert kinds(story.wait()) == ["FAILED 8002", "CONNECTION_CLEARED 8002"]
    assert kinds(story.tell(f"Hangup {IDENTITY_1} Cause=16")) == ["CONNECTION_CLEARED 8001"]


def test_no_answer_and_the_caller_dials_on() -> None:
    story = Story(RINGING)
    story.tell(f"DialEnd {DIAL} DialStatus=NOANSWER\nHangup {IDENTITY_2} Cause=0")
    told = story.tell(f"""
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
        DialBegin {IDENTITY_1} DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialString=8003
        Newstate Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ringing
    """)
    assert told == [
        "DIVERTED 8002 (u1: u2) callForwardNoAnswer from=8001 to=8002 other=8003",
        "DELIVERED 8003 (u1: u3) callForwardNoAnswer from=8001 to=8002 redirected=8002",
    ]
    assert story.wait() == []


def test_busy_and_the_caller_dials_on_tells_what_was_offered() -> None:
    story = Story("\n".join(RINGING.splitlines()[:4]))
    story.tell(f"DialEnd {DIAL} DialStatus=BUSY\nHangup {IDENTITY_2} Cause=17")
    told = story.tell(f"""
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
        DialBegin {IDENTITY_1} DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialString=8003
    """)
    assert kinds(told) == ["OFFERED 8002", "DIVERTED 8002"]
    assert "callForwardBusy" in told[1]


def test_the_caller_dials_on_before_the_end_of_the_one_he_left_is_told() -> None:
    """As Asterisk tells it where it has too little processor: Dial's own events are in order, the Hangup is late."""
    story = Story(RINGING)
    told = story.tell(f"""
        DialEnd {DIAL} DialStatus=CANCEL
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
        DialBegin {IDENTITY_1} Exten=8003 DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialString=8003
        Newstate Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ringing
        DialEnd {IDENTITY_1} DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialStatus=ANSWER
        Hangup {IDENTITY_2} Cause=16
    """)
    assert told == [
        "DIVERTED 8002 (u1: u2) redirected from=8001 to=8002 other=8003",
        "DELIVERED 8003 (u1: u3) redirected from=8001 to=8002 redirected=8002",
        "ESTABLISHED 8003 (u1: u3) redirected from=8001 to=8002 redirected=8002",
    ]
    assert story.wait() == []
    assert kinds(story.tell(f"Hangup Channel=PJSIP/8003-3 Uniqueid=u3 Cause=16\nHangup {IDENTITY_1} Cause=16")) == [
        "CONNECTION_CLEARED 8003",
        "CONNECTION_CLEARED 8001",
    ]
    assert story.normaliser.board.calls == {}


def test_an_agent_who_did_not_answer_and_whose_end_is_late_has_failed_the_queue() -> None:
    story = Story("""
        Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring CallerIDNum=8001 Exten=6000
        QueueCallerJoin Channel=PJSIP/8001-1 Uniqueid=u1 Queue=6000 Position=1 Count=1
        Newchannel Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Down Exten=s
    """)
    story.tell(f"""
        DialBegin {DIAL} DialString=8002
        Newstate {IDENTITY_2} ChannelStateDesc=Ringing
        DialEnd {DIAL} DialStatus=NOANSWER
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
    """)
    assert story.tell(f"DialBegin {IDENTITY_1} DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialString=8003") == []
    assert kinds(story.tell(f"Hangup {IDENTITY_2} Cause=0")) == ["FAILED 8002", "CONNECTION_CLEARED 8002"]


def test_the_caller_s_end_before_the_callee_s_waits_for_the_cause() -> None:
    story = Story("\n".join(RINGING.splitlines()[:4]))
    assert story.tell(f"DialEnd {DIAL} DialStatus=NOANSWER\nHangup {IDENTITY_1} Cause=19") == []
    told = story.tell(f"Hangup {IDENTITY_2} Cause=21")
    assert kinds(told) == ["FAILED 8002", "CONNECTION_CLEARED 8002", "CONNECTION_CLEARED 8001"]
    assert "callRejected" in told[0]


def test_a_callee_whose_end_never_comes_does_not_keep_the_caller() -> None:
    story = Story(RINGING)
    story.tell(f"DialEnd {DIAL} DialStatus=NOANSWER\nHangup {IDENTITY_1} Cause=19")
    assert kinds(story.wait()) == ["CONNECTION_CLEARED 8001"]


def test_a_caller_who_gives_up_before_it_rang_leaves_no_word_of_the_callee() -> None:
    story = Story("\n".join(RINGING.splitlines()[:4]))
    told = story.tell(f"""
        HangupRequest {IDENTITY_1} Cause=127
        DialEnd {DIAL} DialStatus=CANCEL
        Hangup {IDENTITY_2} Cause=127
        Hangup {IDENTITY_1} Cause=127
    """)
    assert told == ["CONNECTION_CLEARED 8001 (u1: u1) callCancelled from=8001 to=8002"]


def test_two_who_answer_at_once_the_later_one_lost() -> None:
    story = Story(RINGING)
    told = story.tell(f"""
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
        DialBegin {IDENTITY_1} DestChannel=PJSIP/8003-3 DestUniqueid=u3 DialString=8003
        Newstate Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ringing
        Newstate {IDENTITY_2} ChannelStateDesc=Up
        Newstate Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Up
        DialEnd {DIAL} DialStatus=ANSWER
        Hangup Channel=PJSIP/8003-3 Uniqueid=u3 Cause=26
    """)
    assert kinds(told) == ["DELIVERED 8003", "ESTABLISHED 8002", "CONNECTION_CLEARED 8003"]
    assert "multipleAlerting" in told[2]


def test_an_outside_number_that_answers_at_once_reached_the_network_first() -> None:
    story = Story()
    told = story.tell(f"""
        Newchannel {IDENTITY_1} ChannelStateDesc=Ring Exten=9139
        Newchannel Channel=PJSIP/trunk-2 Uniqueid=u2 ChannelStateDesc=Down Exten=s
        DialBegin {IDENTITY_1} Exten=9139 DestChannel=PJSIP/trunk-2 DestUniqueid=u2 DialString=139@trunk
        DialEnd {IDENTITY_1} DestChannel=PJSIP/trunk-2 DestUniqueid=u2 DialStatus=ANSWER
    """)
    assert told[2:] == [
        "NETWORK_REACHED T001 (u1: u2) newCall from=8001 to=139",
        "ESTABLISHED 139 (u1: u2) networkSignal from=8001 to=139",
    ]


def test_a_local_half_that_dials_by_itself_makes_a_call_without_a_caller() -> None:
    story = Story()
    told = story.tell("""
        Newchannel Channel=Local/8@in-1;1 Uniqueid=u1 ChannelStateDesc=Down
        Newchannel Channel=Local/8@in-1;2 Uniqueid=u2 ChannelStateDesc=Ring Exten=8002
        LocalBridge LocalOneUniqueid=u1 LocalTwoUniqueid=u2
        Newchannel Channel=PJSIP/8002-3 Uniqueid=u3 ChannelStateDesc=Down Exten=s
        DialBegin Channel=Local/8@in-1;2 Uniqueid=u2 Exten=8002 DestChannel=PJSIP/8002-3 DestUniqueid=u3 DialString=8002
        Newstate Channel=PJSIP/8002-3 Uniqueid=u3 ChannelStateDesc=Ringing
    """)
    assert told == ["DELIVERED 8002 (u1: u3) newCall to=8002"]
