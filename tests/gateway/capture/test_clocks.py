"""A clock that notes, one that plays; the first question that was not asked then is an error."""

import pytest

from gateway.capture.clocks import NotingClock, Parted, PlayedClock
from gateway.capture.step import MONOTONIC, WALL
from runtime.clock import HandClock


def test_readings_are_noted_while_somebody_wants_them() -> None:
    hand = HandClock(100, 5)
    clock = NotingClock(hand)
    assert (clock.wall_us(), clock.monotonic_us()) == (100, 5)
    noted: list[int] = []
    clock.readings = noted
    clock.wall_us()
    hand.pass_us(3)
    clock.monotonic_us()
    assert [(one >> 1, one & 1) for one in noted] == [(100, WALL), (8, MONOTONIC)]


def test_they_are_said_again_in_their_order() -> None:
    clock = PlayedClock(1, 2)
    clock.begin([(WALL, 100), (MONOTONIC, 8)])
    assert (clock.wall_us(), clock.unread, clock.monotonic_us(), clock.unread) == (100, 1, 8, 0)
    clock.end()
    assert (clock.wall_us(), clock.monotonic_us()) == (100, 8), "between steps the last time known"


@pytest.mark.parametrize(
    ("readings", "text"), [([(MONOTONIC, 8)], "it was the monotonic"), ([(WALL, 1), (WALL, 1)], "once more than the 2")]
)
def test_another_question_is_remembered_whoever_swallows_the_error(readings: list[tuple[int, int]], text: str) -> None:
    clock = PlayedClock(1, 2)
    clock.begin(readings)
    for _ in readings[1:]:
        clock.wall_us()
        clock.wall_us()
    with pytest.raises(Parted, match=text):
        clock.wall_us()
    assert clock.parted is not None
