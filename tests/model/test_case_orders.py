"""Short stories, told by every monitor, in any order between the monitors.

Random traffic (test_core) seldom lets a monitor lag through a whole story; here it does. Monitors that keep up with
what people do: the model ends in the truth, without a mismatch and without a question. One that lags through the
whole story, or all of them: it ends in the truth, if need be by asking.
"""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from model.states import ConnectionState
from tests.model.mini_switch import MiniSwitch
from tests.model.people import hang_up_all
from tests.model.test_core import EXTENSIONS, TRUNKS, Owner, assert_every_begun_call_ended_once

ORDERS = 60
"""Of each story; enough that each of two or three monitors is the slowest several times."""
ORDERS_DEEP = 1_000

Story = Callable[[MiniSwitch], Iterator[None]]
"""What people do; between two things that they do the monitors may tell."""
STORIES: dict[str, Story] = {}


def a_story(tell: Story) -> Story:
    STORIES[tell.__name__] = tell
    return tell


def now_called(switch: MiniSwitch, device: str) -> str:
    """The call a device is in now, by the id that a transfer gave it."""
    (found,) = switch.legs_of(device, ConnectionState.CONNECTED, ConnectionState.ALERTING)
    return found


def talk(switch: MiniSwitch, a: str, b: str) -> Iterator[None]:
    call = switch.dial(a, b)
    yield
    switch.answer(call, b)
    yield


def hold_and_talk(switch: MiniSwitch, a: str, c: str) -> Iterator[None]:
    switch.hold(now_called(switch, a), a)
    yield
    yield from talk(switch, a, c)


def held_and_active(switch: MiniSwitch, a: str) -> tuple[str, str]:
    (held,) = switch.legs_of(a, ConnectionState.HOLD)
    return held, now_called(switch, a)


