"""Requests under way: a window, an order, and exactly one answer to each, whatever happens."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.links.csta_xml.framing import LATE_RESPONSE_SECONDS
from gateway.links.csta_xml.messages import Message, MonitorStop, MonitorStopResponse
from gateway.links.csta_xml.outstanding import (
    URGENT_WAITING_MAX,
    WAITING_MAX,
    Answer,
    NoAnswer,
    OutstandingRequests,
    Unanswered,
)


@dataclass
class Desk:
    """Requests named by a word, and the answers each got."""

    window: int = 2
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.requests = OutstandingRequests(self.window, 10.0)

    def ask(self, name: str, *, urgent: bool = False, now: float = 0.0) -> None:
        self.answers[name] = []
        if urgent:
            self.requests.add_urgent(MonitorStop(name), self.answers[name].append, now)
        else:
            self.requests.add(MonitorStop(name), self.answers[name].append)

    def leave(self, now: float = 0.0, *, urgent_only: bool = False) -> dict[str, int]:
        return {name_of(message): number for number, message in self.requests.due(now, urgent_only=urgent_only)}

    def why(self, name: str) -> list[Unanswered]:
        return [one.why for one in self.answers[name] if isinstance(one, NoAnswer)]


def name_of(message: Message) -> str:
    assert isinstance(message, MonitorStop)
    return message.monitor_cross_ref_id


def test_the_window_and_the_order() -> None:
    desk = Desk()
    for name in "abc":
        desk.ask(name)
    for name in "xy":
        desk.ask(name, urgent=True)
    first = desk.leave()
    assert list(first) == ["x", "y"]
    assert desk.leave() == {}
    assert desk.requests.answered(first["y"], MonitorStopResponse())
    assert list(desk.leave()) == ["a"]
    assert desk.answers["y"] == [MonitorStopResponse()]
    assert not desk.requests.answered(first["y"], MonitorStopResponse())  # late


def test_time_outs() -> None:
    desk = Desk(window=1)
    desk.ask("a")
    number = desk.leave()["a"]
    desk.ask("b", urgent=True, now=5.0)
    assert desk.requests.deadline() == 10.0
    assert desk.requests.expire(9.9) == 0
    assert desk.requests.expire(10.0) == 1
    assert desk.why("a") == [Unanswered.TIMED_OUT]
    assert not desk.requests.answered(number, MonitorStopResponse())
    assert desk.requests.deadline() == 15.0
    assert desk.requests.expire(15.0) == 1
    assert desk.why("b") == [Unanswered.NOT_SENT_IN_TIME]
    desk.ask("c")
    assert desk.leave(16.0) != {"c": number}  # its number rests


def test_a_number_rests_and_comes_back() -> None:
    desk = Desk(window=1)
    used = set()
    for turn in range(9_999):
        desk.ask("a")
        used.add(desk.leave(turn / 1_000)["a"])
        desk.requests.expire(turn / 1_000 + 10.0)
    assert len(used) == 9_999
    desk.ask("b")
    assert desk.leave(20.0) == {}
    assert desk.leave(20.0 + LATE_RESPONSE_SECONDS) == {"b": 0}


def test_only_urgent_ones_for_a_switch_not_at_work() -> None:
    desk = Desk()
    desk.ask("a")
    assert desk.leave(urgent_only=True) == {}
    desk.ask("x", urgent=True)
    assert list(desk.leave(urgent_only=True)) == ["x"]


def test_giving_up_tells_what_was_sent_from_what_was_not() -> None:
    desk = Desk(window=1)
    for name in "ab":
        desk.ask(name)
    desk.leave()
    desk.ask("x", urgent=True)
    desk.requests.give_up()
    assert desk.why("a") == [Unanswered.LINK_LOST]
    assert desk.why("b") == desk.why("x") == [Unanswered.NOT_SENT]
    assert all(one.is_final for answers in desk.answers.values() for one in answers if isinstance(one, NoAnswer))


@pytest.mark.parametrize(("urgent", "most"), [(True, URGENT_WAITING_MAX), (False, WAITING_MAX)])
def test_what_waits_has_a_limit(urgent: bool, most: int) -> None:
    desk = Desk()
    for _ in range(most):
        desk.ask("a", urgent=urgent)
    desk.ask("b", urgent=urgent)
    assert desk.why("b") == [Unanswered.TOO_MANY]


def test_last_words_are_beyond_the_window() -> None:
    desk = Desk(window=1)
    desk.ask("a")
    number = desk.leave()["a"]
    last = desk.requests.beyond_window(MonitorStop("z"), 0.0)
    assert last is not None
    assert last != number
    assert desk.requests.answered(last, MonitorStopResponse())


@given(st.lists(st.tuples(st.sampled_from(["ask", "urgent", "leave", "answer", "pass"]), st.integers(0, 20))))
def test_exactly_one_answer(steps: list[tuple[str, int]]) -> None:
    desk, now, open_numbers, asked = Desk(window=3), 0.0, list[int](), 0
    for step, value in steps:
        if step in ("ask", "urgent"):
            asked += 1
            desk.ask(str(asked), urgent=step == "urgent", now=now)
        elif step == "leave":
            open_numbers += desk.leave(now).values()
        elif step == "answer" and open_numbers:
            desk.requests.answered(open_numbers.pop(value % len(open_numbers)), MonitorStopResponse())
        elif step == "pass":
            now += value
            desk.requests.expire(now)
        assert all(len(answers) <= 1 for answers in desk.answers.values())
    desk.requests.give_up()
    assert [len(answers) for answers in desk.answers.values()] == [1] * asked
