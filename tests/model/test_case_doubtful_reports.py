"""Reports that do not fit: parties without a name, ids used again, late, doubled and impossible ones, and who is
believed when monitors disagree. Expectations are worked out by hand."""

import pytest

from model.states import DeviceState
from tests.model.transcript import ALICE_CALLS_BOB, Stage, bob_rings, they_talk


@pytest.fixture
def ringing() -> Stage:
    return bob_rings()


@pytest.fixture
def talking() -> Stage:
    return they_talk()


# -- parties without a name --------------------------------------------------------------------------------------


def test_two_anonymous_parties_are_two_connections() -> None:
    stage = Stage("8001")
    stage.plays("""
        8001: delivered 1:8001 calling=? called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, ?T001@T001 connected
        8001: established 1:8001
            established 8001 | 1: 8001 connected, ?T001@T001 connected
        8001: established 1:D7 subject=? trunk=T002
            established - | 1: 8001 connected, ?T001@T001 connected, ?D7@T002 connected
        8001: held 1:T001 subject=?
            held - | 1: 8001 connected, ?T001@T001 hold, ?D7@T002 connected
    """)


def test_a_caller_without_any_key_is_bound_to_the_one_it_leaves_by() -> None:
    stage = Stage("8001", "8002")
    stage.plays("""
        8001: delivered 1:8001 calling=? called=8001
            delivered 8001 | 1: 8001 alerting, ? connected
        8001: connection_cleared 1:D9 subject=?
            connection_cleared - | 1: 8001 alerting
    """)


def test_a_number_that_a_second_report_adds_is_told() -> None:
    stage = Stage("8001", "8002", queues=("6000",))
    stage.plays("""
        8001: delivered 1:8001 calling=? called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, ?T001@T001 connected
        8001: call_information 1:T001 subject=13800 calling=13800
            call_information 13800 | 1: 8001 alerting, ?T001@T001 connected
        8001: call_information 1:T001 subject=13800 calling=13800
    """)
    assert stage.call("1").calling == "13800"


@pytest.mark.parametrize("switch_id", ["0", "-12", "4294967295", "C7FE"])
def test_any_text_is_a_call_s_id(switch_id: str) -> None:
    Stage("8001", "8002").plays(f"""
        8001: originated {switch_id}:8001 calling=8001 called=8002
            originated 8001 | {switch_id}: 8001 connected
        8002: delivered {switch_id}:8002 calling=8001 called=8002
            delivered 8002 | {switch_id}: 8001 connected, 8002 alerting
        8001: connection_cleared {switch_id}:8001
            connection_cleared 8001 | {switch_id}: 8002 alerting
        8002: connection_cleared {switch_id}:8002
            connection_cleared 8002 | {switch_id}: ended
    """)


def test_keys_are_no_numbers() -> None:
    """A key that looks like 8003 stands for 8002, and 8003 is not in the call (ECMA-269 6.1.5)."""
    stage = Stage("8001", "8002", "8003")
    stage.plays("""
        8001: originated 1:D1 subject=8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected
        8002: delivered 1:8003 subject=8002 calling=8001 called=8002
            delivered 8002 | 1: 8001 connected, 8002 alerting
        8001: delivered 1:8003 subject=8002
    """)
    assert stage.state("8003") is DeviceState.IDLE


# -- ids used again ----------------------------------------------------------------------------------------------


def test_an_id_is_used_again_before_the_last_monitor_told_the_end_of_the_old_call(talking: Stage) -> None:
    """A device that has left a call does not begin in it: the switch has ended that call, 8002's report is late."""
    talking.plays("""
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 connected
        8001: service_initiated 1:8001
            reconciled - (reconciled) proven at 1.7 | 1: ended
            service_initiated 8001 | 1: 8001 initiated
        8002: connection_cleared 1:8002
    """)


def test_an_id_is_used_again_while_a_slow_monitor_still_tells_the_old_call(talking: Stage) -> None:
    before = talking.call("1").call_id
    talking.plays("""
        8001: connection_cleared 1:8002
            connection_cleared 8002 | 1: 8001 connected
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated
        8001: originated 1:8001 calling=8001 called=8003
            originated 8001 | 1: 8001 connected
        8002: connection_cleared 1:8002
        8003: delivered 1:8003 calling=8001 called=8003
            delivered 8003 | 1: 8001 connected, 8003 alerting
    """)
    assert talking.call("1").call_id > before
    assert str(talking.call("1").conversation_id) == str(talking.call("1").call_id)


# -- late, doubled, impossible -----------------------------------------------------------------------------------


def test_late_reports_of_an_ended_call_are_counted_and_change_nothing(ringing: Stage) -> None:
    """8002's monitor has told all; 8001's lags behind from the answer on."""
    ringing.plays("""
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8002: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 connected
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        8001: established 1:8002
        8001: held 1:8001
        8001: connection_cleared 1:8002
        8001: connection_cleared 1:8001
    """)
    assert ringing.counts == {"repeat": 1, "late": 4}


