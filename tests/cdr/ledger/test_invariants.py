"""What a conversation's records must never break is told, by code and in words."""

from cdr.ledger.draft import Conversation, Stretch
from cdr.ledger.invariants import broken
from cdr.records import Ending, PartState
from model.ids import EventId
from tests.cdr.ledger.parts import SECOND, outside, part, story


def sound() -> Conversation:
    """A caller and an agent who talk from second 1 to 9."""
    caller, agent = outside(), part("1000")
    for one in (caller, agent):
        one.state, one.ended_us, one.ended, one.ending = PartState.TALKING, 9 * SECOND, EventId(1, 9), Ending.HUNG_UP
        one.spans = {PartState.TALKING: 8 * SECOND}
    held = story(caller, agent)
    held.last_us = 9 * SECOND
    held.subject = held.first_subject = 0
    held.stretches.append(Stretch(PartState.TALKING, SECOND, 9 * SECOND, ("1000", "13800"), 1, ""))
    return held


def codes(held: Conversation) -> list[str]:
    return [one.code for one in broken(held)]


def test_nothing_is_said_of_what_is_sound() -> None:
    assert broken(sound()) == []


def test_every_breach_has_its_code() -> None:
    held = sound()
    held.parts[1].spans[PartState.TALKING] -= 1
    assert codes(held) == ["leg_not_tiled"]
    held = sound()
    held.parts[1].ended_us = None
    assert codes(held) == ["leg_open"]
    held = sound()
    held.parts[1].answered_us = 0
    assert codes(held) == ["answered_outside"]
    held = sound()
    held.last_us = 8 * SECOND
    assert codes(held) == ["leg_outside", "leg_outside"]
    held = sound()
    held.stretches[0].began_us += 1
    assert codes(held) == ["timeline_gap"]
    held = sound()
    held.stretches[0].ended_us -= 1
    assert codes(held) == ["timeline_gap"]
    held = sound()
    held.stretches[0].parties = ("13800",)
    assert codes(held) == ["talk_alone"]
    held = sound()
    held.truncated = True
    assert codes(held) == ["timeline_truncated"]
    assert codes(story()) == ["nobody_in_it"]


def test_a_problem_names_its_conversation() -> None:
    held = sound()
    held.truncated = True
    (problem,) = broken(held)
    assert problem.problem_id == "1:1/timeline_truncated/0"
    assert "5000" in problem.text
