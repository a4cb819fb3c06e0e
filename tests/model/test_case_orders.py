"""Short stories, told by every monitor, in any order between the monitors: the model ends in the truth, without a
mismatch and without a question. Random traffic (test_core) seldom lets a monitor lag through a whole story; here it
does."""

from collections.abc import Callable
from random import Random

import pytest

from model.states import ConnectionState
from tests.model.mini_switch import MiniSwitch
from tests.model.people import hang_up_all
from tests.model.test_core import EXTENSIONS, TRUNKS, Owner, assert_every_begun_call_ended_once

ORDERS = 60
"""Of each story; enough that each of two or three monitors is the slowest several times."""
ORDERS_DEEP = 2_000

Story = Callable[[MiniSwitch], None]
STORIES: dict[str, Story] = {}


def a_story(tell: Story) -> Story:
    STORIES[tell.__name__] = tell
    return tell


def talk(switch: MiniSwitch, a: str, b: str) -> str:
    call = switch.dial(a, b)
    switch.answer(call, b)
    return call


def consult(switch: MiniSwitch, call: str, a: str, c: str) -> str:
    """a holds the call and talks to c."""
    switch.hold(call, a)
    return talk(switch, a, c)


def now_called(switch: MiniSwitch, device: str) -> str:
    """The call a device is in now, by the id that a transfer gave it."""
    (found,) = switch.legs_of(device, ConnectionState.CONNECTED, ConnectionState.ALERTING)
    return found


@a_story
def answered(switch: MiniSwitch) -> None:
    talk(switch, "8001", "8002")


@a_story
def answered_and_over(switch: MiniSwitch) -> None:
    switch.hang_up(talk(switch, "8001", "8002"), "8002")


@a_story
def given_up(switch: MiniSwitch) -> None:
    switch.hang_up(switch.dial("8001", "8002"), "8001")


@a_story
def busy(switch: MiniSwitch) -> None:
    talk(switch, "8002", "8003")
    switch.dial("8001", "8002")


@a_story
def forwarded(switch: MiniSwitch) -> None:
    call = switch.dial("8001", "8002")
    switch.divert(call, "8002", "8003")
    switch.answer(call, "8003")


@a_story
def held_twice_by_both(switch: MiniSwitch) -> None:
    call = talk(switch, "8001", "8002")
    for _ in range(2):
        switch.hold(call, "8001")
        switch.hold(call, "8002")
        switch.retrieve(call, "8001")
        switch.retrieve(call, "8002")


@a_story
def from_outside_and_to_the_outside(switch: MiniSwitch) -> None:
    call = switch.ring_in("T001", "138000", "8001")
    switch.answer(call, "8001")
    switch.hang_up(call, "8001")
    switch.hang_up(switch.dial_out("8001", "T002", "139000"), "T002")


@a_story
def consulted_and_back(switch: MiniSwitch) -> None:
    call = talk(switch, "8002", "8001")
    switch.hang_up(consult(switch, call, "8001", "8003"), "8003")
    switch.retrieve(call, "8001")


@a_story
def transferred(switch: MiniSwitch) -> None:
    call = talk(switch, "8002", "8001")
    switch.transfer(call, consult(switch, call, "8001", "8003"), "8001")


@a_story
def transferred_while_it_rings(switch: MiniSwitch) -> None:
    call = talk(switch, "8002", "8001")
    switch.hold(call, "8001")
    switch.transfer(call, switch.dial("8001", "8003"), "8001")
    switch.answer(now_called(switch, "8003"), "8003")


@a_story
def transferred_in_one_step(switch: MiniSwitch) -> None:
    switch.blind_transfer(talk(switch, "8002", "8001"), "8001", "8003")
    switch.answer(now_called(switch, "8003"), "8003")


@a_story
def transferred_from_outside(switch: MiniSwitch) -> None:
    call = switch.ring_in("T001", "138000", "8001")
    switch.answer(call, "8001")
    switch.transfer(call, consult(switch, call, "8001", "8003"), "8001")


@a_story
def transferred_twice(switch: MiniSwitch) -> None:
    call = talk(switch, "8002", "8001")
    switch.transfer(call, consult(switch, call, "8001", "8003"), "8001")
    call = now_called(switch, "8003")
    switch.transfer(call, consult(switch, call, "8003", "8004"), "8003")


@a_story
def conferenced(switch: MiniSwitch) -> None:
    call = talk(switch, "8002", "8001")
    switch.conference(call, consult(switch, call, "8001", "8003"), "8001")


@a_story
def conferenced_and_left(switch: MiniSwitch) -> None:
    conferenced(switch)
    switch.hang_up(now_called(switch, "8001"), "8001")


def tell(owner: Owner, switch: MiniSwitch, dice: Random) -> None:
    """All that the monitors have to tell; one of them may be much slower than the others."""
    slow = dice.choice([None, *sorted(switch.queues)])
    while waiting := sorted(monitor for monitor, queue in switch.queues.items() if queue):
        quick = [monitor for monitor in waiting if monitor != slow] or waiting
        monitor = dice.choice(quick if dice.random() < 0.9 else waiting)
        owner.report(switch.queues[monitor].popleft())


def run(story: Story, keeps_id: bool, seed: int) -> None:
    dice = Random(seed)
    everybody = {*EXTENSIONS, *TRUNKS}
    switch, owner = MiniSwitch(EXTENSIONS, TRUNKS, everybody, keeps_id=keeps_id), Owner(everybody)
    story(switch)
    tell(owner, switch, dice)
    assert owner.table() == switch.table(), f"order {seed}"
    hang_up_all(switch)
    tell(owner, switch, dice)
    assert owner.table() == {}, f"order {seed}"
    assert (owner.model.counts.get("mismatch", 0), owner.asks) == (0, []), f"order {seed}"
    assert_every_begun_call_ended_once(owner.events)


@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_in_any_order_of_the_monitors(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS):
        run(STORIES[name], keeps_id, seed)


@pytest.mark.deep
@pytest.mark.parametrize("keeps_id", [False, True], ids=["new ids", "keeps ids"])
@pytest.mark.parametrize("name", STORIES)
def test_in_very_many_orders_of_the_monitors(name: str, keeps_id: bool) -> None:
    for seed in range(ORDERS_DEEP):
        run(STORIES[name], keeps_id, seed)
