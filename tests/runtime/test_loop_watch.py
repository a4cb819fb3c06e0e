"""The beats of a loop: how long it stood still, for how long that is news, and a real loop that is held up."""

import asyncio

from runtime.loop_watch import BEAT_SECONDS, KEPT_SECONDS, NEWS_SECONDS, STILL_SECONDS_MAX, LoopWatch
from tests.waiting import until

HELD_UP_SECONDS = 0.3


def beaten(*times: float) -> LoopWatch:
    watch = LoopWatch()
    for now in times:
        watch.beat(now)
    return watch


def test_a_loop_in_time_has_no_pause_and_no_trouble() -> None:
    watch = beaten(*(place * BEAT_SECONDS for place in range(20)))
    now = 19 * BEAT_SECONDS
    assert watch.longest_pause(now) == 0
    assert watch.trouble(now) == ""
    assert LoopWatch().trouble(now) == ""


def test_a_pause_is_told_while_it_lasts_and_for_some_time_after() -> None:
    still = BEAT_SECONDS + STILL_SECONDS_MAX + 2
    watch = beaten(0.0)
    assert watch.trouble(BEAT_SECONDS + STILL_SECONDS_MAX) == ""
    assert watch.trouble(still) == "the event loop stood still for 7.0 s within the last 15 s"
    watch.beat(still)
    assert watch.trouble(still + NEWS_SECONDS - 1).startswith("the event loop stood still for ")
    for place in range(1, int((KEPT_SECONDS + 1) / BEAT_SECONDS)):
        watch.beat(still + place * BEAT_SECONDS)
        now = still + place * BEAT_SECONDS
        assert bool(watch.trouble(now)) is (now - still <= NEWS_SECONDS)
        assert watch.longest_pause(now) == (7.0 if now - still <= KEPT_SECONDS else 0.0)


async def test_a_real_loop_that_is_held_up() -> None:
    loop = asyncio.get_running_loop()
    watch = LoopWatch()
    watch.start(loop)
    try:
        assert watch.longest_pause(loop.time()) < HELD_UP_SECONDS
        free_at = loop.time() + BEAT_SECONDS + HELD_UP_SECONDS
        while loop.time() < free_at:  # as a computation would that nobody thought of
            continue
        assert watch.longest_pause(loop.time()) >= HELD_UP_SECONDS
        await until(lambda: watch.longest_pause(loop.time()) >= HELD_UP_SECONDS)
    finally:
        watch.stop()
        watch.stop()
