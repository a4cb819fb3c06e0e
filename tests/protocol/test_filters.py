"""Filtered snapshot + filtered stream = filtered state of the owner, from any number, for every filter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.centre_events import CentreEvent, Concern, ConcernKind
from model.centre_mirror import CentreMirror
from protocol.centre_codec import pack_centre_event
from protocol.codec import encode
from protocol.concerns import filter_name
from protocol.filters import Filter, call_passes, centre_filtered, filtered, names_wanted, parts_of, passes
from protocol.frame import pack_frame
from tests.protocol import samples
from tests.protocol.centre_samples import CentreWorld, as_filter, wanted_names
from tests.protocol.mirrors import Mirror, World, filters
from tests.protocol.samples import call, established, link_event, party


@given(filters, st.integers(0, 6), st.integers(0, 12), st.data())
def test_a_filtered_mirror_holds_the_filtered_state(
    wanted: Filter, before: int, after: int, data: st.DataObject
) -> None:
    world = World()
    for _ in range(before):
        world.step(data)
    mirror = Mirror(filtered(world.state, wanted), wanted)
    for _ in range(after):
        event = world.step(data)
        if passes(encode(event), wanted):
            mirror.take(event)
        else:
            mirror.passed(event.number)
        assert mirror.state == filtered(world.state, wanted)


@given(wanted_names, st.integers(0, 8), st.integers(0, 16), st.data())
def test_a_filtered_mirror_of_agents_and_queues_holds_the_filtered_state(
    wanted: frozenset[Concern] | None, before: int, after: int, data: st.DataObject
) -> None:
    """Agents, queues and devices of the same name are told apart."""
    world = CentreWorld()

    def choose(options: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(options))

    for _ in range(before):
        world.step(choose)
    names = as_filter(wanted)
    mirror = CentreMirror(centre_filtered(world.state, names), wanted)
    for _ in range(after):
        event = world.step(choose)
        if passes(pack_frame(*_frame_of(event)), names):
            mirror.apply(event)
        else:
            mirror.number = event.number
        assert mirror.snapshot() == centre_filtered(world.state, names)


def _frame_of(event: CentreEvent) -> tuple[int, int, int, bytes]:
    kind, body = pack_centre_event(event)
    return kind, 1, event.number, body


def test_what_a_subscription_names_is_one_filter() -> None:
    assert names_wanted(None, frozenset(), frozenset()) is None
    assert names_wanted(frozenset(), frozenset(), frozenset()) == frozenset()
    all_three = names_wanted(frozenset({"8001"}), frozenset({"8001"}), frozenset({"8001"}))
    assert all_three is not None
    assert len(all_three) == 3
    agent = frozenset({filter_name((ConcernKind.AGENT, "7001"))})
    assert names_wanted(None, frozenset({"7001"}), frozenset()) == agent


@pytest.mark.parametrize(
    ("wanted", "does"),
    [
        (None, True),
        (frozenset({"8002"}), True),
        (frozenset({"8003", "8001"}), True),
        (frozenset({"8003"}), False),
        (frozenset[str](), False),
    ],
)
def test_an_event_passes_by_a_device_it_concerns(wanted: Filter, does: bool) -> None:
    assert passes(encode(established(1)), wanted) is does
    assert passes(encode(link_event(2)), wanted) is True


def test_a_call_passes_by_its_trunk_too() -> None:
    outside = call(1, party("8001"), party("", trunk="T001"))
    assert call_passes(outside, frozenset({"T001"}))
    assert not call_passes(outside, frozenset({"T002"}))


def test_link_and_licence_are_part_of_every_snapshot() -> None:
    snapshot = samples.snapshot(7, ("8001", "8002"), (call(1, party("8001")), call(2, party("8002"))))
    small = filtered(snapshot, frozenset({"8002"}))
    assert small == replace(snapshot, devices=snapshot.devices[1:], calls=snapshot.calls[1:])
    assert parts_of(small) == (snapshot.link, snapshot.licence, snapshot.devices[1], snapshot.calls[1])
