"""Snapshots (ECMA-269 16.1): what an answer changes, what it must not, and what is asked again.

Lines are 100 ms apart from 1.1 s on; an answer is to the model's last question unless it says when it was asked.
"""

import pytest

from model.state import VERIFY_US
from model.states import DeviceState
from tests.model.transcript import Stage


@pytest.fixture
def ringing() -> Stage:
    """8001 calls 8002, which rings; the last proof of it is of 1.3 s. Now it is 11.3 s."""
    stage = Stage("8001", "8002", "8003", trunks=("T001",))
    for line in (
        "8001: originated 1:8001 calling=8001 called=8002",
        "8001: delivered 1:8002",
        "8002: delivered 1:8002",
        "wait 9.9 s",
    ):
        stage.tell(line)
    assert (stage.calls, stage.now) == ({"1": "8001 connected, 8002 alerting"}, 11_300_000)
    return stage


# -- one call ----------------------------------------------------------------------------------------------------


def test_an_answer_that_agrees_is_no_news(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: 8001 connected, 8002 alerting
    """)


def test_a_difference_is_told_as_found_with_the_time_of_the_last_proof(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: 8001 connected, 8002 connected
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected, 8002 connected
    """)


def test_an_answer_is_a_proof_of_the_time_when_it_was_asked_for(ringing: Stage) -> None:
    """It was so when the question left, at the least. Else a call that is verified every ten seconds and then gone
    would be uncertain from the last event on, which may be hours."""
    ringing.plays("""
        shows 1 asked 0.5 s ago: 8001 connected, 8002 alerting
        shows 1: 8001 connected, 8002 connected
            reconciled 8002 (reconciled) proven at 10.9 | 1: 8001 connected, 8002 connected
    """)


def test_a_report_that_repeats_is_a_proof_too(ringing: Stage) -> None:
    """The switch has just spoken of 8002 as in that call."""
    ringing.plays("""
        8002: delivered 1:8002
        shows 1: 8001 connected, 8002 connected
            reconciled 8002 (reconciled) proven at 11.4 | 1: 8001 connected, 8002 connected
    """)


def test_what_was_reported_after_the_question_left_is_not_undone(ringing: Stage) -> None:
    """The answer shows a time before the answer came: it is asked for again, and the second one agrees."""
    ringing.plays("""
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        shows 1 asked 1 s ago: 8001 connected, 8002 alerting
            asks 1 at 8001
        shows 1: 8001 connected, 8002 connected
    """)


def test_a_difference_that_may_be_stale_is_applied_only_by_the_second_answer(ringing: Stage) -> None:
    ringing.plays("""
        8002: delivered 1:8002
        shows 1 asked 1 s ago: 8001 hold, 8002 alerting
            asks 1 at 8001
        shows 1: 8001 hold, 8002 alerting
            reconciled 8001 (reconciled) proven at 11.4 | 1: 8001 hold, 8002 alerting
    """)


def test_a_party_that_the_answer_adds(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: 8001 connected, 8002 alerting, 8003 alerting
            reconciled 8003 (reconciled) proven at 1.3 | 1: 8001 connected, 8002 alerting, 8003 alerting
        8003: established 1:8003
            established 8003 | 1: 8001 connected, 8002 alerting, 8003 connected
    """)


def test_a_party_that_the_answer_calls_null_has_left(ringing: Stage) -> None:
    """Said, and not only missing: one answer is enough."""
    ringing.plays("""
        shows 1: 8001 connected, 8002 null
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected
    """)


def test_a_call_whose_parties_are_all_null_is_over(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: 8001 null, 8002 null
            reconciled 8001 (reconciled) proven at 1.3 | 1: ended
    """)


def test_a_snapshot_teaches_the_key_of_a_guess() -> None:
    """Who calls was only implied; from now on it is known by which key the switch calls it."""
    stage = Stage("8001", trunks=("T001",))
    stage.plays("""
        8001: delivered 1:8001 calling=13800 called=8001
            delivered 8001 | 1: 8001 alerting, 13800 connected
        shows 1: 8001 alerting, D5=13800@T001 connected
            reconciled 13800 (reconciled) proven at 1.1 | 1: 8001 alerting, 13800@T001 connected
        8001: connection_cleared 1:D5 subject=13800
            connection_cleared 13800 | 1: 8001 alerting
    """)


def test_an_anonymous_party_of_the_answer_is_the_anonymous_one_we_have() -> None:
    stage = Stage("8001")
    stage.plays("""
        8001: delivered 1:8001 calling=? called=8001
            delivered 8001 | 1: 8001 alerting, ? connected
        shows 1: 8001 alerting, D5=? connected
            reconciled - (reconciled) proven at 1.1 | 1: 8001 alerting, ?D5 connected
    """)


def test_what_others_said_before_the_switch_was_asked_waits_no_longer(ringing: Stage) -> None:
    """8001 told the answer, 8002 did not; the switch says who was right. The next hold is news again."""
    ringing.plays("""
        8001: established 1:8002
        wait 2 s
            asks 1 at 8001
        shows 1: 8001 connected, 8002 alerting
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8001: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
    """)


