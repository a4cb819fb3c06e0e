"""Transfers and conferences (ECMA-269 17.2.18, 17.2.3): one happening, one event, told by every monitor in either call.

8002 has called 8001, who has it on hold in call 1 and consults 8003 in call 2. What stands below a line is worked out
by hand from the connection list (12.2.7).
"""

import pytest

from model.states import DeviceState
from tests.model.transcript import Stage

FIRST_CALL = """
8002: originated 1:8002 calling=8002 called=8001
8001: delivered 1:8001 calling=8002 called=8001
8002: delivered 1:8001 calling=8002 called=8001
8001: established 1:8001
8002: established 1:8001
""".strip().splitlines()

CONSULTATION = """
8001: held 1:8001
8002: held 1:8001
8001: originated 2:8001 calling=8001 called=8003
8001: delivered 2:8003 calling=8001 called=8003
8003: delivered 2:8003 calling=8001 called=8003
""".strip().splitlines()

ANSWERED = """
8003: established 2:8003
8001: established 2:8003
""".strip().splitlines()

OUTSIDE = """
8001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001
8001: established 1:8001
8001: held 1:8001
8001: originated 2:8001 calling=8001 called=13900
8001: network_reached 2:T002 called=13900
""".strip().splitlines()
"""An outside caller on hold, another outside party consulted."""

TRANSFER = "transferred 1:8001 2:8001 by=8001 to=8003 list 1:8002>3:8002 2:8003>3:8003"
KEEPING = "transferred 1:8001 2:8001 by=8001 to=8003 list 1:8002>1:8002 2:8003>1:8003"
CONFERENCE = "conferenced 1:8001 2:8001 by=8001 to=8003 list 1:8001>3:8001 1:8002>3:8002 2:8003>3:8003"
BLIND = "transferred 1:8001 by=8001 to=8003 list 1:8002>3:8002"


def house(*told: list[str]) -> Stage:
    stage = Stage("8001", "8002", "8003", "8004", trunks=("T001", "T002"))
    for lines in told:
        for line in lines:
            stage.tell(line)
    assert stage.counts.get("mismatch", 0) == 0
    return stage


@pytest.fixture
def talking() -> Stage:
    stage = house(FIRST_CALL)
    assert stage.calls == {"1": "8002 connected, 8001 connected"}
    return stage


@pytest.fixture
def ringing() -> Stage:
    stage = house(FIRST_CALL, CONSULTATION)
    assert stage.calls == {"1": "8002 connected, 8001 hold", "2": "8001 connected, 8003 alerting"}
    return stage


@pytest.fixture
def consulting() -> Stage:
    stage = house(FIRST_CALL, CONSULTATION, ANSWERED)
    assert stage.calls == {"1": "8002 connected, 8001 hold", "2": "8001 connected, 8003 connected"}
    return stage


def story(stage: Stage, switch_id: str) -> int:
    """The number of the event that began a call's conversation."""
    return stage.call(switch_id).conversation_id.number


# -- consultation, then transfer ---------------------------------------------------------------------------------


def test_into_a_call_with_a_new_id(consulting: Stage) -> None:
    first, second = story(consulting, "1"), story(consulting, "2")
    consulting.plays(f"""
        8001: {TRANSFER}
            transferred 8001 > 8003 story {second} into {first} | \
1: ended | 2: ended | 3: 8002 connected, 8003 connected
        8002: {TRANSFER}
        8003: {TRANSFER}
        8003: connection_cleared 3:8002
            connection_cleared 8002 | 3: 8003 connected
        8002: connection_cleared 3:8002
        8003: connection_cleared 3:8003
            connection_cleared 8003 | 3: ended
    """)
    assert consulting.counts.get("mismatch", 0) == 0


def test_the_new_call_is_another_call_of_the_first_story(consulting: Stage) -> None:
    before, first = consulting.call("1"), story(consulting, "1")
    consulting.tell(f"8001: {TRANSFER}")
    after = consulting.call("3")
    assert after.call_id > before.call_id
    assert after.conversation_id.number == first
    assert (after.calling, after.called) == ("8002", "8001"), "the story's caller and the number dialled"
    assert consulting.state("8001") is DeviceState.IDLE
    assert consulting.state("8002") is consulting.state("8003") is DeviceState.TALKING


