"""Agents, their periods, wrap-up and queues, joined to conversations by numbers of the gateway's stream."""

from dataclasses import replace

from cdr.ledger.desks import Desks
from cdr.records import AgentPeriodRecord, AgentSessionRecord, QueueVisitRecord
from model.centre import (
    AgentNumber,
    AgentSession,
    AgentState,
    CentreSnapshot,
    QueueName,
    QueueVisit,
    VisitOutcome,
)
from model.centre_events import AgentEvent, AgentEventKind, SeenEvent, VisitEvent, VisitEventKind
from model.ids import CallId, ConversationId, DeviceNumber, EventId, Microseconds

STORY = ConversationId(EventId(1, 20))


def at(number: int) -> EventId:
    """An event of the gateway."""
    return EventId(1, number)


def seconds(count: int) -> Microseconds:
    return Microseconds(count * 1_000_000)


def agent(
    state: AgentState, since: int, *, agent_number: str = "7001", began: int = 1, reason: str = ""
) -> AgentSession:
    story = STORY if state in (AgentState.BUSY, AgentState.WRAP_UP) else None
    return AgentSession(
        EventId(9, began), AgentNumber(agent_number), "Ada", DeviceNumber("1000"), state, seconds(since),
        seconds(began), reason, story,
    )  # fmt: skip


def tell(desks: Desks, session: AgentSession, *, number: int, seen: int, when: int) -> list[object]:
    kind = {AgentState.LOGGED_OUT: AgentEventKind.AGENT_LOGGED_OUT}.get(
        session.state,
        AgentEventKind.AGENT_LOGGED_IN if number == session.session_id.number else AgentEventKind.AGENT_STATE_CHANGED,
    )
    event = AgentEvent(kind, number, seconds(when), at(seen), session)
    records = desks.take_agent(event, str(EventId(9, number)))
    desks.seen(event)
    return list(records)


def a_day() -> tuple[Desks, list[object]]:
    """Logged in at gateway event 10, busy, wrap-up of 4 seconds, ready, gone at event 40."""
    desks, records = Desks(), []
    records += tell(desks, agent(AgentState.READY, 1), number=1, seen=10, when=1)
    records += tell(desks, agent(AgentState.BUSY, 3), number=2, seen=21, when=3)
    records += tell(desks, agent(AgentState.WRAP_UP, 6), number=3, seen=25, when=6)
    records += tell(desks, agent(AgentState.READY, 10), number=4, seen=30, when=10)
    records += tell(desks, agent(AgentState.LOGGED_OUT, 12, reason="lunch"), number=5, seen=40, when=12)
    return desks, records


def test_sessions_and_their_periods() -> None:
    _, records = a_day()
    sessions = [one for one in records if isinstance(one, AgentSessionRecord)]
    assert [(one.ended_us, one.reason, one.revision) for one in sessions] == [(None, "", 1), (seconds(12), "lunch", 2)]
    periods = [one for one in records if isinstance(one, AgentPeriodRecord)]
    assert [(one.state, one.began_us, one.ended_us) for one in periods] == [
        ("ready", seconds(1), seconds(3)),
        ("busy", seconds(3), seconds(6)),
        ("wrap_up", seconds(6), seconds(10)),
        ("ready", seconds(10), seconds(12)),
    ]
    assert periods[2].conversation_id == str(STORY)


def test_who_was_there_when() -> None:
    desks, _ = a_day()
    assert [desks.agent_at("1000", at(number)) for number in (9, 10, 39, 40)] == ["", "7001", "7001", ""]
    assert desks.agent_at("1001", at(20)) == ""


def test_wrap_up_counts_for_the_conversation_if_it_was_told_before_the_mark_passed_its_end() -> None:
    desks, _ = a_day()
    assert desks.wrap_up_us(STORY, "1000", "7001", at(25)) == seconds(4)
    assert desks.wrap_up_us(STORY, "1000", "7001", at(20)) == 0, "the mark was at 20 when it was told"
    assert desks.wrap_up_us(STORY, "1000", "7002", at(25)) == 0
    assert not desks.wraps_up(STORY, at(25))


def test_somebody_still_works_after_it() -> None:
    desks = Desks()
    tell(desks, agent(AgentState.READY, 1), number=1, seen=10, when=1)
    tell(desks, agent(AgentState.WRAP_UP, 6), number=2, seen=25, when=6)
    assert desks.wraps_up(STORY, at(25))
    again = Desks()
    again.keep(desks.desks[EventId(9, 1)])
    assert again.wraps_up(STORY, at(25)), "read back from a draft too"


