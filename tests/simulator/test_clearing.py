"""How calls end: each monitor is told until its own device is out (ECMA-269 17.2.4)."""

from simulator.answering import answer
from simulator.clearing import clear_call, clear_leg
from simulator.holding import hold
from tests.simulator.stage import Stage


def test_two_parties() -> None:
    stage = Stage()
    caller = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    clear_leg(stage.switch, caller)
    assert stage.told() == [
        "1001: ConnectionCleared 1:1000 normalClearing (connected)",
        "1000: ConnectionCleared 1:1000 normalClearing (null)",
        "1001: ConnectionCleared 1:1001 normalClearing (null)",
    ]
    assert stage.switch.calls == {}
    assert stage.switch.account.ended == 1


def test_the_caller_leaves_while_it_rings() -> None:
    stage = Stage()
    caller = stage.call("1000", "1001")
    stage.told()
    clear_leg(stage.switch, caller)
    assert stage.told() == [
        "1001: ConnectionCleared 1:1000 normalClearing (alerting)",
        "1000: ConnectionCleared 1:1000 normalClearing (null)",
        "1001: ConnectionCleared 1:1001 normalClearing (null)",
    ]


def test_who_releases_is_named_with_every_connection_that_falls() -> None:
    stage = Stage("1001")
    caller = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.switch.take_reports()
    clear_leg(stage.switch, caller)
    assert [report.event.subject.number for report in stage.switch.take_reports()] == ["1000", "1000"]  # type: ignore[attr-defined]


def test_the_party_on_hold_is_released_too() -> None:
    stage = Stage("1000 1001")
    caller = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    hold(stage.switch, caller)
    clear_leg(stage.switch, stage.leg("1001"))
    assert stage.told()[-1] == "1000: ConnectionCleared 1:1000 normalClearing (null)"
    assert stage.switch.calls == {}


def test_a_whole_call() -> None:
    stage = Stage()
    caller = stage.call("1000", "1001")
    answer(stage.switch, stage.leg("1001"))
    stage.told()
    clear_call(stage.switch, caller.call)
    assert stage.told() == [
        "1001: ConnectionCleared 1:1000 normalClearing (connected)",
        "1000: ConnectionCleared 1:1000 normalClearing (null)",
        "1001: ConnectionCleared 1:1001 normalClearing (null)",
    ]
