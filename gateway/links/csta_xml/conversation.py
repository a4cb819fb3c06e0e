"""What we say to the switch: requests with numbers and answers, responses, and the bytes of all of them. Pure.

Knows the negotiated namespace; what is said and why is not its business.
"""

from collections.abc import Callable

import structlog

from gateway.links.csta_xml import namespaces
from gateway.links.csta_xml.codec import build
from gateway.links.csta_xml.framing import BODY_BYTES_MAX, frame
from gateway.links.csta_xml.messages import CSTAErrorCode, ErrorCategory, Message
from gateway.links.csta_xml.outstanding import Answer, OnAnswer, OutstandingRequests

log = structlog.get_logger("gateway.csta_xml")

_UNFIT = CSTAErrorCode(ErrorCategory.OPERATION, "invalidParameterValue")
"""What a requester is told whose request cannot be written down, as the switch itself would say it."""


class Conversation:
    """Our half of the conversation. ``now`` is monotonic, in seconds."""

    def __init__(self, window: int, answer_seconds: float, now: Callable[[], float]) -> None:
        self.namespace = namespaces.CSTA_ED3
        self._requests = OutstandingRequests(window, answer_seconds)
        self._now = now
        self._out: list[bytes] = []

    def ask(self, message: Message, on_answer: OnAnswer, on_sent: Callable[[], None] | None = None) -> None:
        """Request something when its turn comes; ``on_answer`` is called exactly once."""
        if on_sent is None:
            self._requests.add(message, on_answer)
        else:
            self._requests.add(message, on_answer, on_sent)

    def ask_first(self, message: Message, on_answer: OnAnswer) -> None:
        """Request something before all that is not urgent; given up if it cannot leave within the answer's time."""
        self._requests.add_urgent(message, on_answer, self._now())

    def respond(self, invoke_id: int, message: Message) -> None:
        """Answer the switch's request."""
        if (body := self._body(message)) is not None:
            self._out.append(frame(invoke_id, body))

    def last_words(self, message: Message) -> None:
        """A request that does not wait for its turn, and for whose answer we do not wait."""
        invoke_id = self._requests.beyond_window(message, self._now())
        if invoke_id is not None:
            self._send(invoke_id, message)

    def answered(self, invoke_id: int, answer: Answer) -> bool:
        """The switch answered; False when nobody asked."""
        return self._requests.answered(invoke_id, answer)

    def expire(self) -> int:
        """Give up on what was not answered in time; returns how many."""
        return self._requests.expire(self._now())

    def deadline(self) -> float | None:
        """When ``expire`` is next due."""
        return self._requests.deadline()

    def give_up(self) -> None:
        """Nobody will answer any more."""
        self._requests.give_up()

    def bytes_to_send(self, *, urgent_only: bool) -> bytes:
        """What is to be written now; ``urgent_only`` spares a switch that is not at work."""
        for invoke_id, message in self._requests.due(self._now(), urgent_only=urgent_only):
            self._send(invoke_id, message)
        joined = b"".join(self._out)
        self._out.clear()
        return joined

    def _send(self, invoke_id: int, message: Message) -> None:
        body = self._body(message)
        if body is None:
            self._requests.answered(invoke_id, _UNFIT)
        else:
            self._out.append(frame(invoke_id, body))

    def _body(self, message: Message) -> bytes | None:
        """None for what no frame can hold: a character that XML has not, from a consumer's command, or too long."""
        kind = type(message).__name__
        try:
            body = build(message, self.namespace)
        except ValueError as error:
            log.warning("message_not_built", message=kind, reason=str(error))
            return None
        if len(body) > BODY_BYTES_MAX:
            log.warning("message_too_large", message=kind, body_bytes=len(body))
            return None
        return body
