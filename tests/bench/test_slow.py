"""Two that do not keep up beside many who do: those lose nothing, and the two are closed with a code."""

import pytest

from bench.slow import Fate, Outcome, Plan, Round, run, share_of, summary

SMALL = Plan(
    subscribers=12, events_per_second=20_000, rounds=1, phase_seconds=60.0, limits={"waiting_bytes_max": 64 * 1024}
)
"""60 seconds are far more than it takes until both are closed."""

RATIO_MAX = 1.2


def check(outcome: Outcome, rounds: int) -> None:
    assert outcome.lost == 0
    assert len(outcome.rounds) == rounds
    assert all(each.samples > 0 < each.with_median_us <= each.with_p99_us for each in outcome.rounds)
    assert [fate.name for fate in outcome.fates] == [
        f"{kind}-{number}" for number in range(rounds) for kind in ("stopped", "creeping")
    ]
    assert {fate.code for fate in outcome.fates} <= {"slow_consumer", "heartbeat_lost"}


def test_the_two_are_closed_and_the_others_lose_nothing() -> None:
    outcome = run(SMALL)
    check(outcome, 1)
    creeping = outcome.fates[1]
    assert creeping.code == "slow_consumer"
    assert creeping.behind_events > 0
    assert creeping.waiting_bytes > 64 * 1024


@pytest.mark.deep
def test_a_thousand_do_not_notice_the_two() -> None:
    plan = Plan()
    outcome = run(plan)
    check(outcome, plan.rounds)
    assert outcome.middle.ratio <= RATIO_MAX, outcome


def test_the_ratio_is_that_of_the_round_in_the_middle() -> None:
    rounds = [Round(1, p99, 1, 1_000, 9) for p99 in (9_000, 1_100, 300)]
    told = summary(Outcome(rounds, [Fate("stopped-0", "", 0.0, 0, 0)], 0))
    assert told["ratio"] == 1.1
    assert told["middle"]["with_p99_us"] == 1_100
    assert told["fates"][0]["name"] == "stopped-0"


def test_percentiles() -> None:
    assert share_of(list(range(1, 1_001)), 99) == 991
    assert share_of([7], 99) == 7
    assert share_of([], 99) == 0
