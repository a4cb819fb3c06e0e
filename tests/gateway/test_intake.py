"""The plain intake lets everything through."""

from gateway.doors import Door
from gateway.intake import Intake
from runtime.clock import HandClock


def test_what_comes_in_is_taken_at_once() -> None:
    intake = Intake(HandClock(3))
    assert intake.take(Door.TICK, lambda: intake.take(Door.DUE, lambda: 7)) == 7
    assert intake.clock.wall_us() == 3
    intake.sent(b"x")


def test_a_door_s_number_is_its_own() -> None:
    assert len({door.value for door in Door}) == len(Door.__members__)
