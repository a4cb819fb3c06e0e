"""Requests to the switch that are not answered yet: numbers, a window, time-outs. Pure.

Ours only: the switch's requests are numbered by itself and may carry a number that we also have outstanding, so they
never come here (ECMA-323 J.2).
"""

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from gateway.links.csta_xml.codec import ParseProblem, UnknownMessage
from gateway.links.csta_xml.framing import InvokeIds
from gateway.links.csta_xml.messages import Message


class Unanswered(enum.Enum):
    """Why a request has no answer, in words for whoever asked."""

    TIMED_OUT = "the switch did not answer in time"
    LINK_LOST = "the link went down before the switch answered"
    NOT_SENT = "the link went down before the request was sent"
    NOT_SENT_IN_TIME = "the switch was busy with earlier requests for too long"
    TOO_MANY = "too many requests wait for the switch"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer will come."""

    why: Unanswered

    @property
    def is_final(self) -> bool:
        """Whether the session is over, so that asking again makes no sense."""
        return self.why in (Unanswered.LINK_LOST, Unanswered.NOT_SENT)


Answer = Message | ParseProblem | UnknownMessage | NoAnswer
OnAnswer = Callable[[Answer], None]

WAITING_MAX = 200_000
"""Requests waiting for the window: a monitor and a snapshot for each of 100,000 ports."""
URGENT_WAITING_MAX = 1_000
"""Commands waiting for the window: more than a switch does in the seconds for which a person waits."""


def unheeded(answer: Answer) -> None:
    """Nobody wants to know what the switch answers to this request."""


def unnoticed() -> None:
    """Nobody wants to know when this request leaves."""


@dataclass(slots=True)
class _Asked:
    message: Message
    on_answer: OnAnswer
    on_sent: Callable[[], None]
    until_seconds: float = 0.0


class OutstandingRequests:
    """A window of requests under way, and those that wait for it; urgent ones (call control) go first, in order."""

    def __init__(self, window: int, answer_seconds: float) -> None:
        self._window = window
        self._answer_seconds = answer_seconds
        self._ids = InvokeIds()
        self._under_way: dict[int, _Asked] = {}
        self._urgent: deque[_Asked] = deque()
        self._waiting: deque[_Asked] = deque()

    def add(self, message: Message, on_answer: OnAnswer, on_sent: Callable[[], None] = unnoticed) -> None:
        """Queue a request; ``on_sent`` is called when it leaves, ``on_answer`` exactly once, whatever happens."""
        if len(self._waiting) >= WAITING_MAX:
            on_answer(NoAnswer(Unanswered.TOO_MANY))
        else:
            self._waiting.append(_Asked(message, on_answer, on_sent))

    def add_urgent(self, message: Message, on_answer: OnAnswer, now: float) -> None:
        """Queue a request that goes before the others, or not at all: one too old is not sent any more."""
        if len(self._urgent) >= URGENT_WAITING_MAX:
            on_answer(NoAnswer(Unanswered.TOO_MANY))
        else:
            self._urgent.append(_Asked(message, on_answer, unnoticed, now + self._answer_seconds))

    def due(self, now: float, *, urgent_only: bool = False) -> list[tuple[int, Message]]:
        """Requests that may leave now, with their invoke ids."""
        leaving: list[tuple[int, Message]] = []
        while len(self._under_way) < self._window:
            queue = self._urgent or (None if urgent_only else self._waiting)
            invoke_id = self._ids.allocate(now) if queue else None
            if not queue or invoke_id is None:
                break
            leaving.append((invoke_id, self._send(queue.popleft(), invoke_id, now)))
        return leaving

    def beyond_window(self, message: Message, now: float) -> int | None:
        """A number for last words, whose answer nobody awaits; None when there is none left."""
        invoke_id = self._ids.allocate(now)
        if invoke_id is not None:
            self._send(_Asked(message, unheeded, unnoticed), invoke_id, now)
        return invoke_id

    def answered(self, invoke_id: int, answer: Answer) -> bool:
        """An answer came; False for one nobody waits for (late, or invented)."""
        if not self._ids.answered(invoke_id):
            return False
        self._under_way.pop(invoke_id).on_answer(answer)
        return True

    def expire(self, now: float) -> int:
        """Give up on those without answer, and on urgent ones not sent, for too long; returns how many."""
        overdue = [invoke_id for invoke_id, asked in self._under_way.items() if asked.until_seconds <= now]
        for invoke_id in overdue:
            self._ids.timed_out(invoke_id, now)
            self._under_way.pop(invoke_id).on_answer(NoAnswer(Unanswered.TIMED_OUT))
        unsent = 0
        while self._urgent and self._urgent[0].until_seconds <= now:
            self._urgent.popleft().on_answer(NoAnswer(Unanswered.NOT_SENT_IN_TIME))
            unsent += 1
        return len(overdue) + unsent

    def deadline(self) -> float | None:
        """When ``expire`` is next due."""
        # All wait equally long, so the one that left first is due first.
        first = [*islice(self._under_way.values(), 1), *islice(self._urgent, 1)]
        return min((asked.until_seconds for asked in first), default=None)

    def give_up(self) -> None:
        """The connection is gone: nobody will answer."""
        lost, unsent = [*self._under_way.values()], [*self._urgent, *self._waiting]
        self._under_way.clear()
        self._urgent.clear()
        self._waiting.clear()
        for asked in lost:
            asked.on_answer(NoAnswer(Unanswered.LINK_LOST))
        for asked in unsent:
            asked.on_answer(NoAnswer(Unanswered.NOT_SENT))

    def _send(self, asked: _Asked, invoke_id: int, now: float) -> Message:
        asked.until_seconds = now + self._answer_seconds
        self._under_way[invoke_id] = asked
        asked.on_sent()
        return asked.message
