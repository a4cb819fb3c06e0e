"""Who speaks with whom: bridges, consultations by a Local channel, returns."""

from tests.gateway.links.asterisk.story import ANSWERED, Story, kinds

LOCALS = """
Hold Channel=PJSIP/8001-1 Uniqueid=u1
Newchannel Channel=Local/8003@in-1;1 Uniqueid=u3 ChannelStateDesc=Down Exten=8003
Newchannel Channel=Local/8003@in-1;2 Uniqueid=u4 ChannelStateDesc=Ring Exten=8003
LocalBridge LocalOneUniqueid=u3 LocalTwoUniqueid=u4
BridgeEnter Channel=Local/8003@in-1;1 Uniqueid=u3 BridgeUniqueid=B2 BridgeType=basic
"""
LEAVES_AND_ENTERS = """
BridgeLeave Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B1
BridgeEnter Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B2 BridgeType=basic
"""
DIALS = """
Newchannel Channel=PJSIP/8003-5 Uniqueid=u5 ChannelStateDesc=Down Exten=s
DialBegin Channel=Local/8003@in-1;2 Uniqueid=u4 Exten=8003 DestChannel=PJSIP/8003-5 DestUniqueid=u5 DialString=8003
"""
RINGS = "Newstate Channel=PJSIP/8003-5 Uniqueid=u5 ChannelStateDesc=Ringing"


def test_one_channel_in_two_calls_whichever_comes_first() -> None:
    for order in (LEAVES_AND_ENTERS + DIALS, DIALS + LEAVES_AND_ENTERS):
        story = Story(ANSWERED)
        told = story.tell(LOCALS + order + RINGS)
        assert told == [
            "HELD 8001 (u1: u1) normal from=8001 to=8002",
            "ORIGINATED 8001 (u3: u1) consultation from=8001 to=8003",
            "DELIVERED 8003 (u3: u5) consultation from=8001 to=8003",
        ]


def test_back_to_the_call_held() -> None:
    story = Story(ANSWERED + LOCALS + LEAVES_AND_ENTERS + DIALS + RINGS)
    told = story.tell("""
        BridgeLeave Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B2
        BridgeEnter Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B1 BridgeType=basic
        Unhold Channel=PJSIP/8001-1 Uniqueid=u1
    """)
    assert told == ["CONNECTION_CLEARED 8001 (u3: u1) normalClearing from=8001 to=8003"]
    assert kinds(story.wait()) == ["RETRIEVED 8001"]


def test_a_bridge_that_is_no_conversation_joins_nobody() -> None:
    story = Story(ANSWERED)
    told = story.tell("""
        Newchannel Channel=PJSIP/8003-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=700
        BridgeEnter Channel=PJSIP/8003-3 Uniqueid=u3 BridgeUniqueid=P1 BridgeType=parking
        BridgeEnter Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=P1 BridgeType=parking
    """)
    assert kinds(told) == ["SERVICE_INITIATED 8003"]


def test_a_destroyed_bridge_has_no_members() -> None:
    story = Story(ANSWERED)
    story.tell("BridgeDestroy BridgeUniqueid=B1\nBridgeDestroy BridgeUniqueid=never-seen")
    board = story.normaliser.board
    assert board.bridges == {}
    assert {channel.bridge for channel in board.channels.values()} == {None}


def test_optimising_a_local_channel_away_is_no_happening() -> None:
    story = Story(ANSWERED + LOCALS + LEAVES_AND_ENTERS + DIALS + RINGS)
    story.tell("""
        DialEnd Channel=Local/8003@in-1;2 Uniqueid=u4 DestChannel=PJSIP/8003-5 DestUniqueid=u5 DialStatus=ANSWER
        BridgeEnter Channel=PJSIP/8003-5 Uniqueid=u5 BridgeUniqueid=B3 BridgeType=basic
        BridgeEnter Channel=Local/8003@in-1;2 Uniqueid=u4 BridgeUniqueid=B3 BridgeType=basic
    """)
    told = story.tell("""
        BridgeLeave Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B2
        BridgeLeave Channel=Local/8003@in-1;2 Uniqueid=u4 BridgeUniqueid=B3
        BridgeEnter Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B3 BridgeType=basic SwapUniqueid=u4
        Hangup Channel=Local/8003@in-1;1 Uniqueid=u3 Cause=16
        Hangup Channel=Local/8003@in-1;2 Uniqueid=u4 Cause=16
    """)
    assert told == []
