"""Parking: fetched, come back, given up."""

from tests.gateway.links.asterisk.story import ANSWERED, BLIND_TRANSFER, Story, kinds

PARKEE = "ParkeeChannel=PJSIP/8002-2 ParkeeUniqueid=u2 ParkingSpace=701 ParkerDialString=PJSIP/8001"


def test_parked_and_fetched_by_dialling_the_space() -> None:
    story = Story(ANSWERED)
    assert kinds(story.tell(f"ParkedCall {PARKEE}")) == ["DIVERTED 8001", "QUEUED 701"]
    story.tell("Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=701")
    told = story.tell(f"UnParkedCall {PARKEE} RetrieverChannel=PJSIP/8003-3 RetrieverUniqueid=u3")
    assert kinds(told) == ["CONNECTION_CLEARED 8003", "DIVERTED 701", "ESTABLISHED 8003"]
    assert story.tell("Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16") == []


def test_a_parker_who_holds_has_let_go_as_well() -> None:
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1")
    assert kinds(story.tell(f"ParkedCall {PARKEE}")) == ["CONNECTION_CLEARED 8001", "QUEUED 701"]


def test_a_parker_has_let_go_though_the_bridge_is_told_to_be_left_first() -> None:
    """On a machine with too little processor Asterisk hands on events of bridges before those of parking."""
    story = Story(ANSWERED)
    assert story.tell("BridgeLeave Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=B1") == []
    assert kinds(story.tell(f"ParkedCall {PARKEE}")) == ["DIVERTED 8001", "QUEUED 701"]
    assert story.tell(BLIND_TRANSFER.replace("8003", "700")) == []


def test_what_comes_back_recalls_the_parker() -> None:
    story = Story(ANSWERED)
    story.tell(f"ParkedCall {PARKEE}\nHangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16")
    told = story.tell(f"""
        ParkedCallTimeOut {PARKEE}
        Newchannel Channel=PJSIP/8001-4 Uniqueid=u4 ChannelStateDesc=Down Exten=s
        DialBegin Channel=PJSIP/8002-2 Uniqueid=u2 DestChannel=PJSIP/8001-4 DestUniqueid=u4 DialString=8001
        Newstate Channel=PJSIP/8001-4 Uniqueid=u4 ChannelStateDesc=Ringing
    """)
    assert told == [
        "DIVERTED 701 (u1: Park/701) recall from=8002 to=8002 other=8001",
        "DELIVERED 8001 (u1: u4) recall from=8002 to=8001",
    ]


def test_the_parked_party_gives_up() -> None:
    story = Story(ANSWERED)
    story.tell(f"ParkedCall {PARKEE}")
    told = story.tell(f"ParkedCallGiveUp {PARKEE}\nHangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16")
    assert kinds(told) == ["CONNECTION_CLEARED 701", "CONNECTION_CLEARED 8002"]


def test_events_of_a_call_that_is_not_parked_are_nothing() -> None:
    story = Story(ANSWERED)
    assert story.tell(f"ParkedCallTimeOut {PARKEE}\nParkedCallGiveUp {PARKEE}") == []


def test_fetched_by_nobody_is_poison() -> None:
    story = Story(ANSWERED)
    story.tell(f"ParkedCall {PARKEE}")
    told = story.tell(f"UnParkedCall {PARKEE} RetrieverChannel=PJSIP/8003-3 RetrieverUniqueid=u77")
    assert kinds(told) == ["ALARM ami_poisoned:", "SNAPSHOT WANTED"]
