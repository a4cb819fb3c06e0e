"""A restart in the middle of anything: the story goes on under the same ids, and ends in the truth, once."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.causes import Cause
from model.core import CallModel
from model.events import CallEvent, CallEventKind
from model.ids import DeviceNumber, Microseconds
from model.states import DeviceState, LinkState
from tests.model.mini_switch import MiniSwitch
from tests.model.people import act, hang_up_all
from tests.model.test_core import EXTENSIONS, TRUNKS, Owner, assert_every_begun_call_ended_once, deliver


def restart(owner: Owner, switch: MiniSwitch, dice: Random) -> None:
    """The process is killed: what the monitors had not told yet is lost, people go on, a new process resumes."""
    before = owner.model.snapshot()
    for queue in switch.queues.values():
        queue.clear()
    for _ in range(dice.randrange(6)):
        act(switch, dice)
    for queue in switch.queues.values():
        queue.clear()
    owner.model = CallModel.resumed(owner.model.epoch, before, Microseconds(owner.now))
    assert owner.model.snapshot() == before
    owner.asks.clear()
    owner.verify_everything(switch)
    assert owner.table() == switch.table()


@given(seed=st.integers(0, 2**32), keeps_id=st.booleans())
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_a_restart_at_any_moment_ends_in_the_truth(seed: int, keeps_id: bool) -> None:
    dice = Random(seed)
    monitored = {*EXTENSIONS, *TRUNKS}
    switch, owner = MiniSwitch(EXTENSIONS, TRUNKS, monitored, keeps_id=keeps_id), Owner(monitored)
    for _ in range(3):
        for _ in range(dice.randrange(1, 15)):
            act(switch, dice)
            deliver(owner, switch, dice, 0.8)
        restart(owner, switch, dice)
    hang_up_all(switch)
    deliver(owner, switch, dice, 1.0)
    owner.verify_everything(switch)
    assert owner.table() == {}
    assert_every_begun_call_ended_once(owner.events)


def talking() -> tuple[MiniSwitch, Owner]:
    """8001 has called 8002, who has answered."""
    switch, owner = MiniSwitch(EXTENSIONS, TRUNKS, set(EXTENSIONS)), Owner(set(EXTENSIONS))
    dice = Random(1)
    switch.dial("8001", "8002")
    deliver(owner, switch, dice, 1.0)
    switch.answer(next(iter(switch.calls)), "8002")
    deliver(owner, switch, dice, 1.0)
    return switch, owner


def test_a_call_that_lives_keeps_its_id_and_its_conversation() -> None:
    switch, owner = talking()
    [call] = owner.model.snapshot().calls
    resumed = CallModel.resumed(7, owner.model.snapshot(), Microseconds(owner.now))
    assert resumed.number == owner.model.number
    assert resumed.device_state(DeviceNumber("8002")) is DeviceState.TALKING
    owner.model = resumed
    owner.verify_everything(switch)
    [after] = owner.model.snapshot().calls
    assert (after.call_id, after.conversation_id, after.began_us) == (call.call_id, call.conversation_id, call.began_us)


def test_a_call_that_ended_meanwhile_was_last_known_when_the_switch_last_spoke() -> None:
    switch, owner = talking()
    heard_us = Microseconds(owner.now)
    owner.model = CallModel.resumed(7, owner.model.snapshot(), heard_us)
    switch.hang_up(next(iter(switch.calls)), "8001")
    for queue in switch.queues.values():
        queue.clear()
    told = len(owner.events)
    owner.verify_everything(switch)
    [end] = [one for one in owner.events[told:] if isinstance(one, CallEvent)]
    assert (end.kind, end.cause) == (CallEventKind.RECONCILED, Cause.RECONCILED)
    assert end.last_proof_us == heard_us
    assert [call.ended for call in end.calls] == [True]


def test_a_link_that_was_up_proves_its_calls_until_the_switch_last_spoke() -> None:
    """An hour's call of which nothing was reported for an hour was there all the time: the link was up."""
    switch, owner = talking()
    switch.dial("8003", "8004")
    deliver(owner, switch, Random(1), 1.0)
    heard_us = Microseconds(owner.now)
    talk, _ = sorted(switch.calls)
    switch.hang_up(talk, "8001")
    for queue in switch.queues.values():
        queue.clear()
    owner.now += 60_000_000
    told = len(owner.events)
    owner.verify_everything(switch)
    ends = [one for one in owner.events[told:] if isinstance(one, CallEvent) and one.calls[0].ended]
    assert [end.last_proof_us for end in ends] == [heard_us]


