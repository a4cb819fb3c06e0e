"""The six invariants of the call model, over random histories and every order of the monitors' reports."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.core import CallModel
from model.events import CallEvent, Event
from model.ids import CallId, DeviceNumber, Microseconds
from model.mirror import Mirror
from model.record import CallRecord, Leg
from model.reports import CallReport, Report, TransferReport
from model.state import AskCall, Step
from model.states import ConnectionState, LinkState, PortKind
from model.switch_ids import TOMBSTONE_US
from model.view import Device, Licence, Link
from tests.model.mini_switch import MiniSwitch
from tests.model.people import act, hang_up_all
from tests.uncollected import uncollected

EXTENSIONS = ["8001", "8002", "8003", "8004", "8005"]
TRUNKS = ["T001", "T002"]
FILTER = frozenset({DeviceNumber("8001"), DeviceNumber("T001")})


class Owner:
    """A call model, mirrors that follow it, and a clock that ticks a millisecond at every report."""

    def __init__(self, monitored: set[str]) -> None:
        self.model = CallModel(
            7, Link(LinkState.DOWN, "test", "", Microseconds(0)), Licence("evaluation", "", 32, 5, "")
        )
        self.now = 1_000_000
        self.events: list[Event] = []
        self.asks: list[AskCall] = []
        self.mirror = Mirror(self.model.snapshot())
        self.filtered = Mirror(self.model.snapshot(), FILTER)
        kinds = [(n, PortKind.EXT) for n in EXTENSIONS] + [(n, PortKind.TRUNK) for n in TRUNKS]
        self.take(
            self.model.configure(
                [Device(DeviceNumber(n), kind, "", "", monitored=n in monitored) for n, kind in kinds], self.time()
            )
        )
        self.take(self.model.link_changed(LinkState.UP, "", self.time()))

    def time(self) -> Microseconds:
        self.now += 1_000
        return Microseconds(self.now)

    def report(self, report: Report) -> None:
        assert isinstance(report, CallReport | TransferReport)
        self.take(self.model.report(replace(report, received_us=self.time())))

    def take(self, step: Step) -> None:
        for event in step.events:
            assert event.number == self.mirror.number + 1
            self.mirror.apply(event)
            if passes(event, FILTER):
                self.filtered.apply(event)
            self.events.append(event)
        self.asks += [ask for ask in step.asks if isinstance(ask, AskCall)]
        snapshot = self.model.snapshot()
        assert self.mirror.snapshot() == snapshot
        assert self.filtered.calls == Mirror(snapshot, FILTER).calls
        for call in snapshot.calls:
            assert call.connections, f"call without connections: {call}"
        for number in EXTENSIONS:
            legs = [leg for leg in self.model.legs_of(DeviceNumber(number)) if leg.state is ConnectionState.CONNECTED]
            assert len(legs) <= 1, f"{number} is connected twice"

    def settle(self, switch: MiniSwitch) -> None:
        """Let time pass and answer the model's questions with the truth until it has none."""
        for _ in range(20):
            self.now += 15_000_000
            self.take(self.model.tick(Microseconds(self.now)))
            while self.asks:
                ask = self.asks.pop()
                asked_us = self.time()
                self.take(self.model.report(switch.snapshot_call(ask.call, asked_us, self.time())))
            if self.table() == switch.table():
                return

    def verify_everything(self, switch: MiniSwitch) -> None:
        """What the gateway does when the link is back: the link is lost, then snapshots of all devices."""
        for _ in range(3):
            self.take(self.model.link_changed(LinkState.DOWN, "cut", self.time()))
            for device in sorted(switch.monitored):
                asked_us = self.time()
                self.take(self.model.report(switch.snapshot_device(device, asked_us, self.time())))
            self.take(self.model.verify_calls(self.time()))
            self.take(self.model.link_changed(LinkState.UP, "", self.time()))
            self.settle(switch)

    def table(self) -> dict[str, dict[str, ConnectionState]]:
        return {
            call.switch_call_id: {connection.key: connection.state for connection in call.connections}
            for call in self.model.snapshot().calls
        }


def passes(event: Event, wanted: frozenset[DeviceNumber]) -> bool:
    """The filter, as a function of the event alone."""
    if isinstance(event, CallEvent):
        return any(change.device in wanted for change in event.devices)
    return True


