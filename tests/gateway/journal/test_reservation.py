"""Numbers reserved on disk: always ahead of what is sent, or the epoch is lost."""

from pathlib import Path

import pytest

from gateway.journal.reservation import Reservation
from gateway.journal.state import STATE_FILE_BYTES, State
from gateway.journal.state_file import make_state, recall_state
from tests.gateway.journal.stage import EPOCH, NOW_US, SECOND_US, file_size_limit

BLOCK = 20


@pytest.fixture
def reservation(tmp_path: Path) -> Reservation:
    return Reservation(make_state(tmp_path, State(1, EPOCH, reserved=BLOCK)), BLOCK)


def on_disk(tmp_path: Path) -> State:
    state = recall_state(tmp_path)
    assert isinstance(state, State)
    return state


def test_the_next_block_is_reserved_when_half_of_one_is_used(reservation: Reservation, tmp_path: Path) -> None:
    reservation.keep_ahead(10, 10, NOW_US)
    assert on_disk(tmp_path).sequence == 1
    reservation.keep_ahead(11, 11, NOW_US)
    assert (on_disk(tmp_path).last, on_disk(tmp_path).reserved) == (11, 31)


def test_what_is_about_to_be_written_is_not_said_to_be_held(reservation: Reservation, tmp_path: Path) -> None:
    reservation.keep_ahead(15, 9, NOW_US)
    assert (on_disk(tmp_path).last, on_disk(tmp_path).reserved) == (9, 35)


def test_a_block_that_cannot_be_reserved_is_tried_again_a_second_later(
    reservation: Reservation, tmp_path: Path
) -> None:
    with file_size_limit(0):
        reservation.keep_ahead(11, 11, NOW_US)
    assert reservation.problem is not None
    reservation.keep_ahead(12, 12, NOW_US + 1)
    assert on_disk(tmp_path).reserved == BLOCK
    reservation.keep_ahead(13, 13, NOW_US + SECOND_US)
    assert on_disk(tmp_path).reserved == 33
    assert reservation.problem is None


def test_an_outage_is_covered_once_it_is_on_disk(reservation: Reservation, tmp_path: Path) -> None:
    with file_size_limit(STATE_FILE_BYTES):
        assert reservation.cover_outage(9, 5, NOW_US)
    assert on_disk(tmp_path).is_unwritable
    assert (on_disk(tmp_path).last, on_disk(tmp_path).reserved) == (5, 29)
    with file_size_limit(0):
        assert reservation.cover_outage(19, 5, NOW_US)
        assert reservation.cover_outage(25, 5, NOW_US)
        assert reservation.cover_outage(29, 5, NOW_US + 1)
        assert not reservation.cover_outage(30, 5, NOW_US + 2)
    reservation.keep_ahead(40, 40, NOW_US + 2 * SECOND_US)
    assert not on_disk(tmp_path).is_unwritable


def test_an_outage_that_the_disk_never_heard_of_is_not_covered(reservation: Reservation, tmp_path: Path) -> None:
    with file_size_limit(0):
        assert not reservation.cover_outage(6, 5, NOW_US)
        assert not reservation.cover_outage(6, 5, NOW_US)
    assert not on_disk(tmp_path).is_unwritable


def test_an_epoch_that_the_disk_never_heard_of_needs_no_cover(reservation: Reservation, tmp_path: Path) -> None:
    with file_size_limit(0):
        reservation.begin_epoch(EPOCH + 1, NOW_US)
        assert reservation.cover_outage(6, 0, NOW_US + 1)
        assert reservation.cover_outage(7, 0, NOW_US + SECOND_US)
    assert on_disk(tmp_path).epoch == EPOCH
    assert reservation.cover_outage(8, 0, NOW_US + 2 * SECOND_US)
    state = on_disk(tmp_path)
    assert (state.epoch, state.is_unwritable, state.last, state.reserved) == (EPOCH + 1, True, 0, 28)


def test_a_new_epoch_begins_with_nothing_used(reservation: Reservation, tmp_path: Path) -> None:
    reservation.begin_segment(41, NOW_US)
    assert (on_disk(tmp_path).segment, on_disk(tmp_path).last) == (41, 40)
    reservation.begin_epoch(EPOCH + 1, NOW_US)
    state = on_disk(tmp_path)
    assert (state.epoch, state.last, state.reserved, state.segment) == (EPOCH + 1, 0, BLOCK, 0)


def test_closed_in_order_it_says_the_last_number_used(reservation: Reservation, tmp_path: Path) -> None:
    reservation.close(7, NOW_US, is_safe=True)
    state = on_disk(tmp_path)
    assert (state.is_clean, state.last, state.reserved) == (True, 7, 7)


def test_what_the_disk_did_not_make_safe_was_not_closed_in_order(reservation: Reservation, tmp_path: Path) -> None:
    reservation.close(7, NOW_US, is_safe=False)
    assert not on_disk(tmp_path).is_clean


def test_an_epoch_that_the_disk_never_heard_of_is_not_closed_in_order(reservation: Reservation, tmp_path: Path) -> None:
    with file_size_limit(0):
        reservation.begin_epoch(EPOCH + 1, NOW_US)
    reservation.close(7, NOW_US, is_safe=True)
    assert on_disk(tmp_path) == State(1, EPOCH, reserved=BLOCK)
