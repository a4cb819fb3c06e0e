"""Service level in its three ways, means and shares; nothing is divided by nothing."""

from cdr.report.tally import Tally


def test_the_three_service_levels() -> None:
    tally = Tally(offered=100, answered=80, abandoned=15, other=5, answered_within=68, abandoned_within=6)
    assert tally.level_abandoned_ignored == 68 / 85
    assert tally.level_abandoned_negative == 0.68
    assert tally.level_abandoned_positive == 0.74


def test_means_are_of_answered_calls() -> None:
    tally = Tally(offered=3, answered=2, wait_us=10, longest_wait_us=9, talking_us=120, wrap_up_us=30)
    assert (tally.average_wait_us, tally.average_talk_us, tally.average_wrap_up_us) == (5, 60, 15)


def test_shares_of_time() -> None:
    tally = Tally(staffed_us=100, occupied_us=80, seized_us=25, span_us=50)
    assert (tally.occupancy, tally.busy_share) == (0.8, 0.5)


def test_where_nothing_came_nothing_is_told() -> None:
    tally = Tally()
    assert tally.level_abandoned_ignored is tally.level_abandoned_negative is tally.level_abandoned_positive is None
    assert tally.average_wait_us is tally.average_talk_us is tally.occupancy is tally.busy_share is None
    assert Tally(offered=3, abandoned=3).level_abandoned_ignored is None


def test_together_counts_add_up_and_the_longest_wait_is_the_longest() -> None:
    one = Tally(offered=1, wait_us=5, longest_wait_us=5)
    one.add(Tally(offered=2, wait_us=3, longest_wait_us=2))
    assert one == Tally(offered=3, wait_us=8, longest_wait_us=5)
