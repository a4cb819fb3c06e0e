"""Who guesses waits, longer each time and one after the other; nobody else does; nothing is remembered for ever."""

import pytest

from protocol.limits import LOG_IN_DELAY_SECONDS, LOG_IN_FORGET_SECONDS, LOG_IN_SECONDS_MAX
from protocol.lock_out import LockOut, source_of

HERE, THERE = "192.0.2.1", "192.0.2.2"
FAR = 1e9


def test_the_first_answer_comes_at_once_and_the_next_ones_later_and_later() -> None:
    lock_out, now = LockOut(), 100.0
    waited = []
    for _ in range(6):
        answer_at = lock_out.answer_at(HERE, now, FAR)
        assert answer_at is not None
        waited.append(answer_at - now)
        now = answer_at
        lock_out.failed(HERE, now)
    assert waited == [0.0, *LOG_IN_DELAY_SECONDS, LOG_IN_DELAY_SECONDS[-1]]
    assert lock_out.answer_at(THERE, now, FAR) == now


def test_many_at_once_guess_no_faster_than_one() -> None:
    lock_out = LockOut()
    lock_out.failed(HERE, 0.0)
    assert [lock_out.answer_at(HERE, 0.0, 3.5) for _ in range(5)] == [1.0, 2.0, 3.0, None, None]
    assert lock_out.answer_at(HERE, 0.0, 4.5) == 4.0, "what was not answered takes nobody's turn"


def test_quiet_makes_good_and_a_success_does_not() -> None:
    lock_out = LockOut()
    lock_out.failed(HERE, 0.0)
    before = LOG_IN_FORGET_SECONDS - 0.1
    assert lock_out.answer_at(HERE, before, FAR) == before + LOG_IN_DELAY_SECONDS[0]
    assert lock_out.answer_at(HERE, float(LOG_IN_FORGET_SECONDS), FAR) == LOG_IN_FORGET_SECONDS
    assert len(lock_out) == 0


def test_the_table_is_bounded_and_loses_the_oldest() -> None:
    lock_out = LockOut(sources_max=3)
    for source in ("a", "b", "c", "a", "d"):
        lock_out.failed(source, 1.0)
    assert len(lock_out) == 3
    assert lock_out.answer_at("b", 1.0, FAR) == 1.0
    assert lock_out.answer_at("a", 1.0, FAR) == 1.0 + LOG_IN_DELAY_SECONDS[1]


def test_the_longest_wait_ends_before_the_log_in_does() -> None:
    assert LOG_IN_DELAY_SECONDS[-1] < LOG_IN_SECONDS_MAX


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_one_source_is(address: str, source: str) -> None:
    assert source_of(address) == source
