"""The order of a session's life, from what the sink is told; the talks themselves are in `test_session`."""

from gateway.links.csta_xml.life import LOGIN_SECONDS_MAX, REFUSED_NAMED_MAX, Phase
from gateway.links.csta_xml.messages import (
    MonitorStart,
    RequestSystemStatus,
    SnapshotCall,
    SnapshotDevice,
    SystemStatus,
    SystemStatusValue,
)
from model.ids import ConnectionKey, SwitchCallId
from model.reports import DeviceSnapshot, Report
from tests.gateway.links.csta_xml.far_end import NO_REPLY, FarEnd, Stage, of_kind, ports


def test_nothing_served_is_up_too() -> None:
    stage = Stage(port_cfg="# nobody").start()
    assert stage.heard.lines[-1] == "link up: 0 devices monitored"


def test_phases_wait_for_their_answers() -> None:
    """Monitors, then devices, then calls: each begins when the one before is answered."""
    silent = (MonitorStart, SnapshotDevice, SnapshotCall)
    far_end = FarEnd(replies={kind: lambda _: NO_REPLY for kind in silent}, calls={"7": {"8001": "connected"}})
    stage = Stage(far_end, port_cfg="EXT 8001").start()

    def the_model_asks(report: Report) -> None:
        if isinstance(report, DeviceSnapshot):
            stage.session.ask_call(SwitchCallId("7"), ConnectionKey("8001"))

    stage.heard.on_report = the_model_asks
    phases = []
    for kind in silent:
        phases.append(stage.session.phase)
        del far_end.replies[kind]
        number, request = next(one for one in far_end.heard if isinstance(one[1], kind))
        stage.say_raw(far_end.answer(number, request))
    assert phases == [Phase.STARTING_MONITORS, Phase.ASKING_DEVICES, Phase.COMPARING_CALLS]
    assert stage.session.phase is Phase.UP


def test_the_status_is_asked_for_until_the_switch_says_it() -> None:
    stage = Stage(FarEnd(replies={RequestSystemStatus: lambda _: NO_REPLY}), answer_seconds=2.0).start()
    assert stage.session.phase is Phase.WAITING_FOR_STATUS
    stage.pass_seconds(LOGIN_SECONDS_MAX - 1)
    assert len(stage.far_end.asked(RequestSystemStatus)) > 3
    assert stage.session.ended is None
    stage.pass_seconds(1)
    assert stage.session.ended == "the switch did not let us in, or say how it is, within 30 s"


def test_overload_spares_the_switch() -> None:
    """While it is not at work it is asked nothing but how it is."""
    stage = Stage().up()
    stage.say(SystemStatus(system_status=SystemStatusValue.OVERLOAD_IMMINENT), invoke_id=1)
    stage.session.ask_call(SwitchCallId("7"), ConnectionKey("8001"))
    stage.session.serve(ports("EXT 8001-8009"))
    stage.settle()
    stage.names()
    stage.far_end.status = SystemStatusValue.OVERLOAD_REACHED
    told = stage.pass_seconds(11.0)
    assert {name[5:] for name in stage.names()} == {"RequestSystemStatus"}
    assert told == ["link initialising: the switch says overloadReached"]
    stage.far_end.status = SystemStatusValue.NORMAL
    assert stage.pass_seconds(5.0)[-1] == "link up: 9 devices monitored"


def test_monitors_not_answered_by_a_switch_that_was_down_are_asked_for_at_once() -> None:
    """They timed out while it started; it does not refuse them."""
    stage = Stage(FarEnd(replies={MonitorStart: lambda _: NO_REPLY}), answer_seconds=2.0).start()
    stage.say(SystemStatus(system_status=SystemStatusValue.INITIALIZING), invoke_id=1)
    stage.far_end.status = SystemStatusValue.INITIALIZING
    stage.pass_seconds(2.5)  # and would be asked for again in half a second
    assert stage.session.ended is None
    stage.far_end.replies.clear()
    assert stage.say(SystemStatus(system_status=SystemStatusValue.NORMAL), invoke_id=2)[-1] == (
        "link up: 3 devices monitored"
    )


def test_many_refusals_are_counted() -> None:
    refused = {str(number) for number in range(8001, 8011)}
    stage = Stage(FarEnd(refuses=refused), port_cfg="EXT 8001-8020").start()
    assert stage.heard.reason.startswith("10 of 20 monitors refused (8001, 8002, 8003, 8004, 8005): ")
    assert REFUSED_NAMED_MAX == 5


def test_losses_are_said_once_until_they_are_mended() -> None:
    stage = Stage(FarEnd(replies={SnapshotDevice: lambda _: NO_REPLY})).start()
    assert stage.session.phase is Phase.ASKING_DEVICES
    lost = SystemStatus(system_status=SystemStatusValue.MESSAGES_LOST)
    told = stage.say(lost, lost, lost)
    assert of_kind(told, "alarm") == ["alarm switch_messages_lost: the switch says that messages were lost"]
    stage.far_end.replies.clear()
    told = stage.pass_seconds(60.0)
    assert of_kind(told, "link")[0] == "link degraded: the switch says that messages were lost"
    assert told[-1] == "link up: 3 devices monitored"
