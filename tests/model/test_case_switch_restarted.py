"""A switch that starts anew counts its calls from the beginning: ids of calls we still hold mean other calls."""

from model.reports import Happening
from model.states import LinkState
from tests.model.test_case_stale_answers import Story, us


def test_the_new_call_does_not_join_the_old_one() -> None:
    story = Story("8001", "8002", "8003", "8004")
    story.model.link_changed(LinkState.UP, "", us(0.5))
    story.told(1.0, Happening.DELIVERED, "8002", "93:8002", calling="8001", called="8002")
    story.model.link_changed(LinkState.DOWN, "the switch closed the connection", us(2.0))
    story.model.link_changed(LinkState.INITIALISING, "comparing", us(3.0))
    story.told(4.0, Happening.SERVICE_INITIATED, "8003", "93:8003")
    calls = story.model.snapshot().calls
    assert [{one.device for one in call.connections} for call in calls] == [{"8003"}]


def test_a_party_added_to_the_old_one_is_no_other_call() -> None:
    story = Story("8001", "8002", "8003")
    story.model.link_changed(LinkState.UP, "", us(0.5))
    story.told(1.0, Happening.DELIVERED, "8002", "93:8002", calling="8001", called="8002")
    story.model.link_changed(LinkState.DOWN, "cable", us(2.0))
    story.model.link_changed(LinkState.INITIALISING, "comparing", us(3.0))
    story.told(4.0, Happening.DELIVERED, "8003", "93:8003", calling="8001", called="8002")
    (call,) = story.model.snapshot().calls
    assert {one.device for one in call.connections} == {"8001", "8002", "8003"}
