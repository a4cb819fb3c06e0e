"""What must hold for every history of calls: the invariants, and that nothing depends on how the streams interleave, on
when the rows were written, or on how often the process was killed meanwhile.
"""

import random
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr.ledger.drafts import Memory
from cdr.ledger.ledger import CTI, GATEWAY, Ledger
from cdr.records import (
    AgentPeriodRecord,
    ConversationRecord,
    Draft,
    LegRecord,
    PartState,
    ProblemRecord,
    Record,
    SegmentRecord,
)
from model.centre_events import CentreEvent
from model.events import CallEvent
from model.ids import EventId
from tests.cdr.ledger.mini_cti import MiniCti
from tests.cdr.ledger.stage import EPOCH, Told, ledger_of, records_of, told, traffic

SECONDS = 40
DESKS = tuple(str(number) for number in range(1000, 1012))
seeds = st.integers(1, 40)


def cti_of(stream: Told, seed: int) -> list[CentreEvent]:
    """The CTI server's stream beside a gateway's."""
    cti = MiniCti(DESKS, seed, EPOCH)
    for event in stream.events:
        cti.read(event)
    cti.close()
    return cti.events


def last_revisions(records: Sequence[Record]) -> dict[tuple[str, str], Record]:
    """What a table holds in the end, without how often it was written."""
    held: dict[tuple[str, str], Record] = {}
    for record in records:
        key = fields(record)[0].name
        same = record if isinstance(record, ProblemRecord) else replace(record, revision=0)
        held[type(record).__name__, getattr(record, key)] = same
    return held


@settings(max_examples=12, deadline=None)
@given(seeds, st.booleans())
def test_any_history_satisfies_the_invariants(seed: int, shuffled: bool) -> None:
    stream, switch = traffic(seed, SECONDS, shuffled=shuffled)
    records = records_of(stream)
    assert [one for one in records if isinstance(one, ProblemRecord)] == []
    conversations = {one.conversation_id: one for one in records if isinstance(one, ConversationRecord)}
    legs = [one for one in records if isinstance(one, LegRecord)]
    segments = [one for one in records if isinstance(one, SegmentRecord)]
    begun = {call.call_id for event in stream.events if isinstance(event, CallEvent) for call in event.calls}
    assert {leg.first_call_id for leg in legs} <= {str(call_id) for call_id in begun}
    assert len(switch.account.calls) >= len(conversations) > 20
    for conversation_id, one in conversations.items():
        talked = sum(leg.spans.talking_us for leg in legs if leg.conversation_id == conversation_id)
        mine = [segment for segment in segments if segment.conversation_id == conversation_id]
        talk = sum(segment.ended_us - segment.began_us for segment in mine if segment.state is PartState.TALKING)
        assert one.talking_us == talk
        assert (one.answered_us is None) == (one.first_device == "") or one.direction == "tandem" or not talked
        assert all(first.ended_us == later.began_us for first, later in pairwise(mine))
        assert one.winner_id == "" or one.winner_id in conversations


@settings(max_examples=8, deadline=None)
@given(seeds)
def test_a_switch_that_keeps_call_ids_over_transfers_gives_the_same_rows(seed: int) -> None:
    def shape(keep_call_id: bool) -> list[object]:
        records = records_of(traffic(seed, SECONDS, keep_call_id=keep_call_id)[0])
        kept = [one for one in records if isinstance(one, ConversationRecord)]
        return [(one.caller, one.called, one.result, one.talking_us, one.held_us, one.last_device) for one in kept]

    assert shape(False) == shape(True)


def test_the_monitors_order_changes_no_row_but_the_event_that_began_it() -> None:
    """A new call that is heard of before the transfer that makes it is a conversation for that moment."""

    def shape(shuffled: bool) -> list[tuple[object, ...]]:
        records = records_of(traffic(3, SECONDS, shuffled=shuffled)[0])
        kept = [one for one in records if isinstance(one, ConversationRecord) and not one.winner_id]
        return sorted(
            (one.began_us, one.caller, one.called, one.result.value, one.talking_us, one.last_device) for one in kept
        )

    assert shape(False) == shape(True)


def interleaved(stream: Told, centre: list[CentreEvent], chance: random.Random, ledger: Ledger) -> list[Record]:
    """Both streams in some order, each in its own; now and then what waits is written as incomplete."""
    records: list[Record] = []
    gateway, cti = list(reversed(stream.events)), list(reversed(centre))
    lead = chance.random()
    while gateway or cti:
        if gateway and (not cti or chance.random() < lead):
            ledger.take(EPOCH, gateway.pop())
        else:
            ledger.take_centre(CTI, 9, cti.pop())
        if chance.random() < 0.02:
            ledger.write_incomplete(ledger.heard_us)
        if chance.random() < 0.02:
            ledger.forget()
        records += ledger.take_records()
    return records


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(0, 2**32))
def test_any_interleaving_of_the_streams_gives_the_same_rows(seed: int, order: int) -> None:
    stream, _ = traffic(seed % 7 + 1, SECONDS)
    centre = cti_of(stream, seed)
    straight = ledger_of(stream, (CTI,))
    for event in stream.events:
        straight.take(EPOCH, event)
    for told_by_cti in centre:
        straight.take_centre(CTI, 9, told_by_cti)
    expected = last_revisions(straight.take_records())
    assert all(one.complete for one in expected.values() if isinstance(one, ConversationRecord))
    assert any(one.wrap_up_us for one in expected.values() if isinstance(one, LegRecord))
    ledger = ledger_of(stream, (CTI,))
    rows = last_revisions(interleaved(stream, centre, random.Random(order), ledger))
    assert rows == expected
    assert ledger.unfinished_ids == []


