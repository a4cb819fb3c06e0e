"""Sites with so many calls that go on; and what each costs as a multiple of the first."""

from bench.ledger import CALLS_A_SLICE, Site, run


def test_a_slice_leaves_as_many_calls_as_there_were() -> None:
    site = Site(50)
    assert site.slice() > 0
    assert site.calls_open == 50
    assert site.events == 2 * 50 + 3 * CALLS_A_SLICE


def test_the_first_is_the_measure() -> None:
    outcome = run((10, 20), 2)
    assert outcome["growth"]["10"] == 1
    assert set(outcome["microseconds_per_event"]) == {"10", "20"}
