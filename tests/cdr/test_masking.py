"""Numbers of people outside go, everything else stays, and a second time changes nothing."""

from dataclasses import replace

import pytest

from cdr.masking import Masking, masked
from cdr.records import (
    ConversationRecord,
    Direction,
    IvrSessionRecord,
    LegRecord,
    ProblemRecord,
    SegmentRecord,
)
from model.ids import Microseconds
from tests.cdr.sample_records import at, conversation, leg, segment, visit

BEGAN = at("2026-01-31 08:00:00")
CALLER = "013912345678"
HIDDEN = "01391234xxxx"
STORY = (
    conversation(1, BEGAN, caller=CALLER),
    leg(1, BEGAN, ended_by=CALLER),
    leg(1, BEGAN, leg=1, device=CALLER, trunk="T001", inside=False, agent=""),
    leg(1, BEGAN, leg=2, device="T002", trunk="T002", inside=False, agent=""),
    replace(segment(1, BEGAN, 5), parties=(CALLER, "8001")),
    visit(1, BEGAN, 5),
    IvrSessionRecord("8:1", "1:1", "8900", "main", "completed", "bye", 3, "4711#", CALLER, "", BEGAN, BEGAN),
    ProblemRecord("1:1/x/0", "1:1", "x", f"{CALLER} talks to nobody", Microseconds(BEGAN)),
)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(CALLER, HIDDEN), ("1234567", "123xxxx"), ("123456", "xxxxxx"), ("", ""), (HIDDEN, HIDDEN)],
)
def test_the_last_digits_of_a_long_number(number: str, shown: str) -> None:
    assert Masking.MASK.of(number) == shown
    assert Masking.REMOVE.of(number) == ""


def test_whoever_is_outside_goes_everywhere() -> None:
    hidden = masked(STORY, Masking.MASK)
    assert CALLER not in str(hidden)
    assert "4711" not in str(hidden)
    call, inside, outside, trunk, stretch, stay, menu, problem = hidden
    assert isinstance(call, ConversationRecord)
    assert (call.caller, call.called, call.first_device) == (HIDDEN, "6000", "8001")
    assert isinstance(inside, LegRecord)
    assert (inside.device, inside.ended_by) == ("8001", HIDDEN)
    assert isinstance(outside, LegRecord)
    assert (outside.device, outside.trunk) == (HIDDEN, "T001")
    assert trunk == STORY[3], "a trunk is nobody's number"
    assert isinstance(stretch, SegmentRecord)
    assert stretch.parties == (HIDDEN, "8001")
    assert stay == STORY[5]
    assert isinstance(menu, IvrSessionRecord)
    assert (menu.digits, menu.destination) == ("xxxxx", HIDDEN)
    assert isinstance(problem, ProblemRecord)
    assert problem.text == f"{HIDDEN} talks to nobody"


@pytest.mark.parametrize("how", Masking)
def test_a_second_time_changes_nothing(how: Masking) -> None:
    once = masked(STORY, how)
    assert masked(once, how) == once


def test_removed_numbers_leave_nothing() -> None:
    call, *_, stretch = masked(STORY[:5], Masking.REMOVE)
    assert isinstance(call, ConversationRecord)
    assert call.caller == ""
    assert isinstance(stretch, SegmentRecord)
    assert stretch.parties == ("8001",)


@pytest.mark.parametrize(
    ("direction", "caller", "called"),
    [
        (Direction.INBOUND, HIDDEN, "013987654321"),
        (Direction.OUTBOUND, CALLER, "01398765xxxx"),
        (Direction.TANDEM, HIDDEN, "01398765xxxx"),
        (Direction.INTERNAL, CALLER, "013987654321"),
    ],
)
def test_who_is_outside_without_a_leg(direction: Direction, caller: str, called: str) -> None:
    (call,) = masked([conversation(1, BEGAN, direction=direction, caller=CALLER, called="013987654321")], Masking.MASK)
    assert isinstance(call, ConversationRecord)
    assert (call.caller, call.called) == (caller, called)
