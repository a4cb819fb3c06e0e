"""A time in which the journal cannot be written."""

import pytest

from gateway.journal.outage import Outage, is_due
from protocol.archive import Hole
from runtime.texts import verbatim
from tests.gateway.journal.stage import NOW_US, SECOND_US


@pytest.mark.parametrize(
    ("tried_us", "due"),
    [
        (None, True),
        (NOW_US, False),
        (NOW_US - SECOND_US + 1, False),
        (NOW_US - SECOND_US, True),
        (NOW_US + 1, True),
    ],
)
def test_it_is_tried_once_a_second_and_at_once_when_the_clock_was_turned_back(tried_us: int | None, due: bool) -> None:
    assert is_due(tried_us, NOW_US) == due


def test_what_it_lost_is_what_was_used_since() -> None:
    outage = Outage(verbatim("the disk is full"), NOW_US, 7, NOW_US)
    assert outage.lost(6) is None
    assert outage.lost(9) == Hole(7, 9)
    outage.failed(verbatim("the disk is gone"), NOW_US + 5)
    assert (outage.reason.render(), outage.since_us) == ("the disk is gone", NOW_US)
    assert not outage.is_due(NOW_US + 6)
