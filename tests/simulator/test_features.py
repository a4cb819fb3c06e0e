"""What is set at a device."""

import pytest

from gateway.links.csta_xml.messages import AgentState, ForwardingType, RequestedAgentState
from simulator import features
from simulator.answering import answer
from simulator.switch import Plan
from tests.simulator.stage import EXTENSIONS, Stage, refusal

ON, OFF, READY = RequestedAgentState.LOGGED_ON, RequestedAgentState.LOGGED_OFF, RequestedAgentState.READY


def test_setting_twice_reports_once() -> None:
    stage = Stage("1000")
    device = stage.switch.devices["1000"]
    for _ in range(2):
        features.set_do_not_disturb(stage.switch, device, True)
        features.set_message_waiting(stage.switch, device, True)
    assert stage.told() == ["1000: DoNotDisturb", "1000: MessageWaiting"]


def test_forwarding_is_set_and_taken_back() -> None:
    stage = Stage("1000")
    device, kind = stage.switch.devices["1000"], ForwardingType.BUSY
    assert features.set_forwarding(stage.switch, device, kind, True, "1001", None) is None
    assert features.set_forwarding(stage.switch, device, kind, False, None, None) is None
    assert features.set_forwarding(stage.switch, device, kind, False, None, None) is None
    assert stage.told() == ["1000: Forwarding", "1000: Forwarding"]


@pytest.mark.parametrize("target", [None, "", "1000"])
def test_forwarding_to_nobody_or_oneself_is_refused(target: str | None) -> None:
    stage = Stage("1000")
    device = stage.switch.devices["1000"]
    refused = features.set_forwarding(stage.switch, device, ForwardingType.BUSY, True, target, None)
    assert refusal(refused) == "invalidForwardingDestination"
    assert stage.told() == []


def test_an_agents_day() -> None:
    stage = Stage("1000", Plan(extensions=EXTENSIONS, pilots=(("6000", ()),)))
    device = stage.switch.devices["1000"]
    for state in (ON, READY, RequestedAgentState.WORKING_AFTER_CALL, RequestedAgentState.NOT_READY, OFF):
        assert features.change_agent(stage.switch, device, state, "4711", "6000") is None
    assert stage.told() == [
        "1000: AgentLoggedOn",
        "1000: AgentReady",
        "1000: AgentWorkingAfterCall",
        "1000: AgentNotReady",
        "1000: AgentLoggedOff",
    ]
    assert device.agent is None


@pytest.mark.parametrize(
    ("number", "state", "agent_id", "group", "value"),
    [
        ("1000", READY, "4711", None, "invalidAgentState"),
        ("1000", ON, None, "6000", "invalidAgentIdentifier"),
        ("T001", ON, "4711", "6000", "invalidAgentIdentifier"),
        ("1000", ON, "4711", "1001", "invalidAgentGroup"),
        ("1000", ON, "4711", "77", "invalidAgentGroup"),
        ("1001", ON, "1", "6000", "featureAlreadySet"),
        ("1001", READY, "2", None, "invalidAgentIdentifier"),
    ],
)
def test_agent_refused(
    number: str, state: RequestedAgentState, agent_id: str | None, group: str | None, value: str
) -> None:
    stage = Stage("", Plan(extensions=EXTENSIONS, pilots=(("6000", ()),)))
    features.change_agent(stage.switch, stage.switch.devices["1001"], ON, "1", "6000")
    refused = features.change_agent(stage.switch, stage.switch.devices[number], state, agent_id, group)
    assert refusal(refused) == value


def test_agents_are_listed() -> None:
    stage = Stage("", Plan(extensions=EXTENSIONS, pilots=(("6000", ()),)))
    device = stage.switch.devices["1000"]
    assert [entry.logged_on_state for entry in features.agent_entries(device)] == [False]
    features.change_agent(stage.switch, device, ON, "4711", "6000")
    [entry] = features.agent_entries(device)
    assert entry.agent_info is not None
    assert (entry.agent_id, entry.agent_info[0].agent_state) == ("4711", AgentState.NOT_READY)


def test_out_of_service_clears_the_devices_calls() -> None:
    stage = Stage("1000 1001")
    stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    device = stage.switch.devices["1001"]
    features.set_in_service(stage.switch, device, False)
    features.set_in_service(stage.switch, device, False)
    features.set_in_service(stage.switch, device, True)
    assert stage.told() == [
        "1000: ConnectionCleared 1:1001 destOutOfOrder (connected)",
        "1001: ConnectionCleared 1:1001 destOutOfOrder (null)",
        "1000: ConnectionCleared 1:1000 destOutOfOrder (null)",
        "1001: OutOfService",
        "1001: BackInService",
    ]
