"""The waits of a reconnecting client, against the specification's sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.backoff import JITTER_SHARE, SESSION_SECONDS_GOOD, WAIT_SECONDS_LAST, Backoff

MIDDLE = 0.5
"""The random number that jitters nothing."""


def test_the_sequence_is_quick_at_first_and_then_every_five_seconds_for_ever() -> None:
    backoff = Backoff(lambda: MIDDLE)
    waits = [backoff.next_wait_seconds() for _ in range(8)]
    assert waits == pytest.approx([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0])


def test_a_session_of_a_minute_starts_anew_and_a_shorter_one_does_not() -> None:
    backoff = Backoff(lambda: MIDDLE)
    for _ in range(4):
        backoff.next_wait_seconds()
    backoff.session_ended(SESSION_SECONDS_GOOD - 0.001)
    assert backoff.next_wait_seconds() == pytest.approx(2.0)
    backoff.session_ended(SESSION_SECONDS_GOOD)
    assert backoff.attempt == 0
    assert backoff.next_wait_seconds() == pytest.approx(0.1)


@given(draws=st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=30))
def test_jitter_stays_within_its_share_either_side(draws: list[float]) -> None:
    numbers = iter(draws)
    plain = Backoff(lambda: MIDDLE)
    jittered = Backoff(lambda: next(numbers))
    for _ in draws:
        base, wait = plain.next_wait_seconds(), jittered.next_wait_seconds()
        assert base * (1 - JITTER_SHARE) <= wait <= base * (1 + JITTER_SHARE)


def test_two_clients_do_not_come_back_together() -> None:
    first, second = Backoff(lambda: 0.0), Backoff(lambda: 0.99)
    assert first.next_wait_seconds() < second.next_wait_seconds()


@given(lived=st.floats(0, SESSION_SECONDS_GOOD, exclude_max=True), attempts=st.integers(0, 50))
def test_a_link_that_flaps_never_hammers_the_switch(lived: float, attempts: int) -> None:
    backoff = Backoff(lambda: MIDDLE)
    for _ in range(attempts):
        backoff.next_wait_seconds()
        backoff.session_ended(lived)
    if attempts >= 5:
        assert backoff.next_wait_seconds() == pytest.approx(WAIT_SECONDS_LAST)