def test_the_tombstone_of_a_call_stands_for_half_a_minute(ringing: Stage) -> None:
    """After that a late report is one of a call that we never heard of."""
    ringing.plays("""
        8002: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 alerting
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        wait 29 s
        8001: held 1:8001
        wait 1 s
        8001: connection_cleared 1:8001
            mismatch by 8001: connection_cleared of a call never begun
            asks 1 at 8001
    """)


def test_a_doubled_report_is_counted_and_changes_nothing(ringing: Stage) -> None:
    ringing.plays("""
        8002: delivered 1:8002
        8001: delivered 1:8002
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8002: established 1:8002
    """)
    assert ringing.counts["double"] == 3


def test_what_cannot_be_is_believed_of_the_present_and_asked_for(ringing: Stage) -> None:
    """Held while it rings: it is on hold now, and we have missed how it came to that."""
    ringing.plays("""
        8002: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
            mismatch by 8002: held of '8002' while alerting
            asks 1 at 8001
        shows 1: 8001 connected, 8002 hold
        8002: retrieved 1:8002
            retrieved 8002 | 1: 8001 connected, 8002 connected
    """)


def test_what_cannot_be_is_not_believed_of_others_against_their_own_monitor(ringing: Stage) -> None:
    ringing.plays("""
        8001: held 1:8002
            mismatch by 8001: held of '8002' while alerting
            asks 1 at 8001
        shows 1: 8001 connected, 8002 alerting
    """)


def test_two_mismatches_ask_once() -> None:
    stage = Stage("8001", "8002")
    for line in ALICE_CALLS_BOB:
        stage.tell(line)
    stage.plays("""
        8001: held 1:8002
            mismatch by 8001: held of '8002' while alerting
            asks 1 at 8001
        8001: held 1:8002
            mismatch by 8001: held of '8002' while alerting
        wait 5 s
        8001: held 1:8002
            mismatch by 8001: held of '8002' while alerting
            asks 1 at 8001
    """)


HELD_IN_THE_MIDDLE = """
    8001: held 5:8001
        mismatch by 8001: held of a call never begun
        held 8001 | 5: 8001 hold, ? connected
        asks 5 at 8001
"""


def test_a_call_first_heard_of_in_the_middle() -> None:
    """Held, so there is somebody on the other side; the switch is asked who, and in the end we have what it shows."""
    stage = Stage("8001", "8002")
    stage.plays(HELD_IN_THE_MIDDLE)
    stage.tell("shows 5: 8001 hold, 8002 connected")
    stage.tell("shows 5: 8001 hold, 8002 connected")
    assert stage.calls == {"5": "8001 hold, 8002 connected"}


def test_somebody_who_must_be_there_is_the_one_whom_the_switch_shows() -> None:
    """There were never three in this call."""
    stage = Stage("8001", "8002")
    stage.plays(HELD_IN_THE_MIDDLE)
    stage.plays("""
        shows 5: 8001 hold, 8002 connected
            reconciled 8002 (reconciled) proven at 1.1 | 5: 8001 hold, 8002 connected
    """)


@pytest.mark.parametrize("happening", ["connection_cleared", "diverted", "call_cleared"])
def test_the_end_of_a_call_never_begun_raises_no_call(happening: str) -> None:
    stage = Stage("8001")
    stage.plays(f"""
        8001: {happening} 5:8001
            mismatch by 8001: {happening} of a call never begun
            asks 5 at 8001
        shows 5: nothing
    """)
    assert stage.calls == {}


def test_a_party_that_leaves_and_never_came(talking: Stage) -> None:
    """Whoever tells that it came is late, or the report is lost: after a moment the switch is asked."""
    talking.plays("""
        8001: connection_cleared 1:8003
        8003: delivered 1:8003
        wait 1.5 s
        wait 0.5 s
            asks 1 at 8001
        shows 1: 8001 connected, 8002 connected
    """)
    assert talking.counts["left_unseen"] == 1


def test_all_is_cleared_at_once(talking: Stage) -> None:
    """Call cleared (17.2.2) ends every connection, by one report; the other monitor's is late."""
    talking.plays("""
        8001: call_cleared 1:
            call_cleared - | 1: ended
        8002: call_cleared 1:
    """)
    assert talking.state("8001") is talking.state("8002") is DeviceState.IDLE


# -- who is believed ---------------------------------------------------------------------------------------------


def test_that_a_device_is_connected_its_own_monitor_says(ringing: Stage) -> None:
    ringing.plays("""
        8001: established 1:8002
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8001: connection_cleared 1:8002
            connection_cleared 8002 | 1: 8001 connected
    """)
    assert ringing.counts["deferred"] == 1


def test_what_others_say_after_that_waits_too(ringing: Stage) -> None:
    ringing.plays("""
        8001: established 1:8002
        8001: held 1:8002
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8002: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
        8001: retrieved 1:8002
        8002: retrieved 1:8002
            retrieved 8002 | 1: 8001 connected, 8002 connected
    """)


def test_if_its_own_monitor_says_nothing_the_switch_is_asked(ringing: Stage) -> None:
    """Two seconds of doubt; then what the switch shows is told as found, with the time of the last proof."""
    ringing.plays("""
        8001: established 1:8002
        wait 1.5 s
        wait 0.5 s
            asks 1 at 8001
        shows 1: 8001 connected, 8002 connected
            reconciled 8002 (reconciled) proven at 1.4 | 1: 8001 connected, 8002 connected
        8001: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
    """)


