"""Queues: calls wait at a pilot number and go to whoever is free, the longest waiting first."""

import pytest

from gateway.links.csta_xml.messages import AgentState, RequestedAgentState
from simulator import features
from simulator.answering import answer
from simulator.clearing import clear_leg
from simulator.distributing import agent_answered, set_agent_state
from simulator.switch import Plan
from tests.simulator.stage import Stage


def stage_with_queue(watched: str = "1000 1002 6000", members: tuple[str, ...] = ("1002",)) -> Stage:
    extensions = ("1000", "1001", "1002", "1003", "1004")
    return Stage(watched, Plan(extensions=extensions, trunks=2, pilots=(("6000", members),)))


def log_on(stage: Stage, number: str, state: RequestedAgentState = RequestedAgentState.READY) -> None:
    device = stage.switch.devices[number]
    assert features.change_agent(stage.switch, device, RequestedAgentState.LOGGED_ON, "A" + number, "6000") is None
    assert features.change_agent(stage.switch, device, state, None, None) is None


def test_a_free_member_rings_at_once() -> None:
    stage = stage_with_queue()
    stage.call("1000", "6000")
    assert stage.told()[2:] == [
        "1000: Delivered 1:1002 distributed (connected)",
        "1002: Delivered 1:1002 distributed (alerting)",
    ]


def test_a_call_waits_for_a_free_member() -> None:
    stage = stage_with_queue()
    stage.call("1002", "1003")
    stage.told()
    stage.call("1000", "6000")
    assert stage.told()[2:] == [
        "1000: Delivered 2:6000 newCall (connected)",
        "6000: Delivered 2:6000 newCall (alerting)",
        "1000: Queued 2:6000 noAvailableAgents (connected)",
        "6000: Queued 2:6000 noAvailableAgents (queued)",
    ]
    clear_leg(stage.switch, stage.leg("1002"))
    assert stage.told() == [
        "1002: ConnectionCleared 1:1002 normalClearing (null)",
        "1000: Diverted 2:6000 distributed (connected)",
        "6000: Diverted 2:6000 distributed (null)",
        "1000: Delivered 2:1002 distributed (connected)",
        "1002: Delivered 2:1002 distributed (alerting)",
    ]


def test_who_waits_longest_is_first_and_knows_its_place() -> None:
    stage = stage_with_queue("6000")
    stage.call("1002", "1003")
    first, second = stage.call("1000", "6000"), stage.call("1001", "6000")
    events = [report.event for report in stage.switch.take_reports()][1::2]
    assert [(event.number_queued, event.calls_in_front) for event in events] == [(1, 0), (2, 1)]  # type: ignore[attr-defined]
    clear_leg(stage.switch, stage.leg("1002"))
    assert first.call.leg_of(stage.switch.devices["1002"]) is not None
    assert second.call.leg_of(stage.switch.devices["6000"]) is not None


def test_a_caller_who_leaves_takes_the_call_out_of_the_queue() -> None:
    stage = stage_with_queue()
    stage.call("1002", "1003")
    caller = stage.call("1000", "6000")
    stage.told()
    clear_leg(stage.switch, caller)
    assert stage.told() == [
        "6000: ConnectionCleared 2:1000 normalClearing (queued)",
        "1000: ConnectionCleared 2:1000 normalClearing (null)",
        "6000: ConnectionCleared 2:6000 normalClearing (null)",
    ]
    assert stage.switch.devices["6000"].legs == []


def test_where_agents_are_logged_on_only_those_ready_get_calls() -> None:
    stage = stage_with_queue("1002 1003 6000", members=("1002", "1003"))
    log_on(stage, "1003", RequestedAgentState.NOT_READY)
    stage.told()
    stage.call("1000", "6000")
    assert stage.told() == [
        "6000: Delivered 1:6000 newCall (alerting)",
        "6000: Queued 1:6000 noAvailableAgents (queued)",
    ]
    device = stage.switch.devices["1003"]
    assert features.change_agent(stage.switch, device, RequestedAgentState.READY, None, None) is None
    assert stage.told() == [
        "1003: AgentReady",
        "6000: Diverted 1:6000 distributed (null)",
        "1003: Delivered 1:1003 distributed (alerting)",
    ]


def test_an_agent_is_busy_while_talking() -> None:
    stage = stage_with_queue("1003", members=("1003",))
    log_on(stage, "1003")
    stage.call("1000", "6000")
    answer(stage.switch, stage.leg("1003"))
    clear_leg(stage.switch, stage.leg("1003"))
    assert stage.told() == [
        "1003: AgentLoggedOn",
        "1003: AgentReady",
        "1003: Delivered 1:1003 distributed (alerting)",
        "1003: Established 1:1003 normal (connected)",
        "1003: AgentBusy",
        "1003: ConnectionCleared 1:1003 normalClearing (null)",
        "1003: AgentReady",
    ]


def test_an_agent_who_does_not_answer_is_made_not_ready() -> None:
    stage = stage_with_queue("1003 6000", members=("1003",))
    log_on(stage, "1003")
    stage.call("1000", "6000")
    stage.told()
    stage.pass_seconds(15.1)
    assert stage.told() == [
        "1003: AgentNotReady",
        "1003: Diverted 1:1003 callNotAnswered (null)",
        "6000: Delivered 1:6000 callNotAnswered (alerting)",
        "6000: Queued 1:6000 callNotAnswered (queued)",
    ]


def test_members_take_turns() -> None:
    stage = stage_with_queue("1000", members=("1002", "1003"))
    stage.call("1000", "6000")
    stage.call("1001", "6000")
    assert [bool(stage.switch.devices[number].legs) for number in ("1002", "1003")] == [True, True]
    assert [member.number for member in stage.switch.devices["6000"].members] == ["1002", "1003"]


def test_state_of_nobody_is_our_mistake() -> None:
    stage = stage_with_queue()
    with pytest.raises(AssertionError, match="nobody is logged on at 1000"):
        set_agent_state(stage.switch, stage.switch.devices["1000"], AgentState.READY)
    agent_answered(stage.switch, stage.switch.devices["1000"])
    assert stage.told() == []