@settings(max_examples=15, deadline=None)
@given(seeds, st.integers(0, 2**32))
def test_a_process_killed_at_any_moment_goes_on_from_its_drafts(seed: int, order: int) -> None:
    """Whatever was not in the last transaction is told again; whatever was is not."""
    chance = random.Random(order)
    stream, _ = traffic(seed % 7 + 1, SECONDS)
    expected = last_revisions(records_of(stream))
    table: dict[tuple[str, str], Draft] = {}
    written: list[Record] = []
    ledger, memory, place, at = ledger_of(stream), Memory(), 0, 0
    kills = 0
    while at < len(stream.events):
        ledger.take(EPOCH, stream.events[at])
        at += 1
        if chance.random() < 0.1:
            written += ledger.take_records()
            for draft in memory.changes(ledger):
                table[draft.kind, draft.key] = draft
            table = {key: draft for key, draft in table.items() if draft.body}
            place = at
        elif chance.random() < 0.02:
            kills += 1
            ledger, memory, at = Ledger(), Memory(), place
            if place:
                memory.remember(ledger, table.values())
            else:
                ledger.take_snapshot(EPOCH, stream.snapshot)
    written += ledger.take_records()
    assert last_revisions(written) == expected
    assert len(written) == len(expected), "nothing was written twice"
    assert kills
    memory.changes(ledger)


def test_drafts_of_what_is_over_are_forgotten() -> None:
    stream, _ = traffic(2, SECONDS)
    ledger, memory = ledger_of(stream, (CTI,)), Memory()
    table: dict[tuple[str, str], Draft] = {}
    centre = cti_of(stream, 2)
    for at, event in enumerate(stream.events):
        ledger.take(EPOCH, event)
        if at % 50 == 0:
            table |= {(draft.kind, draft.key): draft for draft in memory.changes(ledger)}
    for told_by_cti in centre:
        ledger.take_centre(CTI, 9, told_by_cti)
    ledger.forget()
    table |= {(draft.kind, draft.key): draft for draft in memory.changes(ledger)}
    left = {draft.kind for draft in table.values() if draft.body}
    assert left == {"device", "state"}


def test_a_gap_is_told_in_the_rows() -> None:
    """What came between is lost. Of the first call nobody knows when it ended; the second goes on, not whole."""
    stream = told(
        """
        at 0 call 1000 1001
        at 2 answer 1001
        at 10 hangup 1000
        at 12 call 1002 1003
        at 14 answer 1003
        at 20 hangup 1002
        """
    )
    ledger = ledger_of(stream)
    whole = ledger_of(stream)
    for event in stream.events:
        whole.take(EPOCH, event)
    rows = [one for one in whole.take_records() if isinstance(one, ConversationRecord)]
    assert [one.complete for one in rows] == [True, True]
    calls = [event for event in stream.events if isinstance(event, CallEvent)]
    seen, answered = calls[:4], next(event for event in calls if event.subject == "1003" and event.calls[0].connections)
    for event in seen:
        ledger.take(EPOCH, event)
    ledger.take_snapshot(EPOCH, replace(stream.snapshot, number=answered.number, calls=answered.calls))
    for event in calls[calls.index(answered) + 1 :]:
        ledger.take(EPOCH, event)
    first, second = (one for one in ledger.take_records() if isinstance(one, ConversationRecord))
    assert (first.result, first.talking_us, first.missing) == ("answered", 0, (GATEWAY,))
    assert first.uncertain_us > 0
    assert (second.result, second.missing, second.complete) == ("answered", (GATEWAY,), False)


@pytest.mark.parametrize("told_late", [False, True])
def test_agents_wrap_up_and_queue_come_from_the_cti_stream(told_late: bool) -> None:
    stream, _ = traffic(1, SECONDS)
    ledger = ledger_of(stream, (CTI,))
    for event in stream.events:
        ledger.take(EPOCH, event)
    assert ledger.take_records() == [], "the CTI server has not told of anything yet"
    if told_late:
        ledger.write_incomplete(ledger.heard_us + 1)
        early = [one for one in ledger.take_records() if isinstance(one, ConversationRecord)]
        assert early
        assert {(one.complete, one.missing, one.last_agent) for one in early} == {(False, (CTI,), "")}
    for told_by_cti in cti_of(stream, 1):
        ledger.take_centre(CTI, 9, told_by_cti)
    records = ledger.take_records()
    legs = [one for one in last_revisions(records).values() if isinstance(one, LegRecord)]
    staffed = [leg for leg in legs if leg.device in DESKS]
    assert staffed
    assert all(leg.agent for leg in staffed)
    periods = [one for one in records if isinstance(one, AgentPeriodRecord) and one.state == "wrap_up"]
    wrapped = sum(leg.wrap_up_us for leg in legs)
    assert 0 < wrapped <= sum(one.ended_us - one.began_us for one in periods)


def test_places_are_told_by_their_numbers() -> None:
    assert EventId(1, 5) < EventId(1, 6) < EventId(2, 1)
