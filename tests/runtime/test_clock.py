"""The clocks' units, and a hand-moved clock that behaves like a machine's."""

import time

import pytest

from runtime.clock import MICROSECONDS, Clock, HandClock, SystemClock


def test_the_system_clock_counts_in_microseconds_since_1970() -> None:
    before = time.time()
    wall_us = SystemClock().wall_us()
    assert before - 1 <= wall_us / MICROSECONDS <= time.time() + 1


def test_monotonic_time_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.monotonic_us() for _ in range(1_000)]
    assert readings == sorted(readings)


def test_a_hand_clock_stands_until_it_is_moved() -> None:
    clock = HandClock(wall=1_000)
    assert (clock.wall_us(), clock.monotonic_us()) == (1_000, 0)
    clock.pass_us(5)
    assert (clock.wall_us(), clock.monotonic_us()) == (1_005, 5)


def test_setting_the_wall_clock_back_does_not_touch_monotonic_time() -> None:
    clock: Clock = HandClock(wall=1_000, monotonic=7)
    assert isinstance(clock, HandClock)
    clock.set_wall_us(10)
    assert (clock.wall_us(), clock.monotonic_us()) == (10, 7)


def test_time_cannot_pass_backwards() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        HandClock().pass_us(-1)
