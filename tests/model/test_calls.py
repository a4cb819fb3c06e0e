"""Calls as their monitors tell them (ECMA-269 17.2), one transcript each; what stands below a line is worked out by
hand. Parties are listed in the order in which the model heard of them."""

import pytest

from model.states import DeviceState
from tests.model.transcript import Stage

ALICE_CALLS_BOB = """
8001: service_initiated 1:8001
8001: originated 1:8001 calling=8001 called=8002
8001: delivered 1:8002 calling=8001 called=8002
8002: delivered 1:8002 calling=8001 called=8002
""".strip().splitlines()

BOB_ANSWERS = """
8002: established 1:8002 calling=8001 called=8002
8001: established 1:8002 calling=8001 called=8002
""".strip().splitlines()


@pytest.fixture
def ringing() -> Stage:
    """8001 has called 8002, which rings; everybody has told everything."""
    return after(Stage("8001", "8002", "8003"), ALICE_CALLS_BOB, "8001 connected, 8002 alerting")


@pytest.fixture
def talking() -> Stage:
    """8001 and 8002 talk; everybody has told everything."""
    lines = [*ALICE_CALLS_BOB, *BOB_ANSWERS]
    return after(Stage("8001", "8002", "8003"), lines, "8001 connected, 8002 connected")


def after(stage: Stage, lines: list[str], shown: str) -> Stage:
    for line in lines:
        stage.tell(line)
    assert stage.calls == {"1": shown}
    return stage


# -- one call, two monitors --------------------------------------------------------------------------------------


def test_a_call_inside_the_house_that_two_monitors_tell() -> None:
    stage = Stage("8001", "8002")
    stage.plays("""
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected
        8001: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8001 connected, 8002 alerting
        8002: delivered 1:8002 calling=8001 called=8002
        8002: established 1:8002
            established 8002 | 1: 8001 connected, 8002 connected
        8001: established 1:8002
        8001: connection_cleared 1:8002 cause=normalClearing
            connection_cleared 8002 (normalClearing) | 1: 8001 connected
        8002: connection_cleared 1:8002 cause=normalClearing
        8001: connection_cleared 1:8001 cause=normalClearing
            connection_cleared 8001 (normalClearing) | 1: ended
    """)
    assert stage.counts == {"repeat": 3}


def test_the_called_party_s_monitor_tells_first() -> None:
    """Somebody rings, so somebody calls; how far the caller is, its own monitor will say."""
    stage = Stage("8001", "8002")
    stage.plays("""
        8002: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8002 alerting, 8001 initiated
        8002: established 1:8002
            established 8002 | 1: 8002 connected, 8001 initiated
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8002 connected, 8001 initiated
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8002 connected, 8001 connected
        8001: delivered 1:8002
        8001: established 1:8002
    """)
    assert stage.counts == {"repeat": 2}
    assert [one.key for one in stage.call("1").connections] == ["8002", "8001"]


def test_all_of_the_caller_s_reports_come_after_the_call_is_over() -> None:
    stage = Stage("8001", "8002")
    stage.plays("""
        8002: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8002 alerting, 8001 initiated
        8002: established 1:8002
            established 8002 | 1: 8002 connected, 8001 initiated
        8002: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 connected
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        8001: service_initiated 1:8001
        8001: originated 1:8001 calling=8001 called=8002
        8001: delivered 1:8002
        8001: established 1:8002
        8001: connection_cleared 1:8001
    """)
    assert stage.counts == {"late": 5}


def test_the_numbers_of_a_call_and_who_is_watched(ringing: Stage) -> None:
    call = ringing.call("1")
    assert (call.calling, call.called, call.last_redirection) == ("8001", "8002", "")
    assert str(call.call_id) == str(call.conversation_id)
    assert [one.monitored for one in call.connections] == [True, True]


