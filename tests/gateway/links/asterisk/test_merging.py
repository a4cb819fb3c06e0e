"""Two calls become one: whose doing it was, and what everybody's connection is afterwards."""

from tests.gateway.links.asterisk.story import ANSWERED, Story, kinds

SECOND = ANSWERED.replace("8002", "8003").replace("u1", "u3").replace("u2", "u4").replace("B1", "B2")
SECOND = SECOND.replace("8001-1", "8001-3").replace("8003-2", "8003-4")
"""8001 (u3) and 8003 (u4) in B2: a second call of the same telephone."""

STRANGERS = SECOND.replace("8001", "8004")
"""8004 (u3) and 8003 (u4) in B2: a call of others."""


def test_a_device_in_both_calls_has_transferred() -> None:
    story = Story(ANSWERED + SECOND)
    told = story.tell(
        """
        BridgeLeave Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=B1
        BridgeLeave Channel=PJSIP/8001-3 Uniqueid=u3 BridgeUniqueid=B2
        BridgeEnter Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=B2 BridgeType=basic SwapUniqueid=u3
        AttendedTransfer Result=Success OrigTransfererChannel=PJSIP/8001-1 OrigTransfererUniqueid=u1 @SECOND@
        Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16
        Hangup Channel=PJSIP/8001-3 Uniqueid=u3 Cause=16
    """.replace("@SECOND@", "SecondTransfererUniqueid=u3")
    )
    assert told == [
        "TRANSFERRED by 8001 to 8003, transfer; (u1: u1) and (u3: u3) become "
        "[8002 (u1: u2) -> (u1: u2), 8003 (u3: u4) -> (u1: u4)]"
    ]


def test_strangers_in_one_bridge_are_a_conference() -> None:
    story = Story(ANSWERED + STRANGERS)
    told = story.tell("""
        BridgeLeave Channel=PJSIP/8003-4 Uniqueid=u4 BridgeUniqueid=B2
        BridgeEnter Channel=PJSIP/8003-4 Uniqueid=u4 BridgeUniqueid=B1 BridgeType=basic
    """)
    assert kinds(told) == ["CONFERENCED by"]
    assert "8001 (u1: u1) -> (u1: u1)" in told[0]
    assert "8003 (u3: u4) -> (u1: u4)" in told[0]
    assert list(story.normaliser.board.calls) == ["u1"]


def test_a_channel_that_takes_another_s_place() -> None:
    """INVITE with Replaces from elsewhere: 8005's new channel takes 8002's place."""
    story = Story(ANSWERED)
    told = story.tell("""
        Newchannel Channel=PJSIP/8005-9 Uniqueid=u9 ChannelStateDesc=Ring Exten=8002
        BridgeEnter Channel=PJSIP/8005-9 Uniqueid=u9 BridgeUniqueid=B1 BridgeType=basic SwapUniqueid=u2
        BridgeLeave Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=B1
        Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16
    """)
    assert kinds(told) == ["SERVICE_INITIATED 8005", "ORIGINATED 8005", "TRANSFERRED by"]
    assert told[2].startswith("TRANSFERRED by 8002 to 8005, transfer; (u1: u2)")
