"""The busy site of the bench: as many calls as asked for, and events that change them, one for each report."""

from bench.busy_site import BusySite
from model.events import CallEventKind
from model.states import ConnectionState


def test_it_has_the_calls_asked_for_and_a_snapshot_of_them() -> None:
    snapshot = BusySite(50).model.snapshot()
    assert len(snapshot.calls) == 50
    assert len(snapshot.devices) == 50
    assert snapshot.link.state.is_up


def test_each_report_is_one_event_by_turns_held_and_retrieved() -> None:
    site = BusySite(3)
    steps = [site.model.report(site.next_report()).events for _ in range(6)]
    kinds = [event.kind for events in steps for event in events if hasattr(event, "kind")]
    assert kinds == [CallEventKind.HELD] * 3 + [CallEventKind.RETRIEVED] * 3
    states = {party.state for call in site.model.snapshot().calls for party in call.connections}
    assert states == {ConnectionState.CONNECTED}


def test_a_value_that_did_not_change_is_the_same_object_in_the_next_snapshot() -> None:
    site = BusySite(10)
    before = site.model.snapshot()
    site.model.report(site.next_report())
    after = site.model.snapshot()
    assert sum(old is new for old, new in zip(before.calls, after.calls, strict=True)) == 9
    assert all(old is new for old, new in zip(before.devices, after.devices, strict=True))