def test_into_the_first_call_by_a_switch_that_keeps_its_id(consulting: Stage) -> None:
    """That call lives on under its call id, and only the other ends."""
    before, second = consulting.call("1"), story(consulting, "2")
    consulting.plays(f"""
        8003: {KEEPING}
            transferred 8001 > 8003 story {second} into {story(consulting, "1")} | \
1: 8002 connected, 8003 connected | 2: ended
        8001: {KEEPING}
        8002: {KEEPING}
        8002: held 1:8002
            held 8002 | 1: 8002 hold, 8003 connected
        8003: held 1:8002
    """)
    after = consulting.call("1")
    assert (after.call_id, after.conversation_id) == (before.call_id, before.conversation_id)


def test_into_the_second_call_by_a_switch_that_keeps_that_one(consulting: Stage) -> None:
    """The call id is the second's, the story and the caller are the first's."""
    first, kept = story(consulting, "1"), consulting.call("2").call_id
    consulting.tell("8001: transferred 1:8001 2:8001 by=8001 to=8003 list 1:8002>2:8002 2:8003>2:8003")
    assert set(consulting.calls) == {"2"}
    after = consulting.call("2")
    assert {one.device for one in after.connections} == {"8002", "8003"}
    assert (after.call_id, after.conversation_id.number) == (kept, first)
    assert (after.calling, after.called) == ("8002", "8001")


def test_while_the_other_still_rings(ringing: Stage) -> None:
    second = story(ringing, "2")
    ringing.plays(f"""
        8001: {TRANSFER}
            transferred 8001 > 8003 story {second} into {story(ringing, "1")} | \
1: ended | 2: ended | 3: 8002 connected, 8003 alerting
        8003: {TRANSFER}
        8003: established 3:8003
            established 8003 | 3: 8002 connected, 8003 connected
        8002: {TRANSFER}
        8002: established 3:8003
    """)


def test_a_monitor_that_has_not_heard_of_it_tells_the_old_call(ringing: Stage) -> None:
    """8003's monitor lags: its answer, under the old id, is news of the call as it is now."""
    ringing.tell(f"8001: {TRANSFER}")
    ringing.plays(f"""
        8003: established 2:8003
            established 8003 | 3: 8002 connected, 8003 connected
        8003: {TRANSFER}
        8003: held 3:8003
            held 8003 | 3: 8002 connected, 8003 hold
        8002: {TRANSFER}
        8002: held 3:8003
    """)
    assert ringing.counts.get("late", 0) == ringing.counts.get("mismatch", 0) == 0


def test_a_party_told_of_the_transfer_first_will_not_tell_what_was_before_it(consulting: Stage) -> None:
    """8002 was never in call 2: it begins on 8003's connection where that stood, so *held* is its next."""
    consulting.tell(f"8002: {TRANSFER}")
    consulting.plays(f"""
        8002: held 3:8003
            held 8003 | 3: 8002 connected, 8003 hold
        8003: {TRANSFER}
        8003: held 3:8003
        8003: retrieved 3:8003
            retrieved 8003 | 3: 8002 connected, 8003 connected
        8002: retrieved 3:8003
    """)
    assert consulting.counts.get("late", 0) == consulting.counts.get("double", 0) == 0


@pytest.mark.parametrize("monitor", ["8001", "8002", "8003"])
def test_told_twice_by_one_monitor(monitor: str, consulting: Stage) -> None:
    consulting.tell(f"{monitor}: {TRANSFER}")
    assert consulting.tell(f"{monitor}: {TRANSFER}") == []
    assert consulting.counts["double"] == 1
    assert consulting.calls == {"3": "8002 connected, 8003 connected"}


def test_the_transferrer_s_own_leaving_is_late(consulting: Stage) -> None:
    """Some switches clear the transferring device's connections as well, under the old ids."""
    consulting.tell(f"8001: {TRANSFER}")
    consulting.plays("""
        8001: connection_cleared 1:8001
        8001: connection_cleared 2:8001
    """)
    assert consulting.calls == {"3": "8002 connected, 8003 connected"}