def deliver(owner: Owner, switch: MiniSwitch, dice: Random, share: float) -> None:
    """Take reports from the monitors' queues in random order; ``share`` of the steps go on."""
    waiting = sorted(m for m, q in switch.queues.items() if q)
    while waiting and dice.random() < share:
        monitor = dice.choice(waiting)
        owner.report(switch.queues[monitor].popleft())
        waiting = sorted(m for m, q in switch.queues.items() if q)


def assert_every_begun_call_ended_once(events: list[Event]) -> None:
    begun: set[CallId] = set()
    ended: list[CallId] = []
    for event in events:
        if isinstance(event, CallEvent):
            begun |= {call.call_id for call in event.calls}
            ended += [call.call_id for call in event.calls if call.ended]
    assert sorted(ended) == sorted(begun)


@given(seed=st.integers(0, 2**32), keeps_id=st.booleans(), trunks_monitored=st.booleans())
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_clean_traffic_in_any_order_of_monitors(seed: int, keeps_id: bool, trunks_monitored: bool) -> None:
    clean_traffic(seed, keeps_id, trunks_monitored, steps=60)


def clean_traffic(seed: int, keeps_id: bool, trunks_monitored: bool, steps: int, reuses_ids: bool = False) -> Owner:
    dice = Random(seed)
    monitored = {*EXTENSIONS, *(TRUNKS if trunks_monitored else ())}
    switch, owner = (
        MiniSwitch(EXTENSIONS, TRUNKS, monitored, keeps_id=keeps_id, reuses_ids=reuses_ids),
        Owner(monitored),
    )
    for _ in range(steps):
        act(switch, dice)
        deliver(owner, switch, dice, dice.choice((0.3, 0.8, 0.95)))
        if dice.random() < 0.2:
            deliver(owner, switch, dice, 1.0)
            if not trunks_monitored:
                owner.settle(switch)
            assert owner.table() == switch.table()
    hang_up_all(switch)
    deliver(owner, switch, dice, 1.0)
    if not trunks_monitored:
        owner.settle(switch)
    assert owner.table() == {}
    assert owner.model.counts.get("mismatch", 0) == 0
    assert not trunks_monitored or owner.asks == []
    assert_every_begun_call_ended_once(owner.events)
    return owner


@given(seed=st.integers(0, 2**32), keeps_id=st.booleans(), trunks_monitored=st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_lost_doubled_and_reordered_reports_end_in_the_truth(seed: int, keeps_id: bool, trunks_monitored: bool) -> None:
    dirty_traffic(seed, keeps_id, trunks_monitored, steps=40)


def dirty_traffic(seed: int, keeps_id: bool, trunks_monitored: bool, steps: int, reuses_ids: bool = False) -> Owner:
    dice = Random(seed)
    monitored = {*EXTENSIONS, *(TRUNKS if trunks_monitored else ())}
    switch, owner = (
        MiniSwitch(EXTENSIONS, TRUNKS, monitored, keeps_id=keeps_id, reuses_ids=reuses_ids),
        Owner(monitored),
    )
    for _ in range(steps):
        act(switch, dice)
        for queue in switch.queues.values():
            if queue and dice.random() < 0.2:
                spoil(queue, dice)
        deliver(owner, switch, dice, 0.8)
    deliver(owner, switch, dice, 1.0)
    owner.verify_everything(switch)
    assert owner.table() == switch.table()
    hang_up_all(switch)
    deliver(owner, switch, dice, 1.0)
    owner.verify_everything(switch)
    assert owner.table() == {}
    assert_every_begun_call_ended_once(owner.events)
    return owner


def spoil(queue: deque[Report], dice: Random) -> None:
    """Lose, double or swap a report."""
    match dice.choice(("lose", "double", "swap")):
        case "lose":
            queue.popleft()
        case "double":
            queue.appendleft(queue[0])
        case "swap" if len(queue) > 1:
            queue[0], queue[1] = queue[1], queue[0]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("traffic", [clean_traffic, dirty_traffic])
def test_ended_calls_leave_nothing_to_the_garbage_collector(traffic: Callable[..., Owner], seed: int) -> None:
    """What only the collector frees gathers for minutes, and the process has grown by then."""
    with uncollected(CallRecord, Leg) as left:
        owner = traffic(seed, keeps_id=bool(seed % 2), trunks_monitored=False, steps=100)
        owner.now += TOMBSTONE_US
        owner.take(owner.model.tick(Microseconds(owner.now)))
        assert left() == []


@pytest.mark.parametrize("seed", range(5))
def test_many_clean_calls_raise_no_mismatch(seed: int) -> None:
    clean_traffic(seed, keeps_id=bool(seed % 2), trunks_monitored=True, steps=600)
