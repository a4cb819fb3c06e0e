"""Calls as their monitors tell them (ECMA-269 17.2), one transcript each; what stands below a line is worked out by
hand. Parties are listed in the order in which the model heard of them."""

import pytest

from model.states import DeviceState
from tests.model.transcript import ALICE_CALLS_BOB, Stage, bob_rings, they_talk


@pytest.fixture
def ringing() -> Stage:
    return bob_rings()


@pytest.fixture
def talking() -> Stage:
    return they_talk()


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
    """)
    for _ in range(2):
        stage.tell("shows 1: nothing")
    assert stage.calls == {}