def test_a_resumed_link_is_as_it_was_until_somebody_says_otherwise() -> None:
    _, owner = talking()
    resumed = CallModel.resumed(7, owner.model.snapshot(), Microseconds(owner.now))
    assert resumed.link.state is LinkState.UP
    step = resumed.link_changed(LinkState.DOWN, "starting", Microseconds(owner.now + 1))
    assert [event.number for event in step.events] == [owner.model.number + 1]
    assert resumed.device_state(DeviceNumber("8002")) is DeviceState.UNKNOWN


def reconnect_under_load(owner: Owner, switch: MiniSwitch, dice: Random) -> None:
    """A new connection: monitors begin one after the other, then devices are asked, and nobody waits with calling."""
    everyone = sorted(switch.monitored)
    switch.monitored.clear()
    for queue in switch.queues.values():
        queue.clear()
    owner.take(owner.model.link_changed(LinkState.DOWN, "cut", owner.time()))
    for _ in range(dice.randrange(6)):
        act(switch, dice)
    owner.take(owner.model.link_changed(LinkState.INITIALISING, "", owner.time()))
    for device in sorted(everyone, key=lambda _: dice.random()):
        switch.monitored.add(device)
        go_on(owner, switch, dice)
    for device in everyone:
        asked_us = owner.time()
        answer = switch.snapshot_device(device, asked_us, asked_us)
        deliver(owner, switch, dice, 1.0)
        owner.take(owner.model.report(replace(answer, received_us=owner.time())))
        go_on(owner, switch, dice)
        answer_some(owner, switch, dice)
    owner.take(owner.model.verify_calls(owner.time()))
    while owner.asks:
        answer_some(owner, switch, dice)
    owner.take(owner.model.link_changed(LinkState.UP, "", owner.time()))


def go_on(owner: Owner, switch: MiniSwitch, dice: Random) -> None:
    """Somebody does something, or nobody; its reports are heard."""
    if dice.random() < 0.6:
        act(switch, dice)
    deliver(owner, switch, dice, 1.0)


def answer_some(owner: Owner, switch: MiniSwitch, dice: Random) -> None:
    """Answers come in the order of the questions, after what was reported before them."""
    while owner.asks and dice.random() < 0.7:
        ask = owner.asks.pop(0)
        asked_us = owner.time()
        answer = switch.snapshot_call(ask.call, asked_us, asked_us)
        deliver(owner, switch, dice, 1.0)
        owner.take(owner.model.report(replace(answer, received_us=owner.time())))


@given(seed=st.integers(0, 2**32), keeps_id=st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_a_connection_made_again_under_load_leaves_no_ghost(seed: int, keeps_id: bool) -> None:
    reconnected(seed, keeps_id)


@pytest.mark.deep
@given(seed=st.integers(0, 2**48), keeps_id=st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_thousand_connections_made_again_leave_no_ghost(seed: int, keeps_id: bool) -> None:
    reconnected(seed, keeps_id)


def reconnected(seed: int, keeps_id: bool) -> None:
    """Two reconnections in the middle of calls; then all hang up, and a minute passes."""
    dice = Random(seed)
    monitored = {*EXTENSIONS, *TRUNKS}
    switch, owner = MiniSwitch(EXTENSIONS, TRUNKS, monitored, keeps_id=keeps_id), Owner(monitored)
    for _ in range(2):
        for _ in range(dice.randrange(1, 12)):
            go_on(owner, switch, dice)
        reconnect_under_load(owner, switch, dice)
    for _ in range(dice.randrange(12)):
        go_on(owner, switch, dice)
    hang_up_all(switch)
    deliver(owner, switch, dice, 1.0)
    for _ in range(4):
        owner.now += 15_000_000
        owner.take(owner.model.tick(Microseconds(owner.now)))
        while owner.asks:
            answer_some(owner, switch, dice)
    assert owner.table() == {}, "a minute later nothing is left of calls that are over"
    assert_every_begun_call_ended_once(owner.events)