@a_story
def answered_and_over(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8001", "8002")
    switch.hang_up(now_called(switch, "8001"), "8002")


@a_story
def given_up(switch: MiniSwitch) -> Iterator[None]:
    call = switch.dial("8001", "8002")
    yield
    switch.hang_up(call, "8001")


@a_story
def busy(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8003")
    switch.dial("8001", "8002")


@a_story
def forwarded(switch: MiniSwitch) -> Iterator[None]:
    call = switch.dial("8001", "8002")
    yield
    switch.divert(call, "8002", "8003")
    yield
    switch.answer(call, "8003")


@a_story
def held_twice_by_both(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8001", "8002")
    call = now_called(switch, "8001")
    for act in (switch.hold, switch.retrieve) * 2:
        for one in ("8001", "8002"):
            act(call, one)
            yield


@a_story
def from_outside_and_to_the_outside(switch: MiniSwitch) -> Iterator[None]:
    call = switch.ring_in("T001", "138000", "8001")
    yield
    switch.answer(call, "8001")
    yield
    switch.hang_up(call, "8001")
    yield
    call = switch.dial_out("8001", "T002", "139000")
    yield
    switch.hang_up(call, "T002")


@a_story
def consulted_and_back(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8001")
    yield from hold_and_talk(switch, "8001", "8003")
    held, active = held_and_active(switch, "8001")
    switch.hang_up(active, "8003")
    yield
    switch.retrieve(held, "8001")


@a_story
def transferred(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8001")
    yield from hold_and_talk(switch, "8001", "8003")
    switch.transfer(*held_and_active(switch, "8001"), "8001")


@a_story
def transferred_while_it_rings(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8001")
    held = now_called(switch, "8001")
    switch.hold(held, "8001")
    yield
    active = switch.dial("8001", "8003")
    yield
    switch.transfer(held, active, "8001")
    yield
    switch.answer(now_called(switch, "8003"), "8003")


@a_story
def transferred_in_one_step(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8001")
    switch.blind_transfer(now_called(switch, "8001"), "8001", "8003")
    yield
    switch.answer(now_called(switch, "8003"), "8003")


@a_story
def transferred_from_outside(switch: MiniSwitch) -> Iterator[None]:
    call = switch.ring_in("T001", "138000", "8001")
    yield
    switch.answer(call, "8001")
    yield
    yield from hold_and_talk(switch, "8001", "8003")
    switch.transfer(*held_and_active(switch, "8001"), "8001")


@a_story
def transferred_twice(switch: MiniSwitch) -> Iterator[None]:
    yield from transferred(switch)
    yield
    yield from hold_and_talk(switch, "8003", "8004")
    switch.transfer(*held_and_active(switch, "8003"), "8003")


@a_story
def conferenced(switch: MiniSwitch) -> Iterator[None]:
    yield from talk(switch, "8002", "8001")
    yield from hold_and_talk(switch, "8001", "8003")
    switch.conference(*held_and_active(switch, "8001"), "8001")


@a_story
def conferenced_and_left(switch: MiniSwitch) -> Iterator[None]:
    yield from conferenced(switch)
    yield
    switch.hang_up(now_called(switch, "8001"), "8001")


def tell(owner: Owner, switch: MiniSwitch, dice: Random, silent: str = "") -> None:
    """All that the monitors have to tell, in any order; but for one that is silent for now."""
    while waiting := sorted(monitor for monitor, queue in switch.queues.items() if queue and monitor != silent):
        owner.report(switch.queues[dice.choice(waiting)].popleft())


class Site:
    """A switch with every device monitored, and the model that hears of it."""

    def __init__(self, keeps_id: bool, seed: int) -> None:
        everybody = {*EXTENSIONS, *TRUNKS}
        self.dice = Random(seed)
        self.switch = MiniSwitch(EXTENSIONS, TRUNKS, everybody, keeps_id=keeps_id)
        self.owner = Owner(everybody)

    def tell(self, silent: str = "") -> None:
        tell(self.owner, self.switch, self.dice, silent)

    def end(self) -> None:
        hang_up_all(self.switch)
        self.tell()


def in_time(name: str, keeps_id: bool, seed: int) -> None:
    """At every pause all monitors have told everything, but not in the order in which it happened."""
    site = Site(keeps_id, seed)
    for _ in STORIES[name](site.switch):
        site.tell()
        assert site.owner.table() == site.switch.table(), f"order {seed}"
    site.tell()
    assert site.owner.table() == site.switch.table(), f"order {seed}"
    site.end()
    assert site.owner.table() == {}, f"order {seed}"
    assert (site.owner.model.counts.get("mismatch", 0), site.owner.asks) == (0, []), f"order {seed}"
    assert_every_begun_call_ended_once(site.owner.events)


def with_one_that_lags(name: str, keeps_id: bool, seed: int) -> None:
    """One monitor says nothing until all is over; then it tells the whole story. Nobody is asked before that."""
    site = Site(keeps_id, seed)
    silent = site.dice.choice(sorted(site.switch.queues))
    for _ in STORIES[name](site.switch):
        site.tell(silent)
    site.tell(silent)
    site.tell()
    site.owner.settle(site.switch)
    assert site.owner.table() == site.switch.table(), f"order {seed}, {silent} lags"
    site.end()
    site.owner.settle(site.switch)
    assert site.owner.table() == {}, f"order {seed}, {silent} lags"
    assert_every_begun_call_ended_once(site.owner.events)


def all_afterwards(name: str, keeps_id: bool, seed: int) -> None:
    """Nobody says anything until all is over; then all tell at once."""
    site = Site(keeps_id, seed)
    for _ in STORIES[name](site.switch):
        continue
    site.tell()
    site.owner.settle(site.switch)
    assert site.owner.table() == site.switch.table(), f"order {seed}"
    site.end()
    site.owner.settle(site.switch)
    assert site.owner.table() == {}, f"order {seed}"
    assert_every_begun_call_ended_once(site.owner.events)


@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_monitors_that_keep_up(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS):
        in_time(name, keeps_id, seed)


@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_a_monitor_that_lags_through_the_whole_story(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS):
        with_one_that_lags(name, keeps_id, seed)


@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_monitors_that_tell_all_afterwards(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS):
        all_afterwards(name, keeps_id, seed)


@pytest.mark.deep
@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_very_many_orders(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS_DEEP):
        in_time(name, keeps_id, seed)
        with_one_that_lags(name, keeps_id, seed)
        all_afterwards(name, keeps_id, seed)
