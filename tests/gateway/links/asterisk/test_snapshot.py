"""The switch as Status tells it, made one with what is known."""

from gateway.links.asterisk.snapshot import whole
from model.ids import Microseconds
from model.reports import CallSnapshot
from tests.gateway.links.asterisk.scenario import describe, read_event
from tests.gateway.links.asterisk.story import ANSWERED, RINGING, Story, kinds

BOTH_UP = """
BridgeListItem BridgeUniqueid=B1 BridgeType=basic
Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Up DNID=8002 Application=Dial BridgeID=B1
Status Channel=PJSIP/8002-2 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Up Application=AppDial BridgeID=B1
"""


def adopt(story: Story, answer: str, *, asked_us: int | None = None, is_complete: bool = True) -> list[str]:
    """A snapshot's answer, asked for just now unless said otherwise; the calls that come of it."""
    events = [read_event(line) for line in answer.splitlines() if line.strip()]
    asked = Microseconds(story.now_us + 1 if asked_us is None else asked_us)
    story.now_us = Microseconds(story.now_us + 1_000)
    statuses = [event for event in events if event.name == "Status"]
    bridges = [event for event in events if event.name != "Status"]
    calls = story.normaliser.adopt(statuses, bridges, asked, story.now_us, is_complete=is_complete)
    return [describe(call) for call in calls]


def test_a_call_that_is_known_keeps_its_name_and_its_hold() -> None:
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1")
    assert adopt(story, BOTH_UP) == ["CALL u1 from=8001 to=8002: 8001 (u1) hold, 8002 (u2) connected"]


def test_a_call_that_is_not_known_is_named_after_its_oldest_channel() -> None:
    assert adopt(Story(), BOTH_UP) == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) connected"]


def test_a_ringing_leg_that_was_answered_meanwhile_is_connected() -> None:
    assert "8002 (u2) connected" in adopt(Story(RINGING), BOTH_UP)[0]


def test_what_is_absent_is_gone_without_a_word() -> None:
    story = Story(ANSWERED)
    assert adopt(story, "") == []
    assert story.normaliser.board.channels == {}
    assert story.tell("Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16") == []


def test_from_an_incomplete_answer_no_absence_is_concluded() -> None:
    story = Story(ANSWERED)
    assert len(adopt(story, "", is_complete=False)) == 1


def test_what_was_heard_since_the_question_is_newer_than_the_answer() -> None:
    story = Story(RINGING)
    asked_us = story.now_us
    story.tell("DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=ANSWER")
    story.tell("Newstate Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Up")
    told = adopt(story, "", asked_us=asked_us)
    assert told == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) connected"]
    story.tell("Hangup Channel=PJSIP/8001-1 Uniqueid=u1\nHangup Channel=PJSIP/8002-2 Uniqueid=u2")
    assert adopt(story, BOTH_UP, asked_us=asked_us) == []


def test_a_transfer_that_was_not_heard() -> None:
    """8001 brought 8002 and 8003 together while the link was down."""
    second = ANSWERED.replace("8002", "8003").replace("u1", "u3").replace("u2", "u4").replace("B1", "B2")
    story = Story(ANSWERED + second.replace("8001-1", "8001-3").replace("8003-2", "8003-4"))
    told = adopt(
        story,
        """
        Status Channel=PJSIP/8002-2 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Up BridgeID=B2
        Status Channel=PJSIP/8003-4 Uniqueid=u4 Linkedid=u1 ChannelStateDesc=Up BridgeID=B2
        """,
    )
    assert told == ["CALL u1 from=8002 to=8002: 8002 (u2) connected, 8003 (u4) connected"]
    assert kinds(story.tell("Hangup Channel=PJSIP/8003-4 Uniqueid=u4 Cause=16")) == ["CONNECTION_CLEARED 8003"]


def test_an_originate_s_own_device_that_rings_is_prompted() -> None:
    line = "Status Channel=PJSIP/8001-1 Uniqueid=own-1 Linkedid=own-1 ChannelStateDesc=Ringing Exten=s"
    assert adopt(Story(), line) == ["CALL own-1 from=8001 to=None: 8001 (own-1) initiated"]


def test_local_halves_join_what_they_join_and_are_no_parties() -> None:
    story = Story()
    told = adopt(
        story,
        """
        Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Up DNID=8100 Application=Dial BridgeID=B2
        Status Channel=Local/8002@in-1;1 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Up BridgeID=B2
        Status Channel=Local/8002@in-1;2 Uniqueid=u3 Linkedid=u1 ChannelStateDesc=Up BridgeID=B1
        Status Channel=PJSIP/8002-4 Uniqueid=u4 Linkedid=u1 ChannelStateDesc=Up Application=AppDial BridgeID=B1
        """,
    )
    assert told == ["CALL u1 from=8001 to=8100: 8001 (u1) connected, 8002 (u4) connected"]


def test_every_call_has_its_parties() -> None:
    story = Story(ANSWERED)
    (call,) = whole(story.normaliser.board, Microseconds(5))
    assert isinstance(call, CallSnapshot)
    assert (call.call, call.asked_us, len(call.parties)) == ("u1", 5, 2)
