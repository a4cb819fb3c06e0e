"""Who is in a call: what reports name, what they imply, and what stays unknown."""

from tests.model.transcript import Stage


def test_a_monitored_caller_is_implied_until_its_own_monitor_tells() -> None:
    stage = Stage("8001", "8002")
    stage.plays("""
        8002: delivered 1:8002 calling=8001 called=8002
            delivered 8002 | 1: 8002 alerting, 8001 initiated
        8001: service_initiated 1:8001
            service_initiated 8001 | 1: 8002 alerting, 8001 initiated
        8001: originated 1:8001 calling=8001 called=8002
            originated 8001 | 1: 8002 alerting, 8001 connected
    """)


def test_a_caller_without_a_monitor_is_connected_as_far_as_others_prove() -> None:
    stage = Stage("8002")
    stage.tell("8002: delivered 1:8002 calling=13800 called=8002")
    assert stage.calls == {"1": "8002 alerting, 13800 connected"}


def test_who_has_been_in_the_call_is_not_implied_again() -> None:
    stage = Stage("8001", "8002")
    for line in (
        "8001: originated 1:8001 calling=8001 called=8002",
        "8002: delivered 1:8002 calling=8001 called=8002",
        "8001: connection_cleared 1:8001",
        "8002: connection_cleared 1:8001",
    ):
        stage.tell(line)
    assert stage.calls == {"1": "8002 alerting"}


def test_a_call_forwarded_to_the_outside_does_not_put_the_extension_behind_the_trunk() -> None:
    stage = Stage("8001", "8002", trunks=("T001",))
    stage.tell("8001: originated 1:8001 calling=8001 called=8002")
    stage.tell("8001: network_reached 1:T001 calling=8001 called=8002")
    assert "8002" not in stage.calls["1"]
