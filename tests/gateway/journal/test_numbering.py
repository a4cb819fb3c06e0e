"""Which epoch and number a start goes on with."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.numbering import Left, Numbering, numbering
from gateway.journal.state import State
from gateway.journal.values import EpochReason
from protocol.archive import Hole
from tests.gateway.journal.stage import BOOT, EPOCH, OTHER_BOOT

NEW = EPOCH + 9
STATE = State(1, EPOCH, last=40, reserved=100, segment=41, boot_id=BOOT)
LEFT = Left(STATE, epoch=EPOCH, segment=41, last=57, highest_epoch=EPOCH)


def left(base: Left = LEFT, *, state: State | None = STATE, **others: int | bool) -> Left:
    return replace(base, state=state, **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (LEFT, Numbering(EPOCH, 58)),
        (left(state=replace(STATE, is_clean=True, last=57, reserved=57)), Numbering(EPOCH, 58)),
        (left(state=replace(STATE, is_clean=True, last=60, reserved=60)), Numbering(EPOCH, 61, Hole(58, 60))),
        (left(state=replace(STATE, is_unwritable=True)), Numbering(EPOCH, 101, Hole(58, 100))),
        (left(is_damaged=True), Numbering(EPOCH, 101, Hole(58, 100))),
        (left(segment=1, last=40), Numbering(EPOCH, 101, Hole(41, 100))),
        (left(last=39, state=replace(STATE, segment=1), segment=1), Numbering(EPOCH, 101, Hole(40, 100))),
        (left(last=150), Numbering(EPOCH, 151)),
    ],
)
def test_what_is_known_goes_on_and_what_may_have_been_used_is_a_hole(found: Left, expected: Numbering) -> None:
    assert numbering(found, BOOT, NEW) == expected


@pytest.mark.parametrize(
    ("found", "boot_id", "reason"),
    [
        (Left(None), BOOT, EpochReason.FIRST),
        (left(state=None), BOOT, EpochReason.STATE_LOST),
        (left(epoch=EPOCH + 1, highest_epoch=EPOCH + 1), BOOT, EpochReason.STATE_STALE),
        (left(epoch=0, segment=0, last=0), BOOT, EpochReason.JOURNAL_LOST),
        (left(epoch=EPOCH - 1), BOOT, EpochReason.JOURNAL_LOST),
        (LEFT, OTHER_BOOT, EpochReason.POWER_LOST),
        (LEFT, "", EpochReason.POWER_LOST),
        (left(state=replace(STATE, is_clean=True, last=50, reserved=50)), BOOT, EpochReason.STATE_STALE),
        (left(is_damaged=True, last=100), BOOT, EpochReason.STATE_STALE),
        (left(state=replace(STATE, is_unwritable=True), last=120), BOOT, EpochReason.STATE_STALE),
    ],
)
def test_what_is_not_known_is_a_new_epoch(found: Left, boot_id: str, reason: EpochReason) -> None:
    assert numbering(found, boot_id, NEW) == Numbering(NEW, 1, None, reason)


def test_a_machine_that_was_restarted_matters_only_after_a_stop_that_was_not_in_order_and_not_fsynced() -> None:
    assert numbering(left(state=replace(STATE, is_fsynced=True)), OTHER_BOOT, NEW) == Numbering(EPOCH, 58)
    clean = replace(STATE, is_clean=True, last=57, reserved=57)
    assert numbering(left(state=clean), OTHER_BOOT, NEW) == Numbering(EPOCH, 58)


def test_an_epoch_is_greater_than_every_older_one_whatever_the_clock_says() -> None:
    assert numbering(left(state=None), BOOT, 5).epoch == EPOCH + 1
    assert numbering(left(highest_epoch=EPOCH + 70), OTHER_BOOT, NEW).epoch == EPOCH + 71


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_in_an_epoch_that_goes_on_the_next_number_is_beyond_all_that_are_held_and_the_hole_is_between(
    last: int, state_last: int, reserved: int, segment: int, is_clean: bool, is_unwritable: bool, is_damaged: bool
) -> None:
    state = State(1, EPOCH, state_last, reserved, segment, BOOT, is_clean=is_clean, is_unwritable=is_unwritable)
    decided = numbering(Left(state, EPOCH, 1, last, is_damaged, EPOCH), BOOT, NEW)
    if decided.reason is not None:
        assert (decided.epoch, decided.next_number) == (NEW, 1)
        return
    assert decided.next_number > last
    assert decided.hole == (Hole(last + 1, decided.next_number - 1) if decided.next_number > last + 1 else None)
    if is_unwritable or is_damaged or state_last > last:
        assert decided.next_number > reserved