def test_two_transfers_in_a_row(consulting: Stage) -> None:
    """8003 goes on to 8004; then the monitors of the parties tell all of it, each at its own pace."""
    first = story(consulting, "1")
    again = "transferred 3:8003 4:8003 by=8003 to=8004 list 3:8002>5:8002 4:8004>5:8004"
    for line in (
        f"8001: {TRANSFER}",
        f"8003: {TRANSFER}",
        "8003: held 3:8003",
        "8003: originated 4:8003 calling=8003 called=8004",
        "8004: delivered 4:8004 calling=8003 called=8004",
        "8004: established 4:8004",
        f"8003: {again}",
    ):
        consulting.tell(line)
    assert consulting.calls == {"5": "8002 connected, 8004 connected"}
    consulting.plays(f"""
        8002: {TRANSFER}
        8002: held 3:8003
        8002: {again}
        8004: {again}
        8002: connection_cleared 5:8002
            connection_cleared 8002 | 5: 8004 connected
    """)
    assert story(consulting, "5") == first
    assert consulting.counts.get("mismatch", 0) == 0


def test_outside_callers_keep_their_trunks() -> None:
    """Trunk to trunk: both are gone from the agent, and both trunks are taken until they leave."""
    stage = house(OUTSIDE)
    stage.plays("""
        8001: transferred 1:8001 2:8001 by=8001 to=13900 list 1:T001>3:T001=13800 2:T002>3:T002=13900
            transferred 8001 > 13900 story 10 into 7 | 1: ended | 2: ended | \
3: 13800@T001 connected, 13900@T002 connected
        T001: connection_cleared 3:T001 subject=13800
            connection_cleared 13800 | 3: 13900@T002 connected
        T002: connection_cleared 3:T002 subject=13900
            connection_cleared 13900 | 3: ended
    """)
    assert stage.state("T001") is stage.state("T002") is DeviceState.IDLE


def test_an_anonymous_caller_stays_anonymous_and_on_its_trunk() -> None:
    """The list names it by a new key only; it is found by the old one."""
    stage = house([line.replace("calling=13800", "calling=?") for line in OUTSIDE])
    stage.tell("8001: transferred 1:8001 2:8001 by=8001 to=13900 list 1:T001>3:D1=? 2:T002>3:D2=13900")
    assert stage.calls == {"3": "?D1@T001 connected, 13900@T002 connected"}


# -- one step ----------------------------------------------------------------------------------------------------


def test_in_one_step_the_target_rings_afterwards(talking: Stage) -> None:
    first = story(talking, "1")
    talking.plays(f"""
        8001: {BLIND}
            transferred 8001 > 8003 | 1: ended | 3: 8002 connected
        8003: delivered 3:8003 calling=8002 called=8003
            delivered 8003 | 3: 8002 connected, 8003 alerting
        8002: {BLIND}
        8002: delivered 3:8003
        8003: established 3:8003
            established 8003 | 3: 8002 connected, 8003 connected
        8002: established 3:8003
    """)
    after = talking.call("3")
    assert (after.conversation_id.number, after.calling, after.called) == (first, "8002", "8001")


def test_in_one_step_in_the_same_call(talking: Stage) -> None:
    before = talking.call("1").call_id
    talking.plays("""
        8001: transferred 1:8001 by=8001 to=8003 list 1:8002>1:8002
            transferred 8001 > 8003 | 1: 8002 connected
        8003: delivered 1:8003 calling=8002 called=8003
            delivered 8003 | 1: 8002 connected, 8003 alerting
        8002: transferred 1:8001 by=8001 to=8003 list 1:8002>1:8002
        8002: delivered 1:8003
    """)
    assert talking.call("1").call_id == before


def test_in_one_step_the_target_rings_before_anybody_tells_why(talking: Stage) -> None:
    """A call of 8002's begins, as it seems; the transfer tells that it is the old one's going on."""
    first = story(talking, "1")
    talking.plays("""
        8003: delivered 3:8003 calling=8002 called=8003
            delivered 8003 | 3: 8003 alerting, 8002 initiated
    """)
    second = story(talking, "3")
    talking.plays(f"""
        8002: {BLIND}
            transferred 8001 > 8003 story {second} into {first} | 1: ended | 3: 8003 alerting, 8002 connected
        8001: {BLIND}
        8002: delivered 3:8003
        8003: established 3:8003
            established 8003 | 3: 8003 connected, 8002 connected
    """)
    assert story(talking, "3") == first
    assert talking.counts.get("mismatch", 0) == 0