def test_an_extension_that_is_shown_connected_here_is_not_connected_elsewhere(ringing: Stage) -> None:
    ringing.plays("""
        8003: delivered 2:8003 calling=8001 called=8003
            delivered 8003 | 2: 8003 alerting, 8001 initiated
        shows 2: 8003 connected, 8001 connected
            reconciled 8003 (reconciled) proven at 11.4 | 1: 8001 hold, 8002 alerting | \
2: 8003 connected, 8001 connected
            asks 1 at 8001
    """)


# -- absence -----------------------------------------------------------------------------------------------------


def test_a_call_is_over_at_the_second_absence(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: nothing
            asks 1 at 8001
        shows 1: nothing
            reconciled 8001 (reconciled) proven at 1.3 | 1: ended
        shows 1: nothing
        8002: connection_cleared 1:8002
    """)
    assert ringing.counts.get("mismatch", 0) == 0


def test_a_party_is_gone_at_the_second_absence(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: 8001 connected
            asks 1 at 8001
        shows 1: 8001 connected
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected
    """)


def test_what_is_there_again_has_not_been_absent(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: nothing
            asks 1 at 8001
        shows 1: 8001 connected, 8002 alerting
        shows 1: nothing
            asks 1 at 8001
        shows 1: 8001 connected
            asks 1 at 8001
        shows 1: 8001 connected, 8002 alerting
        shows 1: 8001 connected
            asks 1 at 8001
    """)


def test_a_report_between_two_absences_proves_that_it_lives(ringing: Stage) -> None:
    ringing.plays("""
        shows 1: nothing
            asks 1 at 8001
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        shows 1: nothing
            asks 1 at 8001
        shows 1: nothing
            asks 1 at 8001
        shows 1: nothing
            reconciled 8001 (reconciled) proven at 11.5 | 1: ended
    """)


def test_an_absence_that_a_report_overtook_does_not_count(ringing: Stage) -> None:
    ringing.plays("""
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        shows 1 asked 1 s ago: nothing
            asks 1 at 8001
        shows 1: nothing
            asks 1 at 8001
        shows 1: nothing
            reconciled 8001 (reconciled) proven at 11.4 | 1: ended
    """)


# -- calls we do not hold ----------------------------------------------------------------------------------------


def test_a_call_that_only_the_switch_knew_is_found() -> None:
    """Neither start nor cause can be had from a snapshot; reports go on from there."""
    stage = Stage("8001", trunks=("T001",))
    stage.plays("""
        has 8001: 9:8001 connected
            asks 9 at 8001
        shows 9: 8001 connected, 13800@T001 connected
            reconciled 8001 (reconciled) | 9: 8001 connected, 13800@T001 connected
        8001: held 9:8001
            held 8001 | 9: 8001 hold, 13800@T001 connected
    """)
    assert (stage.state("8001"), stage.state("T001")) == (DeviceState.HELD, DeviceState.TALKING)


@pytest.mark.parametrize("answer", ["nothing", "8001 null, 8002 null"])
def test_a_call_that_the_switch_does_not_know_either_begins_nothing(answer: str) -> None:
    stage = Stage("8001", "8002")
    stage.plays(f"""
        has 8001: 9:8001 connected
            asks 9 at 8001
        shows 9: {answer}
    """)
    assert stage.calls == {}


def test_a_stale_answer_raises_no_ended_call_from_the_dead(ringing: Stage) -> None:
    """It left the switch before the call was over, and we had it before."""
    ringing.plays("""
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 alerting
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        shows 1 asked 1 s ago: 8001 connected, 8002 alerting
    """)
    assert ringing.calls == {}


def test_an_answer_about_a_call_of_which_something_was_said_since_is_asked_again() -> None:
    """It began and ended while we did not look; the end overtook the answer."""
    stage = Stage("8001")
    stage.plays("""
        has 8001: 9:8001 connected
            asks 9 at 8001
        8001: connection_cleared 9:8001
            mismatch by 8001: connection_cleared of a call never begun
            asks 9 at 8001
        shows 9 asked 0.15 s ago: 8001 connected
            asks 9 at no key
        shows 9: nothing
    """)
    assert stage.calls == {}


# -- a device ----------------------------------------------------------------------------------------------------


def test_a_device_s_snapshot_changes_nothing_by_itself(ringing: Stage) -> None:
    ringing.plays("""
        has 8002: 1:8002 alerting
        has 8002: 1:8002 connected
            asks 1 at 8001
    """)
    assert ringing.calls == {"1": "8001 connected, 8002 alerting"}


def test_a_call_that_the_device_no_longer_has_is_asked_for(ringing: Stage) -> None:
    """Absent there, and absent in the answer: two absences."""
    ringing.plays("""
        has 8001: nothing
            asks 1 at 8001
        shows 1: nothing
            reconciled 8001 (reconciled) proven at 1.3 | 1: ended
    """)


def test_a_device_that_left_and_a_call_that_goes_on(ringing: Stage) -> None:
    ringing.plays("""
        has 8002: nothing
            asks 1 at 8001
        shows 1: 8001 connected
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected
    """)


def test_a_device_s_snapshot_from_before_its_call_says_nothing_of_it(ringing: Stage) -> None:
    ringing.plays("""
        8002: delivered 1:8002
        has 8002 asked 1 s ago: nothing
    """)


@pytest.mark.parametrize("state", ["null", "connected"])
def test_an_ended_call_in_a_stale_device_s_snapshot(state: str, ringing: Stage) -> None:
    for line in ("8001: connection_cleared 1:8001", "8002: connection_cleared 1:8002"):
        ringing.tell(line)
    assert ringing.tell(f"has 8002 asked 1 s ago: 1:8002 {state}") == []


# -- the whole switch --------------------------------------------------------------------------------------------


def test_the_whole_switch_in_one_answer(ringing: Stage) -> None:
    """What differs, what we never heard of, and what is not in it: each as if it had been asked for."""
    ringing.tell("8003: originated 2:8003 calling=8003 called=13900")
    ringing.tell("wait 1 s")
    ringing.plays("""
        switch has 1: 8001 connected, 8002 connected; 7: 13800@T001 queued
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected, 8002 connected
            reconciled 13800 (reconciled) | 7: 13800@T001 queued
            asks 2 at 8003
        switch has 1: 8001 connected, 8002 connected; 7: 13800@T001 queued
            reconciled 8003 (reconciled) proven at 11.4 | 2: ended
    """)


def test_an_empty_switch_ends_all_at_the_second_answer(ringing: Stage) -> None:
    ringing.plays("""
        switch has nothing
            asks 1 at 8001
        switch has nothing
            reconciled 8001 (reconciled) proven at 1.3 | 1: ended
    """)


# -- a lost link -------------------------------------------------------------------------------------------------


def test_a_lost_link_clears_nothing_and_all_is_compared_when_it_is_back(ringing: Stage) -> None:
    before = ringing.calls
    ringing.plays("""
        link down
            link down
        wait 3600 s
    """)
    assert ringing.calls == before
    assert ringing.state("8001") is DeviceState.UNKNOWN
    ringing.plays("""
        link initialising
            link initialising
        verify
            asks 1 at 8001
        shows 1: 8001 connected, 8002 connected
            reconciled 8002 (reconciled) proven at 1.3 | 1: 8001 connected, 8002 connected
        verify
        link up
            link up
        8002: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
        8001: held 1:8002
    """)
    assert ringing.state("8001") is DeviceState.TALKING


def test_a_call_that_ended_while_the_link_was_down(ringing: Stage) -> None:
    """From the last proof to the answer nobody knows."""
    ringing.plays("""
        link down
            link down
        wait 60 s
        link initialising
            link initialising
        verify
            asks 1 at 8001
        shows 1: nothing
            asks 1 at 8001
        shows 1: nothing
            reconciled 8001 (reconciled) proven at 1.3 | 1: ended
    """)


def test_new_monitors_tell_only_what_happens_from_then_on(ringing: Stage) -> None:
    """Cursors start over: the first thing 8001's new monitor tells is news, not an account of the past."""
    ringing.plays("""
        link down
            link down
        link initialising
            link initialising
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8001: established 1:8002
        8001: held 1:8001
            held 8001 | 1: 8001 hold, 8002 connected
        8002: held 1:8001
    """)


# -- verifying ---------------------------------------------------------------------------------------------------


def test_a_call_of_which_nothing_is_heard_is_asked_for(ringing: Stage) -> None:
    """Ten minutes after the last news of it, and then again while there is no answer."""
    news_us = 1_200_000
    while ringing.now < news_us + VERIFY_US - 10_000_000:
        assert ringing.tell("wait 9.9 s") == []
    assert ringing.tell("wait 9.9 s") == ["asks 1 at 8001"]
    ringing.plays("""
        wait 9 s
        wait 1 s
            asks 1 at 8001
        shows 1: 8001 connected, 8002 alerting
        wait 599 s
        wait 1 s
            asks 1 at 8001
    """)


def test_while_the_link_is_not_up_nothing_is_asked(ringing: Stage) -> None:
    ringing.tell("link degraded")
    assert ringing.tell("wait 600 s") == ["asks 1 at 8001"]
    ringing.tell("link connecting")
    assert ringing.tell("wait 600 s") == []


# -- at the edges ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["nothing", "8001 connected, 8002 alerting"])
def test_a_report_of_the_same_moment_as_the_question_is_later(answer: str, ringing: Stage) -> None:
    """Which of them was first nobody knows: it is asked again."""
    ringing.plays(f"""
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        shows 1 asked 0.1 s ago: {answer}
            asks 1 at 8001
    """)


def test_a_device_s_snapshot_that_names_its_connection_otherwise(ringing: Stage) -> None:
    """The device is in the call once: the key is another, the connection is the same."""
    ringing.plays("""
        has 8002: 1:D9 alerting
        has 8002: 1:D9 connected
            asks 1 at 8001
    """)