def test_the_mark_is_one_behind_an_event_and_at_a_seen_event() -> None:
    desks = Desks()
    tell(desks, agent(AgentState.READY, 1), number=1, seen=10, when=1)
    assert desks.mark == at(9)
    desks.seen(SeenEvent(2, seconds(2), at(10)))
    assert desks.mark == at(10)
    desks.seen(SeenEvent(3, seconds(2), at(4)))
    assert desks.mark == at(10), "it never goes back"


def visit(kind: VisitEventKind, number: int, one: QueueVisit) -> VisitEvent:
    return VisitEvent(kind, number, seconds(number), at(20 + number), one)


def test_a_visit_is_a_row_when_it_is_over_and_the_first_queue_is_the_conversation_s() -> None:
    desks = Desks()
    one = QueueVisit(EventId(9, 1), QueueName("sales"), STORY, CallId(STORY), seconds(1), position=2)
    assert desks.take_visit(visit(VisitEventKind.QUEUE_ENTERED, 1, one)) == []
    assert desks.waiting == {one.visit_id: one}
    over = replace(one, outcome=VisitOutcome.ANSWERED, left_us=seconds(5), agent=AgentNumber("7001"), offers=1)
    (record,) = desks.take_visit(visit(VisitEventKind.QUEUE_LEFT, 2, over))
    assert isinstance(record, QueueVisitRecord)
    assert (record.source, record.outcome, record.left_us, record.position) == ("cti", "answered", seconds(5), 2)
    other = replace(one, visit_id=EventId(9, 3), queue=QueueName("support"))
    desks.take_visit(visit(VisitEventKind.QUEUE_ENTERED, 3, other))
    assert desks.queue_of(STORY, at(30)) == "sales"
    assert desks.queue_of(STORY, EventId(0, 0)) == ""


def test_an_agent_met_in_mid_session_is_not_whole() -> None:
    desks = Desks()
    (record,) = tell(desks, agent(AgentState.BUSY, 3), number=2, seen=21, when=3)
    assert isinstance(record, AgentSessionRecord)
    assert not record.complete


def test_what_nobody_can_ask_for_any_more_is_dropped() -> None:
    desks, _ = a_day()
    desks.forget([at(20)], at(50))
    assert desks.desks, "conversation 20 may still ask"
    desks.forget([], at(50))
    assert (desks.desks, desks.at_device["1000"]) == ({}, [])


def test_after_a_gap_the_snapshot_says_who_is_there() -> None:
    desks = Desks()
    tell(desks, agent(AgentState.READY, 1), number=1, seen=10, when=1)
    tell(desks, agent(AgentState.READY, 2, agent_number="7002", began=2), number=2, seen=11, when=2)
    here = agent(AgentState.BUSY, 8, agent_number="7002", began=2)
    new = agent(AgentState.READY, 7, agent_number="7003", began=6)
    visit = QueueVisit(EventId(9, 7), QueueName("sales"), STORY, CallId(STORY), seconds(7))
    records = desks.take_snapshot(9, CentreSnapshot(8, at(30), (here, new), (visit,)), seconds(9))
    sessions = {one.agent: one for one in records if isinstance(one, AgentSessionRecord)}
    assert (sessions["7001"].ended_us, sessions["7001"].reason) == (seconds(9), "lost sight of")
    assert (sessions["7003"].began_us, sessions["7003"].ended_us) == (seconds(6), None)
    periods = [(one.agent, one.state, one.ended_us) for one in records if isinstance(one, AgentPeriodRecord)]
    assert periods == [("7001", "ready", seconds(9)), ("7002", "ready", seconds(8))]
    assert not any(getattr(one, "complete", False) for one in records)
    assert desks.mark == at(30)
    assert list(desks.waiting.values()) == [visit]
    (lost,) = desks.take_snapshot(9, CentreSnapshot(9, at(31), (here, new)), seconds(12))
    assert isinstance(lost, QueueVisitRecord)
    assert (lost.outcome, lost.left_us, lost.complete) == ("lost", seconds(12), False)


def test_stretches_that_one_snapshot_begins_have_identities_of_their_own() -> None:
    desks = Desks()
    both = agent(AgentState.READY, 1), agent(AgentState.READY, 1, agent_number="7002", began=2)
    desks.take_snapshot(9, CentreSnapshot(8, at(30), both), seconds(9))
    assert len({desk.period for desk in desks.desks.values()}) == 2