def test_in_one_step_to_a_busy_number(talking: Stage) -> None:
    talking.tell("8003: originated 9:8003 calling=8003 called=8004")
    talking.plays(f"""
        8001: {BLIND}
            transferred 8001 > 8003 | 1: ended | 3: 8002 connected
        8002: {BLIND}
        8002: failed 3:8003 called=8003 cause=busy
            failed 8003 (busy) | 3: 8002 connected, 8003 fail
        8002: connection_cleared 3:8002
            connection_cleared 8002 | 3: ended
    """)


def test_over_before_the_transfer_was_told(talking: Stage) -> None:
    """8003 tells the whole rest of the story before anybody tells the transfer: so the first call is over too."""
    for line in (
        "8003: delivered 3:8003 calling=8002 called=8003",
        "8003: connection_cleared 3:8002",
        "8003: connection_cleared 3:8003",
    ):
        talking.tell(line)
    assert talking.calls == {"1": "8002 connected, 8001 connected"}
    said = talking.tell(f"8001: {BLIND}")
    assert len(said) == 1
    assert said[0].startswith("transferred 8001 > 8003")
    assert "1: ended" in said[0]
    assert talking.calls == {}
    assert talking.tell(f"8002: {BLIND}") == talking.tell("8002: connection_cleared 3:8002") == []
    assert talking.counts.get("mismatch", 0) == 0


# -- conference --------------------------------------------------------------------------------------------------


def test_a_conference_of_three(consulting: Stage) -> None:
    """The conferencing device had two connections and has one, connected."""
    second = story(consulting, "2")
    consulting.plays(f"""
        8001: {CONFERENCE}
            conferenced 8001 > 8003 story {second} into {story(consulting, "1")} | \
1: ended | 2: ended | 3: 8001 connected, 8002 connected, 8003 connected
        8003: {CONFERENCE}
        8002: {CONFERENCE}
    """)
    assert consulting.counts == {"repeat": consulting.counts["repeat"]}


@pytest.mark.parametrize("leaver", ["8001", "8002", "8003"])
def test_a_conference_goes_on_with_the_two_who_stay(leaver: str, consulting: Stage) -> None:
    """The owner is nobody special. Each of those who stay tells that one has left; then the rest ends as usual."""
    for monitor in ("8001", "8002", "8003"):
        consulting.tell(f"{monitor}: {CONFERENCE}")
    one, other = [party for party in ("8001", "8002", "8003") if party != leaver]
    consulting.plays(f"""
        {one}: connection_cleared 3:{leaver}
            connection_cleared {leaver} | 3: {one} connected, {other} connected
        {leaver}: connection_cleared 3:{leaver}
        {other}: connection_cleared 3:{leaver}
        {one}: connection_cleared 3:{one}
            connection_cleared {one} | 3: {other} connected
        {other}: connection_cleared 3:{one}
        {other}: connection_cleared 3:{other}
            connection_cleared {other} | 3: ended
    """)


def test_a_conference_grows_to_four(consulting: Stage) -> None:
    for monitor in ("8001", "8002", "8003"):
        consulting.tell(f"{monitor}: {CONFERENCE}")
    first = story(consulting, "3")
    for line in (
        "8001: held 3:8001",
        "8001: originated 4:8001 calling=8001 called=8004",
        "8004: delivered 4:8004 calling=8001 called=8004",
        "8004: established 4:8004",
        "8001: conferenced 3:8001 4:8001 by=8001 to=8004 list 3:8001>5:8001 3:8002>5:8002 3:8003>5:8003 4:8004>5:8004",
    ):
        consulting.tell(line)
    assert consulting.calls == {"5": "8001 connected, 8002 connected, 8003 connected, 8004 connected"}
    assert story(consulting, "5") == first


