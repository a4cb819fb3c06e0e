"""Who watches what."""

from gateway.links.csta_xml.messages import CSTAErrorCode, MonitorFilter
from simulator.monitors import Monitor, Monitors
from tests.simulator.stage import Stage


def started(monitors: Monitors, client: int, stage: Stage, number: str) -> Monitor:
    monitor = monitors.start(client, stage.switch.devices[number], None, None)
    assert isinstance(monitor, Monitor)
    return monitor


def test_monitors_stop_by_their_own_client_only() -> None:
    stage, monitors = Stage(""), Monitors()
    mine = started(monitors, 1, stage, "1000")
    assert not monitors.stop(2, mine.cross_ref_id)
    assert monitors.stop(1, mine.cross_ref_id)
    assert not monitors.stop(1, mine.cross_ref_id)
    assert monitors.on_device(stage.switch.devices["1000"]) == []


def test_all_of_a_client_stop_together() -> None:
    stage, monitors = Stage(""), Monitors()
    started(monitors, 1, stage, "1000")
    started(monitors, 1, stage, "1001")
    other = started(monitors, 2, stage, "1000")
    assert len(monitors.of_client(1)) == 2
    monitors.stop_all(1)
    assert monitors.on_device(stage.switch.devices["1000"]) == [other]
    assert len(monitors) == 1


def test_the_limit_and_refused_devices() -> None:
    stage, monitors = Stage(""), Monitors(limit=1)
    monitors.refused.add("1001")
    refused = monitors.start(1, stage.switch.devices["1001"], None, None)
    assert isinstance(refused, CSTAErrorCode)
    assert refused.value == "overallMonitorLimitExceeded"
    started(monitors, 1, stage, "1000")
    assert isinstance(monitors.start(1, stage.switch.devices["1002"], None, None), CSTAErrorCode)


def test_call_monitors_follow_their_call_and_end_with_it() -> None:
    monitors = Monitors()
    monitor = monitors.start(1, None, "7", MonitorFilter(held=True, retrieved=False))
    assert isinstance(monitor, Monitor)
    monitors.call_renamed("7", "9")
    [followed] = monitors.on_call("9")
    assert followed.cross_ref_id == monitor.cross_ref_id
    assert followed.suppressed == {"held"}
    assert monitors.on_call("7") == []
    monitors.call_ended("9")
    assert len(monitors) == 0


def test_a_call_monitor_can_be_stopped() -> None:
    monitors = Monitors()
    monitor = monitors.start(1, None, "7", None)
    assert isinstance(monitor, Monitor)
    assert monitors.stop(1, monitor.cross_ref_id)
    assert monitors.on_call("7") == []
    assert monitor.passes("anything that has no filter")
