"""Mirrors: a snapshot and the events after it make the owner's state again, with any filter."""

import pytest

from model.events import CallEvent, Event
from model.ids import DeviceNumber, Microseconds
from model.mirror import Mirror
from model.states import LinkState
from model.view import Licence, Snapshot
from tests.model.transcript import Stage

LINES = """
8001: originated 1:8001 calling=8001 called=8002
8001: delivered 1:8002 calling=8001 called=8002
8002: established 1:8002
8003: delivered 2:8003 calling=13800 called=8003 from=T001 calling_trunk=T001
device 8004 do_not_disturb_on
8003: established 2:8003
8003: held 2:8003
8003: originated 3:8003 calling=8003 called=8004
8004: delivered 3:8004 calling=8003 called=8004
8004: established 3:8004
8003: transferred 2:8003 3:8003 by=8003 to=8004 list 2:T001>4:T001=13800 3:8004>4:8004
link down
link up
8004: connection_cleared 4:8004
8001: connection_cleared 1:8001
8002: connection_cleared 1:8002
""".strip().splitlines()

FILTERS = [None, *map(frozenset, ([], ["8001"], ["8003"], ["8004"], ["T001"], ["8001", "T001"], ["13800"], ["7777"]))]


class Told:
    """A stage whose events and snapshots are kept: the snapshot at each number of the stream."""

    def __init__(self) -> None:
        self.stage = Stage("8001", "8002", "8003", "8004", trunks=("T001",))
        self.events: list[Event] = []
        self.at: list[Snapshot] = [self.stage.model.snapshot()]
        for line in LINES:
            self.stage.now += 100_000
            step = self.stage.run(line)
            assert len(step.events) == 1, line
            self.events += step.events
            self.at.append(self.stage.model.snapshot())


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def concerns(event: Event, wanted: frozenset[str] | None) -> bool:
    """The filter as a server applies it: what the event alone says of its devices."""
    if wanted is None or not isinstance(event, CallEvent):
        return True
    return any(change.device in wanted for change in event.devices)


def of_filter(wanted: frozenset[str] | None) -> frozenset[DeviceNumber] | None:
    return None if wanted is None else frozenset(map(DeviceNumber, wanted))


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "all" if wanted is None else "+".join(sorted(wanted)))
def test_the_filtered_stream_makes_the_filtered_snapshot_at_every_number(
    wanted: frozenset[str] | None, told: Told
) -> None:
    mirror = Mirror(told.at[0], of_filter(wanted))
    for event, snapshot in zip(told.events, told.at[1:], strict=True):
        if concerns(event, wanted):
            mirror.apply(event)
        owner = Mirror(snapshot, of_filter(wanted))
        assert (mirror.calls, mirror.devices, mirror.link) == (owner.calls, owner.devices, owner.link)


def test_one_can_join_at_any_number(told: Told) -> None:
    for start, snapshot in enumerate(told.at):
        mirror = Mirror(snapshot)
        for event in told.events[start:]:
            mirror.apply(event)
        assert mirror.snapshot() == told.at[-1]


def test_without_a_filter_the_mirror_gives_the_owner_s_snapshot(told: Told) -> None:
    mirror = Mirror(told.at[0])
    for event, snapshot in zip(told.events, told.at[1:], strict=True):
        mirror.apply(event)
        assert mirror.snapshot() == snapshot


def test_a_call_comes_into_a_filter_and_leaves_it(told: Told) -> None:
    """8004 is in it from the consultation on; 8003 is out of it by the transfer, before the call is over."""
    held = {wanted: Mirror(told.at[0], frozenset({DeviceNumber(wanted)})) for wanted in ("8003", "8004")}
    seen: dict[str, list[list[str]]] = {"8003": [], "8004": []}
    for event in told.events[8:11]:  # the consultation rings, is answered, the transfer
        for wanted, mirror in held.items():
            mirror.apply(event)
            seen[wanted].append(sorted(call.switch_call_id for call in mirror.calls.values()))
    assert seen["8004"] == [["3"], ["3"], ["4"]]
    assert seen["8003"][-1] == []


def test_a_device_that_is_removed_leaves(told: Told) -> None:
    stage = Stage("8001", "8002")
    mirror = Mirror(stage.model.snapshot())
    for event in stage.model.configure(stage.devices[:1], Microseconds(1)).events:
        mirror.apply(event)
    assert set(mirror.devices) == {"8001"}
    assert mirror.snapshot() == stage.model.snapshot()


def test_link_and_licence_are_replaced() -> None:
    stage = Stage("8001")
    mirror = Mirror(stage.model.snapshot())
    granted = Licence("valid", "Example", 64, 1, "")
    for step in (
        stage.model.link_changed(LinkState.DEGRADED, "no answer to keep-alives", Microseconds(1)),
        stage.model.licence_changed(granted, Microseconds(2)),
    ):
        for event in step.events:
            mirror.apply(event)
    assert mirror.link.state is LinkState.DEGRADED
    assert mirror.licence == granted
    assert mirror.number == stage.model.number


def test_trouble_is_replaced_and_taken_away() -> None:
    stage = Stage("8001")
    mirror = Mirror(stage.model.snapshot())
    for step in (
        stage.model.condition("journal_unwritable", "", "no space left", Microseconds(1)),
        stage.model.condition("consumer_behind", "cdr", "much waits", Microseconds(2)),
        stage.model.condition("journal_unwritable", "", "read-only", Microseconds(3)),
        stage.model.condition("consumer_behind", "cdr", None, Microseconds(4)),
    ):
        for event in step.events:
            mirror.apply(event)
    assert mirror.snapshot() == stage.model.snapshot()
    assert [one.text for one in mirror.conditions.values()] == ["read-only"]


def test_a_mismatch_changes_only_the_number() -> None:
    stage = Stage("8001")
    mirror = Mirror(stage.model.snapshot())
    before = mirror.snapshot()
    step = stage.run("8001: connection_cleared 9:8001")
    for event in step.events:
        mirror.apply(event)
    assert mirror.number == before.number + 1
    assert (mirror.snapshot().calls, mirror.snapshot().devices) == (before.calls, before.devices)
