"""A session with a caller is a row when it is over."""

from dataclasses import replace

from cdr.ledger.sessions import IvrSessions
from model.centre import CentreSnapshot, IvrOutcome, IvrSession
from model.centre_events import IvrEvent, IvrEventKind, SeenEvent
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds

STORY = EventId(1, 5)
RUNNING = IvrSession(
    EventId(8, 1), DeviceNumber("8900"), "main", ConversationId(STORY), CallId(STORY), Microseconds(10)
)


def event(kind: IvrEventKind, number: int, session: IvrSession) -> IvrEvent:
    return IvrEvent(kind, number, Microseconds(10 * number), EventId(1, 5 + number), session)


def test_a_row_at_the_end() -> None:
    sessions = IvrSessions()
    assert sessions.take(event(IvrEventKind.IVR_SESSION_BEGAN, 1, RUNNING)) == []
    deeper = replace(RUNNING, node="language", nodes=1, digits="2")
    assert sessions.take(event(IvrEventKind.IVR_DIGITS_COLLECTED, 2, deeper)) == []
    assert list(sessions.running.values()) == [deeper]
    over = replace(deeper, outcome=IvrOutcome.TRANSFERRED, destination="6000", ended_us=Microseconds(25))
    (row,) = sessions.take(event(IvrEventKind.IVR_SESSION_ENDED, 3, over))
    assert (row.outcome, row.digits, row.destination, row.ended_us) == ("transferred", "2", "6000", 25)
    assert sessions.running == {}


def test_one_that_ended_without_saying_how_failed() -> None:
    (row,) = IvrSessions().take(event(IvrEventKind.IVR_SESSION_ENDED, 3, RUNNING))
    assert (row.outcome, row.ended_us) == ("failed", 30)


def test_the_mark() -> None:
    sessions = IvrSessions()
    sessions.seen(event(IvrEventKind.IVR_SESSION_BEGAN, 1, RUNNING))
    assert sessions.mark == EventId(1, 5)
    sessions.seen(SeenEvent(2, Microseconds(1), EventId(1, 9)))
    assert sessions.mark == EventId(1, 9)


def test_after_a_gap_what_is_not_there_any_more_failed_at_an_unknown_time() -> None:
    sessions = IvrSessions()
    sessions.take(event(IvrEventKind.IVR_SESSION_BEGAN, 1, RUNNING))
    other = replace(RUNNING, session_id=EventId(8, 4))
    (row,) = sessions.take_snapshot(CentreSnapshot(6, EventId(1, 40), ivr_sessions=(other,)), Microseconds(99))
    assert (row.session_id, row.outcome, row.reason, row.ended_us) == ("8:1", "failed", "lost sight of", 99)
    assert not row.complete
    assert list(sessions.running.values()) == [other]
    assert sessions.mark == EventId(1, 40)
