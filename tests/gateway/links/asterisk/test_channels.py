"""A channel's own life."""

import pytest

from gateway.links.asterisk import board
from gateway.links.asterisk.board import RETRIEVE_SETTLE_US, TRANSFER_SETTLE_US
from gateway.links.asterisk.scenario import describe, read_event
from model.ids import Microseconds
from tests.gateway.links.asterisk.story import ANSWERED, BLIND_TRANSFER, RINGING, Story, kinds


def test_a_second_call_of_a_device_that_holds_is_a_consultation() -> None:
    story = Story(ANSWERED)
    assert story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1") == ["HELD 8001 (u1: u1) normal from=8001 to=8002"]
    told = story.tell("Newchannel Channel=PJSIP/8001-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=8003")
    assert told == ["SERVICE_INITIATED 8001 (u3: u3) consultation from=8001 to=8003"]


def test_an_application_that_answers_makes_the_caller_connected() -> None:
    story = Story()
    story.tell("Newchannel Channel=PJSIP/trunk-1 Uniqueid=u1 ChannelStateDesc=Ring CallerIDNum=138 Exten=6991")
    told = story.tell("Newstate Channel=PJSIP/trunk-1 Uniqueid=u1 ChannelStateDesc=Up")
    assert told == ["ORIGINATED 138 (u1: u1) newCall from=138 by=T001 to=6991"]


def test_an_anonymous_caller_is_the_empty_number() -> None:
    story = Story(RINGING.replace("PJSIP/8001-1", "PJSIP/trunk-1").replace("CallerIDNum=8001", "CallerIDNum=<unknown>"))
    (channel,) = (one for one in story.normaliser.board.channels.values() if one.is_trunk)
    assert channel.device == ""


def test_trunk_channels_beyond_the_ports_are_shown_and_warned_of() -> None:
    story = Story()
    lines = [
        f"Newchannel Channel=PJSIP/trunk-{n} Uniqueid=u{n} ChannelStateDesc=Ring CallerIDNum=13{n} Exten=6991\n"
        f"Newstate Channel=PJSIP/trunk-{n} Uniqueid=u{n} ChannelStateDesc=Up"
        for n in range(3)
    ]
    told = [story.tell(line) for line in lines]
    assert [" by=" in line[-1] for line in told] == [True, True, False]
    assert told[2][0].startswith("ALARM trunk_ports_exceeded: PJSIP/trunk-2")
    assert told[2][1].startswith("ORIGINATED 132")


def test_an_unhold_without_a_hold_is_nothing() -> None:
    story = Story(ANSWERED)
    assert story.tell("Unhold Channel=PJSIP/8001-1 Uniqueid=u1") == []
    assert story.wait() == []


def test_hold_again_before_the_retrieve_was_told_tells_both() -> None:
    story = Story(ANSWERED)
    hold, unhold = "Hold Channel=PJSIP/8001-1 Uniqueid=u1", "Unhold Channel=PJSIP/8001-1 Uniqueid=u1"
    assert kinds(story.tell(f"{hold}\n{unhold}\n{hold}")) == ["HELD 8001", "RETRIEVED 8001", "HELD 8001"]


def test_a_phone_that_holds_before_its_answer_is_told() -> None:
    *before, answer, _, _ = ANSWERED.strip().splitlines()
    story = Story("\n".join(before))
    hold = "Hold Channel=PJSIP/8002-2 Uniqueid=u2"
    assert kinds(story.tell(f"{hold}\n{answer}")) == ["ESTABLISHED 8002", "HELD 8002"]


def test_a_phone_that_holds_before_its_dial_is_told() -> None:
    """Events of different topics overtake each other by seconds where Asterisk has too little processor."""
    story = Story()
    began, *after = ANSWERED.strip().splitlines()
    assert began.strip().startswith("Newchannel Channel=PJSIP/8001-1")
    second = next(line for line in after if "Newchannel" in line)
    after.insert(after.index(second) + 1, "Hold Channel=PJSIP/8002-2 Uniqueid=u2")
    told = kinds(story.tell("\n".join([began, *after])))
    assert told[-2:] == ["ESTABLISHED 8002", "HELD 8002"]


UP = "Newstate Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Up"
HOLD = "Hold Channel=PJSIP/8002-2 Uniqueid=u2"


