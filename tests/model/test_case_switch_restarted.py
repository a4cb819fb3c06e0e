"""A switch that starts anew counts its calls from the beginning: ids of calls we still hold mean other calls."""

from dataclasses import replace

import pytest

from model.events import CallEvent, CallEventKind
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId
from model.reports import CallSnapshot, Happening, PartySnapshot
from model.states import ConnectionState, LinkState
from tests.model.test_case_stale_answers import Story, us


def shown(calling: str, called: str, *devices: str, answered: float) -> CallSnapshot:
    """An answer to SnapshotCall for call 93, asked for a tenth of a second before."""
    parties = tuple(PartySnapshot(DeviceNumber(one), ConnectionKey(one), ConnectionState.CONNECTED) for one in devices)
    asked = us(answered - 0.1)
    who = DeviceNumber(calling) or None, DeviceNumber(called) or None
    return CallSnapshot(SwitchCallId("93"), asked, us(answered), parties, *who)


def lose_link(story: Story) -> None:
    """It is lost and comes back; nothing is compared yet."""
    story.model.link_changed(LinkState.DOWN, "the switch closed the connection", us(2.0))
    story.model.link_changed(LinkState.INITIALISING, "comparing", us(3.0))


def held_over() -> Story:
    """As call 93 8001 rang 8002, which is held, when the link was lost; it comes back."""
    story = Story("8001", "8002", "8003", "8004")
    story.model.link_changed(LinkState.UP, "", us(0.5))
    story.told(1.0, Happening.DELIVERED, "8002", "93:8002", calling="8001", called="8002")
    lose_link(story)
    return story


def test_the_new_call_does_not_join_the_old_one() -> None:
    story = held_over()
    story.told(4.0, Happening.SERVICE_INITIATED, "8003", "93:8003")
    calls = story.model.snapshot().calls
    assert [{one.device for one in call.connections} for call in calls] == [{"8003"}]


def test_a_party_added_to_the_old_one_is_no_other_call() -> None:
    story = held_over()
    story.told(4.0, Happening.DELIVERED, "8003", "93:8003", calling="8001", called="8002")
    (call,) = story.model.snapshot().calls
    assert {one.device for one in call.connections} == {"8001", "8002", "8003"}


def test_an_answer_in_the_new_call_is_not_one_in_the_old() -> None:
    """Heard between the new monitors and the switch's answer, which it makes stale."""
    story = held_over()
    story.told(3.95, Happening.ESTABLISHED, "8004", "93:8004", calling="8003", called="8004")
    story.model.report(shown("8003", "8004", "8003", "8004", answered=4.0))
    assert "8001" not in {one.device for call in story.model.snapshot().calls for one in call.connections}


@pytest.mark.parametrize("first", ["answer", "report"])
def test_a_queue_that_both_wait_in_makes_them_no_one_call(first: str) -> None:
    story = Story("8001", "8003", "6000")
    story.model.link_changed(LinkState.UP, "", us(0.5))
    story.told(1.0, Happening.QUEUED, "6000", "93:6000", calling="8001", called="6000")
    (old,) = story.model.snapshot().calls
    lose_link(story)
    if first == "report":
        story.told(3.95, Happening.DIVERTED, "6000", "93:6000", calling="8003", called="6000")
    answer = shown("8003", "6000", "8003", answered=4.0)
    queued = PartySnapshot(DeviceNumber("6000"), ConnectionKey("6000"), ConnectionState.QUEUED)
    story.model.report(replace(answer, parties=(*answer.parties, queued)))
    calls = story.model.snapshot().calls
    assert old.call_id not in [one.call_id for one in calls]
    assert "8001" not in {one.device for call in calls for one in call.connections}


def test_one_who_came_into_the_old_one_unheard_and_leaves_it_is_in_no_other() -> None:
    story = held_over()
    (old,) = story.model.snapshot().calls
    story.told(4.0, Happening.ESTABLISHED, "8003", "93:8003", calling="8001", called="8003")
    assert [one.call_id for one in story.model.snapshot().calls] == [old.call_id]


@pytest.mark.parametrize("is_told", [True, False], ids=["with who called", "with parties alone"])
def test_the_switch_s_answer_about_the_new_call_ends_the_old_one(is_told: bool) -> None:
    """It is not there any more, and when it went nobody knows; the new one is none of its conversation."""
    story = held_over()
    (old,) = story.model.snapshot().calls
    who = ("8003", "8004") if is_told else ("", "")
    step = story.model.report(shown(*who, "8003", "8004", answered=4.0))
    told = [event.kind for event in step.events if isinstance(event, CallEvent)]
    assert told == [CallEventKind.RECONCILED, CallEventKind.RECONCILED]
    (new,) = story.model.snapshot().calls
    assert (new.calling, {one.device for one in new.connections}) == (who[0], {"8003", "8004"})
    assert (new.switch_call_id, old.switch_call_id) == ("93", "93")
    assert old.conversation_id not in (new.call_id, new.conversation_id)


@pytest.mark.parametrize(
    ("calling", "called", "devices"),
    [("8001", "8002", ("8003", "8004")), ("8003", "8002", ("8002", "8003"))],
    ids=["all parties replaced", "one party left"],
)
def test_an_answer_about_what_became_of_the_old_one_goes_on_with_it(
    calling: str, called: str, devices: tuple[str, ...]
) -> None:
    story = held_over()
    (old,) = story.model.snapshot().calls
    story.model.report(shown(calling, called, *devices, answered=4.0))
    assert [one.call_id for one in story.model.snapshot().calls] == [old.call_id]


def test_an_answer_while_the_link_was_never_lost_goes_on_with_it() -> None:
    story = Story("8001", "8002", "8003", "8004")
    story.model.link_changed(LinkState.UP, "", us(0.5))
    story.told(1.0, Happening.DELIVERED, "8002", "93:8002", calling="8001", called="8002")
    (old,) = story.model.snapshot().calls
    story.model.report(shown("8003", "8004", "8003", "8004", answered=4.0))
    assert [one.call_id for one in story.model.snapshot().calls] == [old.call_id]
