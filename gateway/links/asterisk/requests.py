"""Actions on their way: who waits for a response, and who for an event that proves the action done.

Futures only; it sends nothing and knows no socket.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.links.asterisk.ami import Event, Response
from gateway.links.asterisk.commands import Confirm
from model.commands import Outcome, Refusal


class OpenRequests:
    """What is waited for on one link. Each wait ends by an answer, by ``lost``, or by its task's own time-out."""

    def __init__(self) -> None:
        self._answers: dict[str, asyncio.Future[Response]] = {}
        self._confirmations: dict[asyncio.Future[Outcome], Confirm] = {}

    async def response_to(self, action_id: str) -> Response:
        """Wait for the response to an action; ConnectionError when the link is lost before it."""
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._answers[action_id] = answer
        try:
            return await answer
        finally:
            del self._answers[action_id]

    @contextmanager
    def confirmation(self, confirm: Confirm) -> Iterator["asyncio.Future[Outcome]"]:
        """What the events will prove, while the block lasts; enter it before the action leaves."""
        confirmed: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._confirmations[confirmed] = confirm
        try:
            yield confirmed
        finally:
            del self._confirmations[confirmed]

    def answered(self, action_id: str, response: Response) -> None:
        """A response came."""
        answer = self._answers.get(action_id)
        if answer is not None and not answer.done():
            answer.set_result(response)

    def seen(self, event: Event) -> None:
        """An event came; it may be the proof that somebody waits for."""
        for confirmed, confirm in self._confirmations.items():
            if not confirmed.done() and (outcome := confirm(event)) is not None:
                confirmed.set_result(outcome)

    def lost(self, reason: str) -> None:
        """The link is gone, and every answer with it."""
        text = f"the link was lost: {reason}"
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(text))
        for confirmed in self._confirmations:
            if not confirmed.done():
                confirmed.set_result(Outcome(Refusal.LINK_DOWN, text))
