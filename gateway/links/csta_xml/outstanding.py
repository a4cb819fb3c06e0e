"""Requests to the switch that are not answered yet: numbers, a window, time-outs. Pure.

Ours only: the switch's requests are numbered by itself and may carry a number that we also have outstanding, so they
never come here (ECMA-323 J.2).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.links.csta_xml.codec import ParseProblem, UnknownMessage
from gateway.links.csta_xml.framing import InvokeIds
from gateway.links.csta_xml.messages import Message


class NoAnswer:
    """The switch did not answer in time, or the link went down."""


Answer = Message | ParseProblem | UnknownMessage | NoAnswer
OnAnswer = Callable[[Answer], None]
NO_ANSWER = NoAnswer()

WAITING_MAX = 200_000
"""Requests waiting for the window: a monitor and a snapshot for each of 100,000 ports."""


@dataclass(slots=True)
class _Asked:
    message: Message
    on_answer: OnAnswer
    until_seconds: float = 0.0


class OutstandingRequests:
    """A window of requests under way, and those that wait for it; urgent ones (call control) go first."""

    def __init__(self, window: int, answer_seconds: float) -> None:
        self._window = window
        self._answer_seconds = answer_seconds
        self._ids = InvokeIds()
        self._under_way: dict[int, _Asked] = {}
        self._waiting: deque[_Asked] = deque()
        self.late_answers = 0

    def add(self, message: Message, on_answer: OnAnswer, *, urgent: bool = False) -> None:
        """Queue a request. ``on_answer`` is called exactly once, also when no answer comes."""
        asked = _Asked(message, on_answer)
        if len(self._waiting) >= WAITING_MAX:
            on_answer(NO_ANSWER)
        elif urgent:
            self._waiting.appendleft(asked)
        else:
            self._waiting.append(asked)

    def due(self, now: float) -> list[tuple[int, Message]]:
        """Requests that may leave now, with their invoke ids."""
        leaving: list[tuple[int, Message]] = []
        while self._waiting and len(self._under_way) < self._window:
            invoke_id = self._ids.allocate(now)
            if invoke_id is None:
                break
            asked = self._waiting.popleft()
            asked.until_seconds = now + self._answer_seconds
            self._under_way[invoke_id] = asked
            leaving.append((invoke_id, asked.message))
        return leaving

    def answered(self, invoke_id: int, answer: Answer) -> bool:
        """An answer came; False for one nobody waits for (late, or invented)."""
        if not self._ids.answered(invoke_id):
            self.late_answers += 1
            return False
        self._under_way.pop(invoke_id).on_answer(answer)
        return True

    def expire(self, now: float) -> int:
        """Give up on those without answer for too long; returns how many."""
        overdue = [invoke_id for invoke_id, asked in self._under_way.items() if asked.until_seconds <= now]
        for invoke_id in overdue:
            self._ids.timed_out(invoke_id, now)
            self._under_way.pop(invoke_id).on_answer(NO_ANSWER)
        return len(overdue)

    def deadline(self) -> float | None:
        """When ``expire`` is next due."""
        return min((asked.until_seconds for asked in self._under_way.values()), default=None)

    def give_up(self) -> None:
        """The connection is gone: nobody will answer."""
        lost = [*self._under_way.values(), *self._waiting]
        self._under_way.clear()
        self._waiting.clear()
        for asked in lost:
            asked.on_answer(NO_ANSWER)
