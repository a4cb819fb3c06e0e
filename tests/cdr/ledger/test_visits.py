"""Stays in the switch's queues."""

from cdr.ledger.draft import Part
from cdr.ledger.visits import visits
from cdr.records import Ending, QueueVisitRecord, Role
from model.ids import EventId
from model.states import PortKind
from tests.cdr.ledger.parts import SECOND, outside, part, story


def ended(one: Part, at: int, ending: Ending, answered: int | None = None) -> Part:
    one.ended_us, one.ended, one.ending = at * SECOND, EventId(1, at), ending
    if answered is not None:
        one.answered_us, one.answered = answered * SECOND, EventId(1, answered)
    return one


def queue(name: str, began: int) -> Part:
    return part(name, kind=PortKind.QUEUE, role=Role.QUEUE, began=began)


def chosen(device: str, began: int, name: str) -> Part:
    one = part(device, role=Role.DISTRIBUTED, began=began)
    one.queue = name
    return one


def of(*parts: Part, caller_left: int = 30) -> list[QueueVisitRecord]:
    held = story(ended(outside(), caller_left, Ending.HUNG_UP), *parts)
    held.subject = held.first_subject = 0
    return visits(held, ())


def told(records: list[QueueVisitRecord]) -> list[tuple[str, str, int, int, int]]:
    return [(one.queue, one.outcome, one.entered_us // SECOND, one.left_us // SECOND, one.offers) for one in records]


def test_one_stay_over_telephones_that_do_not_answer() -> None:
    rows = of(
        ended(queue("6000", 2), 5, Ending.DIVERTED),
        ended(chosen("1000", 5, "6000"), 10, Ending.NO_ANSWER),
        ended(queue("6000", 10), 12, Ending.DIVERTED),
        ended(chosen("1001", 12, "6000"), 30, Ending.OTHERS_LEFT, answered=15),
    )
    assert told(rows) == [("6000", "answered", 2, 15, 2)]
    assert rows[0].device == "1001"


def test_a_queue_that_found_somebody_at_once() -> None:
    assert told(of(ended(chosen("1000", 2, "6000"), 30, Ending.OTHERS_LEFT, answered=4))) == [
        ("6000", "answered", 2, 4, 1)
    ]


def test_abandoned_and_taken_away() -> None:
    assert told(of(ended(queue("6000", 2), 30, Ending.NO_ANSWER)))[0][1] == "abandoned"
    away = of(ended(queue("6000", 2), 8, Ending.DIVERTED), ended(part("1000", began=8), 30, Ending.OTHERS_LEFT))
    assert told(away) == [("6000", "taken_away", 2, 8, 0)]


def test_a_second_queue_ends_the_stay_in_the_first() -> None:
    rows = of(ended(queue("6000", 2), 8, Ending.DIVERTED), ended(queue("6001", 8), 30, Ending.NO_ANSWER))
    assert told(rows) == [("6000", "overflowed", 2, 8, 0), ("6001", "abandoned", 8, 30, 0)]


def test_what_the_switch_lost() -> None:
    assert told(of(ended(queue("6000", 2), 8, Ending.RECONCILED)))[0][1] == "lost"
