"""The switch with its clients, wires and traffic, without a network."""

from gateway.links.csta_xml import messages as m
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.snapshots import call_table
from simulator.switch import Plan
from simulator.switch_site import Site
from simulator.traffic import Mix
from tests.simulator.conversation import QUIET, Conversation
from tests.simulator.stage import EXTENSIONS


def test_each_client_is_told_of_its_own_monitors() -> None:
    talk = Conversation()
    other = talk.connect()
    talk.ask(m.MonitorStart(device="1000"))
    talk.ask(m.MonitorStart(device="1001"), client=other)
    talk.act("call 1000 1001")
    assert talk.names() == ["ServiceInitiatedEvent", "OriginatedEvent", "DeliveredEvent"]
    assert talk.names(other) == ["DeliveredEvent"]


def test_monitors_may_report_in_any_order_among_them() -> None:
    talk = Conversation()
    for number in ("1000", "1001"):
        talk.ask(m.MonitorStart(device=number))
    talk.site.faults.set("shuffle_monitors", 1)
    orders = set()
    for _ in range(20):
        talk.act("call 1000 1001")
        orders.add(tuple(event.monitor_cross_ref_id for event in talk.messages() if isinstance(event, m.CallEvent)))
        talk.act("hangup 1000")
        talk.came()
    assert {tuple(sorted(order)) for order in orders} == {("00000001", "00000001", "00000001", "00000002")}
    assert len(orders) > 1


def test_a_client_that_leaves_takes_its_monitors_along() -> None:
    talk = Conversation()
    talk.ask(m.MonitorStart(device="1000"))
    talk.site.disconnect(talk.client)
    talk.site.disconnect(talk.client)
    assert len(talk.site.switch.monitors) == 0
    talk.act("call 1000 1001")
    assert talk.site.clients == []
    assert not talk.site.is_open(talk.client)


def test_there_is_room_for_so_many_clients() -> None:
    site = Site(Plan(extensions=EXTENSIONS), Habits(sessions_max=1), QUIET, Faults(), 1)
    assert site.connect(0) == 1
    assert site.connect(0) is None


def test_frozen_nothing_happens_and_no_time_passes_for_the_switch() -> None:
    talk = Conversation(mix=Mix(calls_per_second=20))
    for number in EXTENSIONS:
        talk.ask(m.MonitorStart(device=number))
    for _ in range(20):
        talk.pass_seconds(0.1)
    talk.site.freeze(talk.now_us)
    table, switch_time = call_table(talk.site.switch), talk.site.switch.now_us
    talk.came()
    talk.pass_seconds(100)
    assert call_table(talk.site.switch) == table
    assert talk.came() == []
    talk.site.thaw(talk.now_us)
    talk.pass_seconds(1)
    assert talk.site.switch.now_us == switch_time + 1_000_000
    assert call_table(talk.site.switch) != table


def test_freezing_sends_what_was_still_under_way() -> None:
    talk = Conversation()
    talk.site.faults.set("snapshot_delay_seconds", 2)
    talk.send(m.SnapshotDevice("1000"))
    assert talk.came() == []
    assert talk.site.deadline_us is not None
    talk.site.freeze(talk.now_us)
    assert talk.names() == ["SnapshotDeviceResponse"]
    assert talk.site.deadline_us is None


def test_a_frozen_switch_still_answers() -> None:
    talk = Conversation()
    talk.site.freeze(0)
    assert talk.ask(m.SnapshotDevice("1000")) == m.SnapshotDeviceResponse(snapshot=())


def test_every_client_is_told_of_a_status() -> None:
    talk = Conversation()
    other = talk.connect()
    talk.site.set_status(m.SystemStatusValue.OVERLOAD_REACHED, 0)
    assert talk.messages() == talk.messages(other) == [m.SystemStatus(m.SystemStatusValue.OVERLOAD_REACHED)]
    assert talk.ask(m.RequestSystemStatus()) == m.RequestSystemStatusResponse(m.SystemStatusValue.OVERLOAD_REACHED)


def test_the_deadline_is_the_next_thing_that_is_due() -> None:
    talk = Conversation(Habits(keep_alive_seconds=10))
    assert talk.site.deadline_us == 10_000_000
    talk.act("call 1000 0301234")
    assert talk.site.deadline_us == 2_000_000
    talk.pass_seconds(2)
    assert talk.site.switch.calls["1"].is_answered