def test_the_reporting_device_s_own_state_tells_that_it_has_dialled() -> None:
    """Its originated was lost: a connected caller is no initiated one (localConnectionInfo, ECMA-269 12.2.11)."""
    Stage("8001", "8002").plays("""
        8001: delivered 1:8002 calling=8001 called=8002 local=connected
            delivered 8002 | 1: 8002 alerting, 8001 connected
    """)


def test_the_other_hangs_up_first(talking: Stage) -> None:
    talking.plays("""
        8002: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 connected
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        8001: connection_cleared 1:8001
    """)


# -- calls that are not answered ---------------------------------------------------------------------------------


def test_a_busy_number() -> None:
    """The busy device's monitor is not in this call. When the caller has left, nobody will report the rest."""
    stage = Stage("8001", "8002", "8003")
    for line in ("8002: originated 9:8002 calling=8002 called=8003", "8003: established 9:8003"):
        stage.tell(line)
    stage.plays("""
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected
        8001: failed 1:8002 calling=8001 called=8002 cause=busy
            failed 8002 (busy) | 1: 8001 connected, 8002 fail
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
        8001: connection_cleared 1:8002
    """)
    assert stage.state("8002") is DeviceState.TALKING


def test_a_number_that_there_is_not_fails_the_caller_s_own_connection() -> None:
    Stage("8001").plays("""
        8001: originated 1:8001 calling=8001 called=8999
            originated 8001 | 1: 8001 connected
        8001: failed 1:8001 called=8999 cause=destNotObtainable
            failed 8001 (destNotObtainable) | 1: 8001 fail
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
    """)


def test_the_caller_gives_up(ringing: Stage) -> None:
    ringing.plays("""
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 alerting
        8002: connection_cleared 1:8001
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
    """)


def test_the_caller_gives_up_and_the_called_party_s_monitor_says_so_first(ringing: Stage) -> None:
    ringing.plays("""
        8002: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 alerting
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended
        8001: connection_cleared 1:8001
    """)


def test_a_receiver_lifted_and_put_down() -> None:
    Stage("8001").plays("""
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated
        8001: digits_dialed 1:8001 digits=80
            digits_dialed 8001 "80" | 1: 8001 initiated
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
    """)


def test_forwarded_after_no_answer(ringing: Stage) -> None:
    ringing.plays("""
        8002: diverted 1:8002 other=8003 cause=callForwardNoAnswer
            diverted 8002 > 8003 (callForwardNoAnswer) | 1: 8001 connected
        8003: delivered 1:8003 calling=8001 called=8002 last_redirection=8002
            delivered 8003 | 1: 8001 connected, 8003 alerting
        8001: diverted 1:8002 other=8003 cause=callForwardNoAnswer
        8001: delivered 1:8003 calling=8001 called=8002 last_redirection=8002
        8003: established 1:8003
            established 8003 | 1: 8001 connected, 8003 connected
    """)
    call = ringing.call("1")
    assert (call.calling, call.called, call.last_redirection) == ("8001", "8002", "8002")


def test_where_it_is_forwarded_to_rings_before_anybody_tells_that_it_was(ringing: Stage) -> None:
    """Both are shown ringing until somebody says that one no longer does."""
    ringing.plays("""
        8003: delivered 1:8003 calling=8001 called=8002 last_redirection=8002
            delivered 8003 | 1: 8001 connected, 8002 alerting, 8003 alerting
        8002: diverted 1:8002 other=8003
            diverted 8002 > 8003 | 1: 8001 connected, 8003 alerting
        8001: diverted 1:8002 other=8003
        8001: delivered 1:8003
    """)


def test_forwarded_at_once_to_a_device_whose_monitor_is_slow() -> None:
    """All leave before the one it was forwarded to has told that it rang: its reports begin no call."""
    stage = Stage("8001", "8002", "8003")
    for line in ALICE_CALLS_BOB:
        stage.tell(line)
    stage.plays("""
        8001: diverted 1:8002 other=8003
            diverted 8002 > 8003 | 1: 8001 connected
        8001: delivered 1:8003
            delivered 8003 | 1: 8001 connected, 8003 alerting
        8001: connection_cleared 1:8003
            connection_cleared 8003 | 1: 8001 connected
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
        8003: delivered 1:8003
        8003: connection_cleared 1:8003
    """)


