"""Values of the CTI server and the IVR: equal by content; numbers on the wire stand."""

from model.centre import NOTHING_SEEN, AgentState, CentreSnapshot, IvrOutcome, VisitOutcome


def test_numbers_never_change() -> None:
    assert [state.value for state in AgentState] == [0, 1, 2, 3, 4, 5]
    assert [outcome.value for outcome in VisitOutcome] == list(range(8))
    assert [outcome.value for outcome in IvrOutcome] == list(range(5))


def test_nothing_goes_on_at_first() -> None:
    assert CentreSnapshot(3) == CentreSnapshot(3, NOTHING_SEEN, (), (), ())