@pytest.mark.parametrize("first", [(UP, HOLD), (HOLD, UP)])
def test_who_holds_has_answered_and_calls_on_before_dial_says_so(first: tuple[str, str]) -> None:
    story = Story(RINGING)
    assert kinds(story.tell("\n".join(first))) == ["ESTABLISHED 8002", "HELD 8002"]
    told = story.tell("Newchannel Channel=PJSIP/8002-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=8003")
    assert told == ["SERVICE_INITIATED 8002 (u3: u3) consultation from=8002 to=8003"]
    dial_end = "DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=ANSWER"
    assert story.tell(dial_end) == []


def test_a_caller_who_holds_before_his_call_is_told() -> None:
    story = Story("Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring CallerIDNum=8001 Exten=8002")
    told = story.tell("""
        Hold Channel=PJSIP/8001-1 Uniqueid=u1
        Newstate Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Up
    """)
    assert kinds(told) == ["ORIGINATED 8001", "HELD 8001"]


def test_a_hold_taken_back_before_the_answer_is_told_is_nothing() -> None:
    story = Story(RINGING)
    told = story.tell("""
        Hold Channel=PJSIP/8002-2 Uniqueid=u2
        Unhold Channel=PJSIP/8002-2 Uniqueid=u2
        DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=ANSWER
    """)
    assert kinds(told) == ["ESTABLISHED 8002"]


def test_hanging_up_while_holding_needs_no_retrieve() -> None:
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1")
    assert kinds(story.tell("Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16")) == ["CONNECTION_CLEARED 8001"]
    assert story.wait() == []


def test_hanging_up_just_after_a_retrieve_tells_both() -> None:
    story = Story(ANSWERED)
    told = story.tell("""
        Hold Channel=PJSIP/8001-1 Uniqueid=u1
        Unhold Channel=PJSIP/8001-1 Uniqueid=u1
        Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16
    """)
    assert kinds(told) == ["HELD 8001", "RETRIEVED 8001", "CONNECTION_CLEARED 8001"]
    assert story.wait() == []


CONSULTS = """
Hold Channel=PJSIP/8001-1 Uniqueid=u1
Newchannel Channel=PJSIP/8001-3 Uniqueid=u3 ChannelStateDesc=Ring Exten=8003
Newstate Channel=PJSIP/8001-3 Uniqueid=u3 ChannelStateDesc=Up
"""
UNHOLD = "Unhold Channel=PJSIP/8001-1 Uniqueid=u1"


def test_who_speaks_in_a_second_call_is_given_time_for_the_transfer() -> None:
    waited = []
    for before in (CONSULTS.strip().splitlines()[0], CONSULTS):
        story = Story(ANSWERED + before)
        assert story.tell(UNHOLD) == []
        assert story.normaliser.due_us is not None
        waited.append(story.normaliser.due_us - story.now_us)
    assert waited == [RETRIEVE_SETTLE_US, TRANSFER_SETTLE_US]


def test_what_came_meanwhile_decides_before_the_clock() -> None:
    """The events of a standstill are read one after the other at the time when it is over."""
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1\n" + UNHOLD)
    later = Microseconds(story.now_us + 10 * RETRIEVE_SETTLE_US)
    told = [describe(one) for one in story.normaliser.receive(read_event(BLIND_TRANSFER), later)]
    assert kinds(told) == ["TRANSFERRED by"]
    assert story.normaliser.tick(later) == []


def test_who_hangs_up_long_after_the_busy_tone_has_cancelled_nothing() -> None:
    story = Story(RINGING)
    story.tell("""
        DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=BUSY
        Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=17
    """)
    assert kinds(story.wait()) == ["FAILED 8002", "CONNECTION_CLEARED 8002"]
    (told,) = story.tell("""
        HangupRequest Channel=PJSIP/8001-1 Uniqueid=u1
        Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=17
    """)
    assert told.startswith("CONNECTION_CLEARED 8001")
    assert " callCancelled" not in told


def test_who_hung_up_first_is_told_to_the_other() -> None:
    story = Story(ANSWERED)
    told = story.tell("""
        HangupRequest Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16
        Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16
        Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16
    """)
    assert [" other=8002" in line for line in told] == [True, False]


def test_answered_and_gone_before_dial_could_say_so() -> None:
    story = Story(RINGING)
    told = story.tell("""
        Newstate Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Up
        Hangup Channel=PJSIP/8002-2 Uniqueid=u2 Cause=16
    """)
    assert kinds(told) == ["ESTABLISHED 8002", "CONNECTION_CLEARED 8002"]


def test_invented_channels_have_a_limit() -> None:
    story = Story()
    for number in range(board.CHANNELS_MAX):
        story.normaliser.board.channels[f"x{number}"] = story.normaliser.board  # type: ignore[assignment]
    told = story.tell("Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring")
    assert told[0].startswith("ALARM ami_poisoned: more channels")