# -- hold --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("holder", "other"), [("8001", "8002"), ("8002", "8001")])
def test_hold_and_retrieve_by_either_told_by_both(holder: str, other: str, talking: Stage) -> None:
    states = {one: "hold" if one == holder else "connected" for one in ("8001", "8002")}
    on_hold = ", ".join(f"{one} {state}" for one, state in states.items())
    talking.plays(f"""
        {holder}: held 1:{holder}
            held {holder} | 1: {on_hold}
        {other}: held 1:{holder}
        {holder}: retrieved 1:{holder}
            retrieved {holder} | 1: 8001 connected, 8002 connected
        {other}: retrieved 1:{holder}
    """)


def test_both_hold_each_other(talking: Stage) -> None:
    talking.plays("""
        8001: held 1:8001
            held 8001 | 1: 8001 hold, 8002 connected
        8002: held 1:8002
            held 8002 | 1: 8001 hold, 8002 hold
        8002: held 1:8001
        8001: held 1:8002
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 hold
    """)


def test_a_slow_monitor_tells_two_holds_after_both_are_over(talking: Stage) -> None:
    talking.plays("""
        8001: held 1:8001
            held 8001 | 1: 8001 hold, 8002 connected
        8001: retrieved 1:8001
            retrieved 8001 | 1: 8001 connected, 8002 connected
        8001: held 1:8001
            held 8001 | 1: 8001 hold, 8002 connected
        8002: held 1:8001
        8002: retrieved 1:8001
        8002: held 1:8001
        8001: retrieved 1:8001
            retrieved 8001 | 1: 8001 connected, 8002 connected
    """)


# -- queues and trunks -------------------------------------------------------------------------------------------


def test_a_caller_waits_in_a_queue_and_is_distributed() -> None:
    stage = Stage("8001", trunks=("T001",), queues=("6000",))
    stage.plays("""
        T001: queued 1:6000 calling=13800 called=6000 from=T001 calling_trunk=T001 number_queued=3
            queued 6000 | 1: 6000 queued, 13800@T001 connected
        6000: queued 1:6000 calling=13800 called=6000 from=T001 calling_trunk=T001 number_queued=3
        6000: diverted 1:6000 other=8001 cause=distributed
            diverted 6000 > 8001 (distributed) | 1: 13800@T001 connected
        8001: delivered 1:8001 calling=13800 called=6000 last_redirection=6000 cause=distributed
            delivered 8001 (distributed) | 1: 13800@T001 connected, 8001 alerting
        T001: diverted 1:6000 other=8001 cause=distributed
        T001: delivered 1:8001 cause=distributed
        8001: established 1:8001
            established 8001 | 1: 13800@T001 connected, 8001 connected
        T001: established 1:8001
        T001: connection_cleared 1:T001 subject=13800
            connection_cleared 13800 | 1: 8001 connected
        8001: connection_cleared 1:T001 subject=13800
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
    """)
    assert stage.state("T001") is stage.state("6000") is DeviceState.IDLE


def test_a_ring_group_rings_all_and_one_answers() -> None:
    """Several devices alert in one call; who did not answer is cleared (ECMA-269 cause multipleAlerting)."""
    stage = Stage("8001", "8002", "8003", trunks=("T001",))
    stage.plays("""
        8001: delivered 1:8001 calling=13800 called=7000 from=T001 calling_trunk=T001 cause=multipleAlerting
            delivered 8001 (multipleAlerting) | 1: 8001 alerting, 13800@T001 connected
        8002: delivered 1:8002 calling=13800 called=7000 cause=multipleAlerting
            delivered 8002 (multipleAlerting) | 1: 8001 alerting, 13800@T001 connected, 8002 alerting
        8002: established 1:8002
            established 8002 | 1: 8001 alerting, 13800@T001 connected, 8002 connected
        8001: diverted 1:8001 other=8002
            diverted 8001 > 8002 | 1: 13800@T001 connected, 8002 connected
    """)


