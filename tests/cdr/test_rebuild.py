"""Rows made again from the streams are the rows that the daemon wrote; what differs is said field by field."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cdr.ledger.ledger import CTI, Ledger
from cdr.rebuild import Key, Rebuild, differences, key_of, without_revision
from cdr.records import ConversationRecord, LegRecord, Record
from model.ids import EventId
from tests.cdr.ledger.stage import EPOCH, records_of, traffic
from tests.cdr.ledger.test_ledger import cti_of
from tests.cdr.sample_records import at, conversation, leg


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 40))
def test_rebuild_equals_live(seed: int) -> None:
    stream, _ = traffic(seed, 20)
    live = {key_of(one): one for one in records_of(stream)}
    rebuild = Rebuild("")
    rebuild.take_snapshot(EPOCH, stream.snapshot)
    for event in stream.events:
        rebuild.take(EPOCH, event)
    rebuild.close()
    assert rebuild.rows() == live
    assert list(differences(rebuild.rows(), live)) == []


def test_with_another_stream_s_events_the_rows_are_the_same_as_if_all_had_come_live() -> None:
    stream, _ = traffic(2, 20)
    told = cti_of(stream, 2)
    ledger = Ledger([CTI])
    ledger.take_snapshot(EPOCH, stream.snapshot)
    for event in stream.events:
        ledger.take(EPOCH, event)
    for one in told:
        ledger.take_centre(CTI, 1, one)
    live = {key_of(one): without_revision(one) for one in ledger.take_records()}
    rebuild = Rebuild("", {CTI: told})
    rebuild.take_snapshot(EPOCH, stream.snapshot)
    for event in stream.events:
        rebuild.take(EPOCH, event)
    rebuild.close()
    assert {key: without_revision(one) for key, one in rebuild.rows().items()} == live


def test_only_what_began_within_and_was_over_by_a_place() -> None:
    stream, _ = traffic(3, 20)
    middle = len(stream.events) // 2
    whole = Rebuild("")
    whole.take_snapshot(EPOCH, stream.snapshot)
    late = Rebuild("")
    for at_number, event in enumerate(stream.events):
        whole.take(EPOCH, event)
        if at_number == middle:
            snapshot = replace(stream.snapshot, number=event.number)
            late.take_snapshot(EPOCH, snapshot)
        elif at_number > middle:
            late.take(EPOCH, event)
    place = EventId(EPOCH, stream.events[middle].number)
    begun_later = {key[1] for key in late.rows() if key[0] is ConversationRecord}
    assert begun_later
    assert all(EventId.parse(one) > place for one in begun_later)
    early = {key[1] for key in whole.rows(place) if key[0] is ConversationRecord}
    everything = {key[1] for key in whole.rows() if key[0] is ConversationRecord}
    assert early < everything
    assert whole.later(place) == everything - early


def test_a_difference_names_row_and_fields() -> None:
    began = at("2026-01-31 08:00:00")
    right, wrong = leg(1, began), leg(1, began, agent="7002")
    extra = conversation(5, began)
    expected: dict[Key, Record] = {key_of(right): right, key_of(conversation(2, began)): conversation(2, began)}
    found: dict[Key, Record] = {key_of(wrong): wrong, key_of(extra): extra}
    assert [str(one) for one in differences(expected, found)] == [
        "leg 1:1/0: agent is '7002' and should be '7001'",
        "conversation 1:2 is missing",
        "conversation 1:5 should not be there",
    ]
    again: dict[Key, Record] = {(LegRecord, right.leg_id): replace(right, revision=7)}
    assert list(differences({key_of(right): right}, again)) == []
