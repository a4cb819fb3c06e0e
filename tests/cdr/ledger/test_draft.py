"""A part spends its time in one state after the other, and loses none."""

from cdr.ledger.draft import Stretch
from cdr.records import PartState
from tests.cdr.ledger.parts import SECOND, outside, part, story


def test_time_is_spent_in_the_state_that_was() -> None:
    one = part("1000", state=PartState.RINGING)
    one.spend(4 * SECOND)
    one.state = PartState.TALKING
    one.spend(9 * SECOND)
    one.spend(10 * SECOND, PartState.UNCERTAIN)
    assert one.spans == {
        PartState.RINGING: 3 * SECOND, PartState.TALKING: 5 * SECOND, PartState.UNCERTAIN: SECOND,
    }  # fmt: skip
    one.spend(10 * SECOND)
    one.spend(2 * SECOND)
    assert sum(one.spans.values()) == 9 * SECOND, "time does not run backwards"


def test_who_is_outside_and_who_is_a_person() -> None:
    assert outside().is_outside
    assert part("1000").is_person
    assert not part("1000").is_outside


def test_who_is_in_a_call_now() -> None:
    here, gone, elsewhere = part("1000"), part("1001"), part("1002", call=2)
    gone.ended_us = 5
    held = story(here, gone, elsewhere)
    assert held.live() == [here, elsewhere]
    assert held.live_in(here.call_id) == [here]


def test_the_same_stretch_later_continues() -> None:
    one = Stretch(PartState.TALKING, 1, 2, ("a", "b"), 0, "")
    assert one.continues(Stretch(PartState.TALKING, 7, 8, ("a", "b"), 0, ""))
    assert not one.continues(Stretch(PartState.TALKING, 7, 8, ("a", "c"), 0, ""))