def test_a_call_from_outside_by_a_trunk_with_a_monitor() -> None:
    """The trunk's connection is the outside party's; the trunk's monitor is its own."""
    stage = Stage("8001", trunks=("T001",))
    stage.plays("""
        T001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, 13800@T001 connected
        8001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001
        8001: established 1:8001
            established 8001 | 1: 8001 connected, 13800@T001 connected
        T001: established 1:8001
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 13800@T001 connected
        T001: connection_cleared 1:8001
        T001: connection_cleared 1:T001 subject=13800
            connection_cleared 13800 | 1: ended
    """)
    assert stage.counts.get("mismatch", 0) == 0


def test_the_last_party_that_nobody_watches_is_over_with_the_call() -> None:
    """The trunk has no monitor: nobody would ever tell that the outside party has left."""
    Stage("8001").plays("""
        8001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, 13800@T001 connected
        8001: established 1:8001
            established 8001 | 1: 8001 connected, 13800@T001 connected
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
        8001: connection_cleared 1:T001 subject=13800
    """)


def test_a_call_to_the_outside() -> None:
    """The network is reached by the trunk; the party behind it is the number dialled."""
    stage = Stage("8001", trunks=("T001",))
    stage.plays("""
        8001: originated 1:8001 calling=8001 called=13900
            originated 8001 | 1: 8001 connected
        8001: network_reached 1:T001 called=13900
            network_reached T001 | 1: 8001 connected, 13900@T001 connected
        T001: network_reached 1:T001 called=13900
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 13900@T001 connected
        T001: connection_cleared 1:8001
        T001: connection_cleared 1:T001 subject=13900
            connection_cleared 13900 | 1: ended
    """)
    assert stage.state("T001") is DeviceState.IDLE


def test_the_answer_of_an_outside_party_names_its_call() -> None:
    """Connected to the network before, connected to a person now: no state changes, and all wait for this event."""
    stage = Stage("8001", trunks=("T001",), with_devices=True)
    for line in ("8001: originated 1:8001 calling=8001 called=13900", "8001: network_reached 1:T001 called=13900"):
        stage.tell(line)
    stage.plays("""
        T001: established 1:T001 subject=13900
            established 13900 | 1: 8001 connected, 13900@T001 connected | \
13900 NOT_CONFIGURED to NOT_CONFIGURED, 8001 TALKING to TALKING, T001 TALKING to TALKING
        8001: established 1:T001 subject=13900
    """)


def test_forwarded_to_the_outside_the_extension_dialled_is_not_who_is_behind_the_trunk() -> None:
    stage = Stage("8001", "8002", trunks=("T001",))
    for line in ALICE_CALLS_BOB:
        stage.tell(line)
    stage.plays("""
        8002: diverted 1:8002 other=13900
            diverted 8002 > 13900 | 1: 8001 connected
        8001: network_reached 1:T001 called=8002
            network_reached T001 | 1: 8001 connected, ?T001@T001 connected
    """)


def test_two_outside_parties_whom_an_agent_left_together_are_verified() -> None:
    """Nobody is left who reports: the call lives on, and the switch is asked for it every ten seconds."""
    stage = Stage("8001")
    for line in (
        "8001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001",
        "8001: established 1:8001",
        "8001: network_reached 1:T002 called=13900",
    ):
        stage.tell(line)
    stage.plays("""
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 13800@T001 connected, 13900@T002 connected
        wait 9 s
        wait 1 s
            asks 1 at T001
        shows 1: 13800@T001 connected, 13900@T002 connected
        wait 9 s
        wait 1 s
            asks 1 at T001
        shows 1: nothing
            asks 1 at T001
        shows 1: nothing
            reconciled 13800 (reconciled) proven at 1.4 | 1: ended
    """)


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
