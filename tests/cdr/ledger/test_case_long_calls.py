"""Calls whose ids change in mid-call, and calls that outlast midnight, a change of clocks and a day: cases 17, 18.

The rows were worked out by hand from the times in the scenario.
"""

from dataclasses import replace

from cdr.records import ConversationRecord, LegRecord, SegmentRecord
from model.events import CallEvent
from model.ids import Microseconds
from tests.cdr.ledger.stage import Told, lines, played, records_of, told

TRANSFER = """
at 0 call_in 01712345678 1000
at 2 answer 1000
at 6 consult 1000 1001
at 8 answer 1001
at 10 transfer 1000
at 15 hangup T001
"""


def test_a_call_id_that_changes_in_mid_call_makes_no_new_part() -> None:
    """The switch merges two calls into a third, or keeps one of them: the caller lives through one call either way."""
    assert played(TRANSFER) == lines(
        """
        internal 1000>1001: answered; waiting 2, talking 2; 1001; joined another
            1000 caller 6-10: waiting 2, talking 2; transferred
            1001 consulted 6-10: ringing 2, talking 2; joined
            | 6-8 waiting | 8-10 talking 1001
        inbound 01712345678>1000 T001: answered; waiting 2, talking 9, held 4; 1000 to 1001; 1 transfers
            01712345678 caller 0-15: waiting 2, talking 9, held 4; hung_up
            1000 called 0-10: ringing 2, talking 4, holding 4; transferred
            1001 transferred_to 10-15: talking 5; others_left
            | 0-2 waiting | 2-6 talking 1000 | 6-10 held | 10-15 talking 1001
        """
    )
    for keeps in (False, True):
        legs = [one for one in records_of(told(TRANSFER, keep_call_id=keeps)) if isinstance(one, LegRecord)]
        caller = next(one for one in legs if one.device == "01712345678")
        assert (caller.first_call_id == caller.last_call_id) is keeps, "the leg names both"


def stretched(stream: Told, factor: int) -> Told:
    """The same events, so many times slower."""
    return Told(
        stream.snapshot,
        tuple(
            replace(
                event,
                received_us=Microseconds(event.received_us * factor),
                calls=tuple(replace(call, began_us=Microseconds(call.began_us * factor)) for call in event.calls),
            )
            if isinstance(event, CallEvent)
            else event
            for event in stream.events
        ),
    )


def test_a_call_of_more_than_a_day_is_one_row_and_every_second_counts() -> None:
    """A second of the scenario is an hour and 40 minutes: the talk of 15 such seconds lasts 25 hours. Rows are in UTC,
    where no hour is missing and none comes twice; days and hours are the report's matter."""
    scenario = "at 0 call_in 01712345678 1000\nat 1 answer 1000\nat 16 hangup T001\n"
    records = records_of(stretched(told(scenario), 6_000))
    (one,) = [record for record in records if isinstance(record, ConversationRecord)]
    assert (one.talking_us, one.waiting_us) == (90_000 * 1_000_000, 6_000 * 1_000_000)
    assert one.ended_us - one.began_us == 96_000 * 1_000_000
    segments = [record for record in records if isinstance(record, SegmentRecord)]
    assert [(part.state.value, part.ended_us - part.began_us) for part in segments] == [
        ("waiting", 6_000 * 1_000_000),
        ("talking", 90_000 * 1_000_000),
    ]
