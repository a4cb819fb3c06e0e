"""The switch as Status tells it, made one with what is known."""

import pytest

from gateway.links.asterisk.scenario import describe, read_event
from gateway.links.asterisk.snapshot import whole
from model.ids import Microseconds
from model.reports import CallSnapshot
from tests.gateway.links.asterisk.story import ANSWERED, RINGING, Story, kinds

BOTH_UP = """
BridgeListItem BridgeUniqueid=B1 BridgeType=basic
Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Up DNID=8002 Application=Dial BridgeID=B1
Status Channel=PJSIP/8002-2 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Up Application=AppDial BridgeID=B1
"""

ONE_RINGS = """
Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Ring DNID=8002 Application=Dial
Status Channel=PJSIP/8002-2 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Ringing Application=AppDial
"""
CALLER_BEGINS, CALLEE_BEGINS, DIAL_BEGINS, *REST = ANSWERED.strip().splitlines()


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


def test_a_hold_that_came_before_the_answer_stands() -> None:
    story = Story(RINGING)
    story.tell("Hold Channel=PJSIP/8002-2 Uniqueid=u2")
    assert adopt(story, BOTH_UP) == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) hold"]
    dial_end = "DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=ANSWER"
    assert story.tell(dial_end) == []


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


def heard_from_now_on() -> Story:
    """A link that was lost and is back: what began meanwhile is not known."""
    story = Story()
    story.normaliser.disarm()
    return story


def is_answered_as_one_call(story: Story) -> None:
    """What follows of the call is its answer: not another call, no two calls that become one, no poison."""
    assert kinds(story.tell("\n".join(REST[1:]))) == ["ESTABLISHED 8002"]
    assert list(story.normaliser.board.calls) == ["u1"]
    ends = "Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16\nHangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16"
    assert kinds(story.tell(ends)) == ["CONNECTION_CLEARED 8001", "CONNECTION_CLEARED 8002"]


def test_a_beginning_that_comes_after_the_answer_is_no_news_and_no_poison() -> None:
    story = heard_from_now_on()
    assert adopt(story, ONE_RINGS) == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) alerting"]
    assert story.tell("\n".join((CALLER_BEGINS, CALLEE_BEGINS, DIAL_BEGINS, REST[0]))) == []
    is_answered_as_one_call(story)


@pytest.mark.parametrize("again", [CALLEE_BEGINS, CALLEE_BEGINS.replace("8002-2", "8002-3")])
def test_a_channel_of_the_answer_begins_once_and_under_its_own_name(again: str) -> None:
    story = Story()
    adopt(story, ONE_RINGS)
    if again == CALLEE_BEGINS:
        story.tell(CALLEE_BEGINS)
    assert story.tell(again) == ["ALARM ami_poisoned: a channel began twice", "SNAPSHOT WANTED"]


def test_a_beginning_that_comes_after_the_end_is_nothing() -> None:
    story = Story()
    adopt(story, ONE_RINGS)
    adopt(story, "")
    assert story.tell(f"{CALLER_BEGINS}\nNewstate Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Up") == []
    assert story.normaliser.board.channels == {}


def test_a_caller_heard_of_since_the_question_has_the_callee_that_only_the_answer_names() -> None:
    story = heard_from_now_on()
    asked_us = story.now_us
    story.tell(CALLER_BEGINS)
    told = adopt(story, ONE_RINGS, asked_us=asked_us)
    assert told == ["CALL u1 from=8001 to=8002: 8001 (u1) initiated, 8002 (u2) alerting"]
    assert kinds(story.tell(f"{CALLEE_BEGINS}\n{DIAL_BEGINS}\n{REST[0]}")) == ["ORIGINATED 8001"]
    is_answered_as_one_call(story)


@pytest.mark.parametrize("is_heard_since", [False, True])
def test_a_callee_whose_caller_began_unheard_begins_no_call_of_its_own(is_heard_since: bool) -> None:
    story = heard_from_now_on()
    asked_us = story.now_us if is_heard_since else None
    assert story.tell(f"{CALLEE_BEGINS}\n{DIAL_BEGINS}\n{REST[0]}") == []
    told = adopt(story, ONE_RINGS, asked_us=asked_us)
    assert told == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) alerting"]
    is_answered_as_one_call(story)


@pytest.mark.parametrize("in_bridge", ["u1", "u2"])
def test_parties_listed_before_and_after_the_answer_are_one_call(in_bridge: str) -> None:
    """Asterisk lists one channel after the other, and between the two the call was answered."""
    story = heard_from_now_on()
    _, _, *lines = BOTH_UP.splitlines()
    torn = [line if f" Uniqueid={in_bridge} " in line else line.replace(" BridgeID=B1", "") for line in lines]
    (told,) = adopt(story, "\n".join(torn))
    assert told.startswith("CALL u1 from=8001 to=8002: ")
    assert "8001 (u1) connected" in told
    assert "8002 (u2) connected" in told
    assert story.tell("\n".join(REST[1:])) == []
    assert list(story.normaliser.board.calls) == ["u1"]


