"""Random traffic: seeded, every call ends, and the accounts agree with what was told."""

from collections import Counter

from gateway.links.csta_xml import messages as m
from simulator.devices import DeviceKind
from simulator.monitors import Monitor
from simulator.snapshots import call_table
from simulator.switch import SECOND_US, Plan, Switch
from simulator.traffic import Mix, Traffic
from tests.simulator.watcher import Watcher

PLAN = Plan(
    extensions=tuple(str(number) for number in range(1000, 1060)),
    trunks=12,
    pilots=(("6000", ("1050", "1051", "1052")),),
    outside_answers_seconds=None,
)
BUSY = Mix(calls_per_second=8, transfer=0.2, conference=0.1, single_step=0.1, hold=0.2)


def run(traffic: Traffic, switch: Switch, until_seconds: float) -> None:
    while (
        due_us := min((t for t in (switch.deadline_us, traffic.deadline_us) if t is not None), default=None)
    ) is not None:
        if due_us > until_seconds * SECOND_US:
            break
        switch.pass_time(due_us)
        traffic.pass_time(due_us)
    switch.pass_time(int(until_seconds * SECOND_US))


def test_every_call_ends_and_every_monitor_believes_what_is() -> None:
    switch = Switch(PLAN)
    watchers: dict[str, Watcher] = {}
    for device in switch.devices.values():
        monitor = switch.monitors.start(1, device, None, None)
        assert isinstance(monitor, Monitor)
        watchers[monitor.cross_ref_id] = Watcher(device.device_id, device.kind is DeviceKind.TRUNK)
    traffic = Traffic(switch, BUSY, seed=3)
    kinds: Counter[m.CallEventKind] = Counter()
    for second in range(1, 121):
        run(traffic, switch, second)
        for report in switch.take_reports():
            if isinstance(report.event, m.CallEvent):
                watchers[report.event.monitor_cross_ref_id].see(report.event)
                kinds[report.event.kind] += 1
        believed = {
            (call_id, watcher.device_id): state.value
            for watcher in watchers.values()
            for call_id, state in watcher.calls.items()
        }
        table = call_table(switch)
        assert believed == {
            (call_id, device): state for call_id, states in table.items() for device, state in states.items()
        }
        if second == 90:
            traffic.is_on = False
    assert traffic.running == 0
    assert switch.calls == {}
    account = switch.account
    assert account.begun == account.ended > 500
    assert account.answered > 0.6 * account.begun
    never_in_traffic = {m.CallEventKind.CALL_CLEARED, m.CallEventKind.OFFERED, m.CallEventKind.BRIDGED,
                        m.CallEventKind.DIGITS_DIALED, m.CallEventKind.CALL_INFORMATION}  # fmt: skip
    assert set(kinds) == set(m.CallEventKind) - never_in_traffic


def test_the_same_seed_makes_the_same_calls() -> None:
    accounts = []
    for seed in (5, 5, 6):
        switch = Switch(PLAN)
        run(Traffic(switch, BUSY, seed), switch, 20)
        accounts.append(switch.account.as_json())
    assert accounts[0] == accounts[1] != accounts[2]


def test_attempts_that_find_nobody_free_are_counted() -> None:
    switch = Switch(Plan(extensions=("1000", "1001"), trunks=1))
    run(Traffic(switch, Mix(calls_per_second=20), seed=1), switch, 20)
    assert switch.account.blocked > 100
    assert switch.account.begun > 0


def test_calls_come_at_the_rate_asked_for() -> None:
    switch = Switch(Plan(extensions=tuple(str(number) for number in range(1000, 2000)), trunks=400))
    run(Traffic(switch, Mix(calls_per_second=50, transfer=0, conference=0, single_step=0), seed=1), switch, 60)
    assert 2700 < switch.account.begun < 3300
    assert switch.account.blocked < 10


def test_no_rate_no_calls() -> None:
    switch = Switch(PLAN)
    traffic = Traffic(switch, Mix(calls_per_second=0), seed=1)
    assert traffic.deadline_us is None
    traffic.pass_time(10**9)
    assert switch.account.begun == 0