def test_a_conference_while_the_third_still_rings(ringing: Stage) -> None:
    ringing.tell(f"8001: {CONFERENCE}")
    assert ringing.calls == {"3": "8001 connected, 8002 connected, 8003 alerting"}


def test_two_anonymous_callers_in_one_conference_are_two(talking: Stage) -> None:
    stage = house(
        [
            "8001: delivered 1:8001 calling=? called=8001 from=T001 calling_trunk=T001",
            "8001: established 1:8001",
            "8001: held 1:8001",
            "8001: delivered 2:8001 calling=? called=8001 from=T002 calling_trunk=T002",
            "8001: established 2:8001",
        ]
    )
    stage.tell("8001: conferenced 1:8001 2:8001 by=8001 to=? list 1:8001>3:8001 1:T001>3:T001=? 2:T002>3:T002=?")
    assert stage.calls == {"3": "8001 connected, ?T001@T001 connected, ?T002@T002 connected"}


# -- lists that are brief, reports that come out of order --------------------------------------------------------


def test_a_bystander_that_the_list_forgot_goes_along(consulting: Stage) -> None:
    """8004 was in the first call too. It has not left: nobody said so."""
    for line in (
        "8004: delivered 1:8004 calling=8002 called=8001",
        "8004: established 1:8004",
        f"8001: {TRANSFER}",
    ):
        consulting.tell(line)
    assert consulting.calls == {"3": "8002 connected, 8003 connected, 8004 connected"}


def test_a_list_without_old_connections_finds_them_by_their_devices(consulting: Stage) -> None:
    consulting.tell("8001: transferred 1:8001 2:8001 by=8001 to=8003 list >3:8002 >3:8003")
    assert consulting.calls == {"3": "8002 connected, 8003 connected"}
    assert consulting.state("8001") is DeviceState.IDLE


def test_an_empty_list_leaves_all_but_the_transferrer_in_the_first_call(consulting: Stage) -> None:
    consulting.tell("8001: transferred 1:8001 2:8001 by=8001 to=8003 list")
    assert consulting.calls == {"1": "8002 connected, 8003 connected"}


def test_a_transfer_of_calls_that_nobody_began() -> None:
    """Said to be what cannot be; the list is believed, and the switch is asked."""
    house().plays("""
        8003: transferred 1:8001 2:8001 by=8001 to=8003 list 1:8002>3:8002 2:8003>3:8003
            mismatch by 8003: transfer of calls never begun
            transferred 8001 > 8003 | 3: 8002 connected, 8003 connected
            asks 3 at 8002
        shows 3: 8002 connected, 8003 alerting
            reconciled 8003 (reconciled) proven at 1.1 | 3: 8002 connected, 8003 alerting
        8002: transferred 1:8001 2:8001 by=8001 to=8003 list 1:8002>3:8002 2:8003>3:8003
    """)


def test_a_consultation_first_heard_of_by_the_transfer(talking: Stage) -> None:
    """What the others then tell of it under its old id is late; no dead call is raised."""
    talking.tell("8002: held 1:8001")
    talking.plays(f"""
        8002: {TRANSFER}
            transferred 8001 > 8003 | 1: ended | 3: 8002 connected, 8003 connected
        8001: held 1:8001
        8001: originated 2:8001 calling=8001 called=8003
        8001: delivered 2:8003
        8001: established 2:8003
        8001: {TRANSFER}
    """)
    assert talking.calls == {"3": "8002 connected, 8003 connected"}
    assert talking.counts.get("mismatch", 0) == 0


def test_while_the_link_comes_up_the_result_is_asked_for(consulting: Stage) -> None:
    consulting.tell("link initialising")
    said = consulting.tell(f"8001: {TRANSFER}")
    assert said[-1] == "asks 3 at 8002"
    assert consulting.calls == {"3": "8002 connected, 8003 connected"}


def test_the_event_carries_cause_and_request(consulting: Stage) -> None:
    consulting.tell("command 4.9 TRANSFER_CALL 8001")
    (said,) = consulting.tell(f"8001: {TRANSFER.replace(' list', ' cause=transfer list')}")
    assert said.startswith("transferred 8001 > 8003 (transfer) for 4.9 story ")
