"""Devices and what occupies them: each state an operator can see is reached, told with the one before it."""

import pytest

from model.ids import DeviceNumber
from model.states import DeviceState
from tests.model.transcript import Stage


def test_an_internal_call_seen_from_both_devices() -> None:
    Stage("8001", "8002", with_devices=True).plays("""
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated | 8001 IDLE to OFF_HOOK
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8001 connected | 8001 OFF_HOOK to DIALLING
        8001: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8001 connected, 8002 alerting | 8001 DIALLING to DIALLING, 8002 IDLE to RINGING
        8002: established 1:8002 calling=8001 called=8002
            established 8002 | 1: 8001 connected, 8002 connected | 8001 DIALLING to TALKING, 8002 RINGING to TALKING
        8001: held 1:8001
            held 8001 | 1: 8001 hold, 8002 connected | 8001 TALKING to HELD, 8002 TALKING to TALKING
        8001: retrieved 1:8001
            retrieved 8001 | 1: 8001 connected, 8002 connected | 8001 HELD to TALKING, 8002 TALKING to TALKING
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: 8002 connected | 8001 TALKING to IDLE, 8002 TALKING to OFF_HOOK
        8002: connection_cleared 1:8002
            connection_cleared 8002 | 1: ended | 8002 OFF_HOOK to IDLE
    """)


def test_a_busy_number_and_a_queue() -> None:
    Stage("8001", queues=("6000",), with_devices=True).plays("""
        8001: originated 1:8001 calling=8001 called=6000
            originated 8001 | 1: 8001 connected | 8001 IDLE to DIALLING
        8001: queued 1:6000 calling=8001 called=6000
            queued 6000 | 1: 8001 connected, 6000 queued | 6000 IDLE to QUEUED, 8001 DIALLING to DIALLING
        8001: connection_cleared 1:6000
            connection_cleared 6000 | 1: 8001 connected | 6000 QUEUED to IDLE, 8001 DIALLING to DIALLING
        8001: failed 1:8001 cause=reorderTone
            failed 8001 (reorderTone) | 1: 8001 fail | 8001 DIALLING to FAILED
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended | 8001 FAILED to IDLE
    """)


def test_an_outside_party_occupies_the_trunk_it_came_by() -> None:
    """Its number is no device of ours: NOT_CONFIGURED before and after."""
    stage = Stage("8001", trunks=("T001",), with_devices=True)
    stage.plays("""
        T001: delivered 1:8001 calling=13800 called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, 13800@T001 connected | 13800 NOT_CONFIGURED to NOT_CONFIGURED, \
8001 IDLE to RINGING, T001 IDLE to DIALLING
        8001: established 1:8001 calling=13800 called=8001
            established 8001 | 1: 8001 connected, 13800@T001 connected | 13800 NOT_CONFIGURED to NOT_CONFIGURED, \
8001 RINGING to TALKING, T001 DIALLING to TALKING
    """)
    assert len(stage.model.legs_of(DeviceNumber("T001"))) == 1
    assert stage.model.legs_of(DeviceNumber("T001")) == stage.model.legs_of(DeviceNumber("13800"))
    stage.plays("""
        T001: connection_cleared 1:T001 subject=13800
            connection_cleared 13800 | 1: 8001 connected | 13800 NOT_CONFIGURED to NOT_CONFIGURED, \
8001 TALKING to OFF_HOOK, T001 TALKING to IDLE
    """)
    assert stage.state("T001") is DeviceState.IDLE


def test_an_anonymous_caller_occupies_the_trunk_and_no_device_without_a_number() -> None:
    stage = Stage("8001", trunks=("T001",), with_devices=True)
    stage.plays("""
        8001: delivered 1:8001 calling=? called=8001 from=T001 calling_trunk=T001
            delivered 8001 | 1: 8001 alerting, ?T001@T001 connected | 8001 IDLE to RINGING, T001 IDLE to DIALLING
    """)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("device 8001 out_of_service", "device 8001: IDLE to OUT_OF_SERVICE"),
        ("device 8001 not_monitored", "device 8001: IDLE to UNKNOWN"),
        ("device 8001 do_not_disturb_on", "device 8001: IDLE to IDLE"),
        ("device 8001 forwarding_on", None),
        ("device 8001 back_in_service", None),
        ("device 8001 monitored", None),
        ("device 7777 out_of_service", None),
    ],
)
def test_what_a_switch_says_of_a_device(line: str, said: str | None) -> None:
    """News only; what is so already (forwarding to nowhere is none), and devices we do not serve, are not told."""
    assert Stage("8001").tell(line) == ([] if said is None else [said])


def test_a_flag_that_changes_in_a_call_waits_to_be_seen() -> None:
    Stage("8001", "8002").plays("""
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8001 initiated
        device 8001 out_of_service
            device 8001: OFF_HOOK to OFF_HOOK
        8001: connection_cleared 1:8001
            connection_cleared 8001 | 1: ended
        device 8001 back_in_service
            device 8001: OUT_OF_SERVICE to IDLE
    """)


def test_a_device_that_port_cfg_no_longer_names_has_no_state() -> None:
    stage = Stage("8001", "8002")
    stage.tell("8001: service_initiated 1:8001")
    stage.model.configure(stage.devices[1:], stage.model.link.since_us)
    assert stage.state("8001") is DeviceState.NOT_CONFIGURED
    assert stage.calls == {"1": "8001 initiated"}


def test_while_the_link_is_down_every_state_is_unknown_and_nothing_is_forgotten() -> None:
    stage = Stage("8001", "8002")
    stage.tell("8001: service_initiated 1:8001")
    stage.tell("link down")
    assert (stage.state("8001"), stage.state("8002")) == (DeviceState.UNKNOWN, DeviceState.UNKNOWN)
    assert stage.state("13800") is DeviceState.NOT_CONFIGURED
    stage.tell("link up")
    assert (stage.state("8001"), stage.state("8002")) == (DeviceState.OFF_HOOK, DeviceState.IDLE)


def test_an_extension_is_connected_once_and_holds_the_other() -> None:
    """A lost report of its hold: that it answers another call proves it. The switch is asked which is so."""
    stage = Stage("8001", "8002", "8003", with_devices=True)
    for line in ("8001: originated 1:8001 calling=8001 called=8002", "8002: established 1:8002", "wait 1 s"):
        stage.tell(line)
    stage.plays("""
        8001: delivered 2:8001 calling=8003 called=8001
            delivered 8001 | 2: 8001 alerting, 8003 initiated | 8001 TALKING to TALKING, 8003 IDLE to OFF_HOOK
        8001: established 2:8001 calling=8003 called=8001
            established 8001 | 1: 8001 hold, 8002 connected | 2: 8001 connected, \
8003 initiated | 8001 TALKING to DIALLING, 8002 TALKING to TALKING, 8003 OFF_HOOK to OFF_HOOK
            asks 1 at 8001
    """)


def test_a_phone_with_lines_of_its_own_may_be_connected_twice() -> None:
    stage = Stage("8001", "8002", "8003", single_appearance=False)
    for line in ("*: established 1:a subject=8001", "*: established 2:b subject=8001"):
        stage.tell(line)
    assert stage.calls == {"1": "8001 connected", "2": "8001 connected"}