def test_what_a_callee_did_since_the_question_is_newer_than_the_answer_that_names_his_caller() -> None:
    story = heard_from_now_on()
    asked_us = story.now_us
    up = "Newstate Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Up"
    assert story.tell("\n".join((CALLEE_BEGINS, DIAL_BEGINS, REST[0], up, *REST[1:3]))) == []
    told = adopt(story, ONE_RINGS, asked_us=asked_us)
    assert told == ["CALL u1 from=8001 to=8002: 8001 (u1) connected, 8002 (u2) connected"]
    assert story.tell(REST[3]) == []
    assert set(story.normaliser.board.bridges["B1"].members) == {"u1", "u2"}


def test_a_party_without_a_bridge_belongs_to_one_of_two_at_most() -> None:
    """Two in bridges of their own are not made one by a third who is in none."""
    third = "\nStatus Channel=PJSIP/8003-3 Uniqueid=u3 Linkedid=u1 ChannelStateDesc=Up Application=AppDial"
    assert len(adopt(Story(), BOTH_UP.replace("AppDial BridgeID=B1", "AppDial BridgeID=B2") + third)) == 2


def test_one_who_has_left_his_call_gives_his_name_to_no_other() -> None:
    """8001 has transferred 8002, who hung up; his channel is still listed, and so is whom 8002 had called."""
    story = Story(ANSWERED)
    asked_us = story.now_us
    story.tell("BlindTransfer Result=Success TransfererChannel=PJSIP/8001-1 TransfererUniqueid=u1 Extension=8003")
    story.tell("Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16")
    told = adopt(
        story,
        """
        Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Up
        Status Channel=PJSIP/8003-3 Uniqueid=u3 Linkedid=u1 ChannelStateDesc=Up Application=AppDial
        """,
        asked_us=asked_us,
    )
    assert told == ["CALL u3 from=8003 to=None: 8003 (u3) connected"]


def test_two_calls_that_are_known_apart_stay_apart() -> None:
    """8001 waits in a bridge of his own while 8002 rings 8003: one Linkedid, two calls."""
    story = Story(ANSWERED)
    consultation = RINGING.replace("8002", "8003").replace("8001", "8002").replace("u1", "u3").replace("u2", "u4")
    story.tell(consultation.replace("8002-1", "8002-3").replace("8003-2", "8003-4"))
    told = adopt(
        story,
        """
        Status Channel=PJSIP/8001-1 Uniqueid=u1 Linkedid=u1 ChannelStateDesc=Up Application=Dial BridgeID=B1
        Status Channel=PJSIP/8002-3 Uniqueid=u3 Linkedid=u1 ChannelStateDesc=Ring Application=Dial
        Status Channel=PJSIP/8003-4 Uniqueid=u4 Linkedid=u1 ChannelStateDesc=Ringing Application=AppDial
        """,
    )
    assert told == [
        "CALL u1 from=8001 to=8002: 8001 (u1) connected",
        "CALL u3 from=8002 to=8003: 8002 (u3) connected, 8003 (u4) alerting",
    ]


def test_a_callee_listed_without_its_caller_waits_for_him() -> None:
    """The caller began behind the point that the list had come to."""
    story = Story()
    assert adopt(story, ONE_RINGS.splitlines()[2]) == []
    assert kinds(story.tell(CALLER_BEGINS)) == ["SNAPSHOT WANTED", "SERVICE_INITIATED 8001"]
    assert kinds(story.tell(f"{CALLEE_BEGINS}\n{DIAL_BEGINS}\n{REST[0]}")) == ["ORIGINATED 8001", "DELIVERED 8002"]
    is_answered_as_one_call(story)


def test_a_callee_whose_caller_is_gone_is_a_call() -> None:
    story = Story()
    told = adopt(story, "Status Channel=PJSIP/8002-2 Uniqueid=u2 Linkedid=u1 ChannelStateDesc=Up Application=AppDial")
    assert told == ["CALL u2 from=8002 to=None: 8002 (u2) connected"]


def test_what_was_guessed_of_a_dial_gives_way_to_its_event() -> None:
    story = heard_from_now_on()
    adopt(story, ONE_RINGS.replace("Ringing", "Down"))
    story.tell(DIAL_BEGINS.replace("DialString=8002", "DialString=8005"))
    callee = story.normaliser.board.channels["u2"]
    assert callee.dial is not None
    assert callee.dial.number == "8005"
    assert story.normaliser.board.channels["u1"].dialled == [callee]


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