def test_of_a_device_without_a_monitor_others_are_believed_at_once() -> None:
    Stage("8001", unmonitored=("8002",)).plays("""
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected
        8001: delivered 1:8002
            delivered 8002 | 1: 8001 connected, 8002 alerting
        8001: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8001: held 1:8002
            held 8002 | 1: 8001 connected, 8002 hold
    """)


def test_a_switch_seen_whole_is_believed_in_everything() -> None:
    Stage("8001", "8002").plays("""
        *: originated 1:a subject=8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected
        *: delivered 1:b subject=8002
            delivered 8002 | 1: 8001 connected, 8002 alerting
        *: established 1:b subject=8002
            established 8002 | 1: 8001 connected, 8002 connected
        *: connection_cleared 1:a subject=8001
            connection_cleared 8001 | 1: 8002 connected
        *: connection_cleared 1:b subject=8002
            connection_cleared 8002 | 1: ended
    """)


# -- while the link comes up -------------------------------------------------------------------------------------


def test_what_is_first_heard_while_the_link_comes_up_is_asked_for_and_no_mismatch() -> None:
    stage = Stage("8001", "8002")
    stage.tell("link initialising")
    stage.plays("""
        8002: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8002 alerting, 8001 initiated
            asks 1 at 8002
        8001: held 2:8001
            held 8001 | 2: 8001 hold, ? connected
            asks 2 at 8001
    """)
    assert stage.counts["mismatch"] == 1


# -- a device nobody knew to be in an ended call -----------------------------------------------------------------


def rung_out(calling: str) -> Stage:
    """One of a group rang for this caller, who is gone again."""
    stage = Stage("8001", "8002", "8003")
    for line in (
        f"8001: delivered 1:8001 calling={calling} called=7000",
        f"8001: connection_cleared 1:{calling}",
        "8001: connection_cleared 1:8001",
    ):
        stage.tell(line)
    assert stage.calls == {}
    return stage


def test_the_same_caller_and_number_is_the_ended_call_most_likely() -> None:
    """Another of the group, whose monitor is slow. To be sure, the switch is asked, until nothing was said since."""
    stage = rung_out("13800")
    stage.plays("""
        8002: delivered 1:8002 calling=13800 called=7000
            asks 1 at 8002
        8002: connection_cleared 1:8002
        shows 1: nothing
            asks 1 at no key
        shows 1: nothing
    """)
    assert stage.counts["late"] == 2


def test_a_monitored_caller_would_have_told_another_call() -> None:
    assert rung_out("8003").tell("8002: delivered 1:8002 calling=8003 called=7000") == []


def test_another_number_dialled_is_another_call() -> None:
    rung_out("13800").plays("""
        8002: delivered 1:8002 calling=13800 called=7001
            delivered 8002 | 1: 8002 alerting, 13800 connected
    """)


# -- monitors that began after a transfer ------------------------------------------------------------------------

CONFERENCE_FIRST_HEARD = """
        link down
            link down
        link initialising
            link initialising
        8001: conferenced 1:8002 2:8002 by=8002 to=8003 list 1:8001>3:8001 1:8002>3:8002 2:8003>3:8003
            conferenced 8002 > 8003 | 3: 8001 connected, 8002 connected, 8003 connected
            asks 3 at 8001
        link up
            link up
"""


def test_a_monitor_that_will_never_tell_the_conference_is_not_waited_for() -> None:
    """8002's and 8003's monitors began after it. What they say looks late, and that must not be forgotten when a third
    one is heard in order: two parties that have left would be shown for ten minutes."""
    stage = Stage("8001", "8002", "8003")
    stage.plays(
        CONFERENCE_FIRST_HEARD
        + """
        8003: connection_cleared 3:8002
        8002: connection_cleared 3:8002
        8001: connection_cleared 3:8001
            connection_cleared 8001 | 3: 8002 connected, 8003 connected
        8003: connection_cleared 3:8003
        wait 6 s
            asks 3 at 8002
        shows 3: nothing
            asks 3 at 8002
        shows 3: nothing
            reconciled 8002 (reconciled) proven at 1.8 | 3: ended
    """
    )


def test_what_the_switch_has_answered_no_monitor_has_to_tell() -> None:
    stage = Stage("8001", "8002", "8003")
    stage.plays(
        CONFERENCE_FIRST_HEARD
        + """
        shows 3: 8001 connected, 8002 connected, 8003 connected
        8002: connection_cleared 3:8002
            connection_cleared 8002 | 3: 8001 connected, 8003 connected
        8003: connection_cleared 3:8003
            connection_cleared 8003 | 3: 8001 connected
        8001: connection_cleared 3:8001
            connection_cleared 8001 | 3: ended
        wait 60 s
    """
    )


def test_a_monitor_that_has_caught_up_leaves_no_doubt(ringing: Stage) -> None:
    ringing.plays("""
        8001: established 1:8002
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        wait 60 s
    """)
