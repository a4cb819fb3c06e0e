"""A channel's own life."""

from gateway.links.asterisk import board
from tests.gateway.links.asterisk.story import ANSWERED, RINGING, Story, kinds


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


def test_hanging_up_while_holding_needs_no_retrieve() -> None:
    story = Story(ANSWERED)
    story.tell("Hold Channel=PJSIP/8001-1 Uniqueid=u1\nUnhold Channel=PJSIP/8001-1 Uniqueid=u1")
    assert kinds(story.tell("Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16")) == ["CONNECTION_CLEARED 8001"]
    assert story.wait() == []


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
