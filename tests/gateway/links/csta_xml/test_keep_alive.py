"""Silence is tested once and then believed; a session is prolonged at half of what was granted."""

import pytest

from gateway.links.csta_xml.keep_alive import KeepAlive, Pulse, SessionTimer


class Hand:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_fine_test_dead() -> None:
    now = Hand()
    alive = KeepAlive(10.0, now)
    found = []
    for _ in range(20):
        now.seconds += 1.0
        found.append(alive.pulse())
    assert found == [Pulse.FINE] * 9 + [Pulse.TEST] + [Pulse.FINE] * 9 + [Pulse.DEAD]
    assert alive.silent_seconds == 20.0


def test_a_word_begins_anew() -> None:
    now = Hand()
    alive = KeepAlive(10.0, now)
    now.seconds += 15.0
    assert alive.pulse() is Pulse.TEST
    assert alive.deadline() == 120.0
    alive.heard()
    assert alive.deadline() == 125.0
    now.seconds += 10.0
    assert alive.pulse() is Pulse.TEST


@pytest.mark.parametrize(("granted", "due"), [(180, 190.0), (3, 101.5), (0, None), (-1, None)])
def test_half_of_the_duration(granted: int, due: float | None) -> None:
    now = Hand()
    timer = SessionTimer(now)
    assert not timer.take_due()
    timer.granted(granted)
    assert timer.due_seconds == due
    if due is not None:
        assert not timer.take_due()
        now.seconds = due
        assert timer.take_due()
        assert not timer.take_due()
