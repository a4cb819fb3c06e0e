"""Events applied to conversations: time does not run backwards; what was proven is told from what was found."""

from cdr.ledger.stories import Stories
from cdr.records import Ending, PartState
from model.causes import Cause
from model.events import CallEventKind
from model.ids import EventId
from model.states import ConnectionState, PortKind
from tests.cdr.ledger.parts import ALERTING, SECOND, call, event, seen

KINDS = {"1000": PortKind.EXT, "1001": PortKind.EXT}
A, B = seen("1000"), seen("1001")


def talking() -> Stories:
    """1000 has called 1001, who answered at second 3."""
    stories = Stories()
    rings = call(1, A, seen("1001", ALERTING))
    stories.take(event(CallEventKind.DELIVERED, "1001", rings, at=1), EventId(1, 1), KINDS)
    stories.take(event(CallEventKind.ESTABLISHED, "1001", call(1, A, B), at=3), EventId(1, 3), KINDS)
    return stories


def test_a_conversation_ends_with_its_last_call() -> None:
    stories = talking()
    cleared = event(CallEventKind.CONNECTION_CLEARED, "1000", call(1, ended=True), at=9)
    (story,) = stories.take(cleared, EventId(1, 9), KINDS)
    assert story.ended == EventId(1, 9)
    assert (stories.open, stories.of_call) == ({}, {})
    caller, called = story.parts
    assert (caller.ending, called.ending) == (Ending.HUNG_UP, Ending.OTHERS_LEFT)
    assert called.spans == {PartState.RINGING: 2 * SECOND, PartState.TALKING: 6 * SECOND}
    assert called.answered == EventId(1, 3)


def test_a_clock_set_back_takes_no_time_away() -> None:
    stories = talking()
    early = event(CallEventKind.CONNECTION_CLEARED, "1000", call(1, ended=True), at=2)
    (story,) = stories.take(early, EventId(1, 4), KINDS)
    assert story.last_us == 3 * SECOND
    assert all(sum(part.spans.values()) == (part.ended_us or 0) - part.began_us for part in story.parts)


def test_an_end_that_was_only_found_leaves_the_time_since_the_last_proof_uncertain() -> None:
    stories = talking()
    found = event(CallEventKind.RECONCILED, "", call(1, ended=True), at=20, proof=7, cause=Cause.RECONCILED)
    (story,) = stories.take(found, EventId(1, 5), KINDS)
    called = story.parts[1]
    assert called.ending is Ending.RECONCILED
    assert called.spans[PartState.TALKING] == 4 * SECOND
    assert called.spans[PartState.UNCERTAIN] == 13 * SECOND


def test_an_outside_party_is_answered_when_it_is_established_and_not_when_the_network_is_reached() -> None:
    stories = Stories()
    reached = call(1, A, seen("139", trunk="T001", key="T001"))
    stories.take(event(CallEventKind.NETWORK_REACHED, "T001", reached, at=1), EventId(1, 1), KINDS)
    story = stories.open[EventId(1, 1)]
    assert [part.state for part in story.parts] == [PartState.WAITING, PartState.RINGING]
    stories.take(event(CallEventKind.ESTABLISHED, "139", reached, at=4), EventId(1, 4), KINDS)
    assert [part.state for part in story.parts] == [PartState.TALKING, PartState.TALKING]


def test_a_loser_s_parts_go_on_in_the_winner() -> None:
    stories = talking()
    held = call(1, A, seen("1001", ConnectionState.HOLD))
    stories.take(event(CallEventKind.HELD, "1001", held, at=4), EventId(1, 4), KINDS)
    second = call(5, seen("1001"), seen("1002"))
    stories.take(event(CallEventKind.ESTABLISHED, "1002", second, at=5), EventId(1, 5), KINDS)
    merged = (call(7, A, seen("1002"), conversation=1), call(1, ended=True), call(5, ended=True, conversation=5))
    touched = stories.take(event(CallEventKind.TRANSFERRED, "1001", *merged, at=7, other="1002"), EventId(1, 7), KINDS)
    loser = next(story for story in touched if story.conversation_id == EventId(1, 5))
    winner = next(story for story in touched if story.conversation_id == EventId(1, 1))
    assert (loser.winner, loser.ended) == (winner.conversation_id, EventId(1, 7))
    assert [part.device for part in winner.live()] == ["1000", "1002"]
    assert stories.of_call == {EventId(1, 7): winner}
    left = event(CallEventKind.CONNECTION_CLEARED, "1002", call(7, A, conversation=1), at=9)
    stories.take(left, EventId(1, 9), KINDS)
    assert [part.state for part in winner.live()] == [PartState.ALONE], "the target has come and gone: nobody comes now"


def test_a_conversation_read_back_goes_on() -> None:
    stories = talking()
    again = Stories()
    again.keep(stories.open[EventId(1, 1)])
    cleared = event(CallEventKind.CONNECTION_CLEARED, "1000", call(1, ended=True), at=9)
    assert [story.ended for story in again.take(cleared, EventId(1, 9), KINDS)] == [EventId(1, 9)]
