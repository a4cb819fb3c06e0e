"""Two that do not keep up beside many who do: those lose nothing, and the two are closed with a code."""

import pytest

from bench.slow import Fate, Outcome, Plan, run, share_of, summary

SMALL = Plan(
    subscribers=12, events_per_second=20_000, rounds=1, phase_seconds=60.0, limits={"waiting_bytes_max": 64 * 1024}
)
"""60 seconds are far more than it takes until both are closed."""

RATIO_MAX = 1.2


def check(outcome: Outcome, rounds: int) -> None:
    assert outcome.lost == 0
    assert outcome.samples > 0
    assert [name for name, _ in outcome.phases] == ["with", "without"] * rounds
    assert [fate.name for fate in outcome.fates] == [
        f"{kind}-{number}" for number in range(rounds) for kind in ("stopped", "creeping")
    ]
    assert {fate.code for fate in outcome.fates} == {"slow_consumer"}
    assert all(fate.behind_events > 0 for fate in outcome.fates)


def test_the_two_are_closed_and_the_others_lose_nothing() -> None:
    outcome = run(SMALL)
    check(outcome, 1)
    assert all(fate.waiting_bytes > 64 * 1024 for fate in outcome.fates)


@pytest.mark.deep
def test_a_thousand_do_not_notice_the_two() -> None:
    plan = Plan()
    outcome = run(plan)
    check(outcome, plan.rounds)
    assert outcome.ratio <= RATIO_MAX, outcome


def test_the_ratio_is_with_by_without() -> None:
    outcome = Outcome(1_000, 1_100, 500, 510, 9, [("with", 1_100)], [Fate("stopped-0", "", 0.0, 0, 0)], 0)
    assert summary(outcome)["ratio"] == 1.1
    assert summary(outcome)["fates"][0]["name"] == "stopped-0"


def test_percentiles() -> None:
    assert share_of(list(range(1, 1_001)), 99) == 991
    assert share_of([7], 99) == 7
    assert share_of([], 99) == 0
