"""A storm of reconnects: everybody is live again, with the state as it is, and the server holds no copy for each."""

import pytest

from bench.storm import Outcome, Plan, run, summary

SMALL = Plan(subscribers=30, calls=300, events_per_second=50, calm_seconds=1.5)
"""Calm for more than a second: snapshots of one second are shared, and the storm is to be given its own."""
COPIES_MAX = 50
"""Snapshots by which the server's memory may grow: those shared, and what a thousand sessions take; not a thousand."""


def check(outcome: Outcome) -> None:
    seen, plan = outcome.seen, outcome.plan
    assert seen.wrong == []
    assert (seen.live, seen.live_again) == (plan.subscribers, plan.subscribers)
    assert seen.snapshots > 0
    assert seen.snapshot_bytes > plan.calls * 100
    assert seen.before.samples > 0
    assert seen.after.samples > 0
    assert outcome.server_after["slow_consumers"] == 0


def test_everybody_is_live_again_and_has_the_state_as_it_is() -> None:
    outcome = run(SMALL)
    check(outcome)
    told = summary(outcome)
    assert told["plan"]["subscribers"] == SMALL.subscribers
    assert told["server_storm"]["longest_pause_ms"] >= 0


@pytest.mark.deep
def test_a_thousand_come_back_to_ten_thousand_calls() -> None:
    outcome = run()
    check(outcome)
    grown = outcome.server_storm["peak_bytes"] - outcome.server_before["bytes"]
    assert grown < COPIES_MAX * outcome.seen.snapshot_bytes, outcome
