"""Requests about devices: monitors, snapshots, features, agents."""

import pytest

from gateway.links.csta_xml import messages as m
from simulator.services import perform
from simulator.switch import Plan
from tests.simulator.stage import EXTENSIONS, Stage

NOBODY = m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidDeviceID")


def asked(stage: Stage, request: m.Message) -> m.Message | None:
    return perform(stage.switch, 1, request)


@pytest.mark.parametrize(
    "request_",
    [
        m.MonitorStart(device="77"),
        m.SnapshotDevice("77"),
        m.SetDoNotDisturb("77", True),
        m.GetDoNotDisturb("77"),
        m.SetForwarding("77", m.ForwardingType.BUSY, True, "1001"),
        m.GetForwarding("77"),
        m.SetMessageWaitingIndicator("77", True),
        m.SetAgentState("77", m.RequestedAgentState.READY),
        m.GetAgentState("77"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_a_device_that_is_not_there(request_: m.Message) -> None:
    assert asked(Stage(), request_) == NOBODY


def test_monitors() -> None:
    stage = Stage("")
    filtered = m.MonitorFilter(held=True)
    reply = asked(stage, m.MonitorStart(device="1000", requested_monitor_filter=filtered))
    assert reply == m.MonitorStartResponse("00000001", filtered, monitor_existing_calls=True)
    assert asked(stage, m.MonitorStop("00000001")) == m.MonitorStopResponse()
    gone = asked(stage, m.MonitorStop("00000001"))
    assert gone == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidMonitorCrossRefID")


def test_call_monitors() -> None:
    stage = Stage("")
    leg = stage.call("1000", "1001")
    assert isinstance(asked(stage, m.MonitorStart(call=leg.connection)), m.MonitorStartResponse)
    unknown = asked(stage, m.MonitorStart(call=m.ConnectionID("9")))
    assert unknown == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidCallID")
    nothing = asked(stage, m.MonitorStart())
    assert nothing == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidMonitorObject")


def test_the_monitor_limit_is_named() -> None:
    stage = Stage("", Plan(extensions=EXTENSIONS, monitor_limit=1))
    assert isinstance(asked(stage, m.MonitorStart(device="1000")), m.MonitorStartResponse)
    reply = asked(stage, m.MonitorStart(device="1001"))
    assert reply == m.CSTAErrorCode(m.ErrorCategory.SYSTEM_RESOURCE_AVAILABILITY, "overallMonitorLimitExceeded")


def test_snapshots() -> None:
    stage = Stage()
    stage.call("1000", "1001")
    call = asked(stage, m.SnapshotCall(m.ConnectionID("1")))
    assert isinstance(call, m.SnapshotCallResponse)
    assert call.snapshot is not None
    assert len(call.snapshot) == 2
    device = asked(stage, m.SnapshotDevice("1002"))
    assert device == m.SnapshotDeviceResponse(snapshot=())
    gone = asked(stage, m.SnapshotCall(m.ConnectionID("9")))
    assert gone == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidCallID")


def test_features_are_set_and_read() -> None:
    stage = Stage("")
    assert asked(stage, m.SetDoNotDisturb("1000", True)) == m.SetDoNotDisturbResponse()
    assert asked(stage, m.GetDoNotDisturb("1000")) == m.GetDoNotDisturbResponse(True)
    assert asked(stage, m.SetMessageWaitingIndicator("1000", True)) == m.SetMessageWaitingIndicatorResponse()
    busy = m.SetForwarding("1000", m.ForwardingType.BUSY, True, "1001", 3)
    assert asked(stage, busy) == m.SetForwardingResponse()
    listed = m.ForwardListItem(m.ForwardingType.BUSY, True, "1001", 3)
    assert asked(stage, m.GetForwarding("1000")) == m.GetForwardingResponse((listed,))
    to_nobody = asked(stage, m.SetForwarding("1000", None, True))
    assert to_nobody == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidForwardingDestination")


def test_agents() -> None:
    stage = Stage("", Plan(extensions=EXTENSIONS, pilots=(("6000", ()),)))
    log_on = m.SetAgentState("1000", m.RequestedAgentState.LOGGED_ON, "4711", "31323334", "6000")
    assert asked(stage, log_on) == m.SetAgentStateResponse()
    entry = m.AgentStateEntry("4711", True, (m.AgentInfoItem("6000", m.AgentState.NOT_READY),))
    assert asked(stage, m.GetAgentState("1000")) == m.GetAgentStateResponse((entry,))
    again = asked(stage, log_on)
    assert again == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "featureAlreadySet")
