"""Actions on their way: who is to be told of a response, and who of the event that proves the action done.

Pure: it keeps callables and calls each at most once; it sends nothing and waits for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.links.asterisk.ami import Event, Response
from gateway.links.asterisk.commands import Confirm
from model.commands import Outcome, Refusal


@dataclass(frozen=True, slots=True)
class Lost:
    """The link went before the response came."""

    reason: str


Told = Callable[[Response | Lost], None]
Proven = Callable[[Outcome], None]


class OpenRequests:
    """What is waited for on one link. Whoever waits no longer says so: ``forget_response``, ``forget_proof``."""

    def __init__(self) -> None:
        self._responses: dict[str, Told] = {}
        self._proofs: dict[Confirm, Proven] = {}

    def on_response(self, action_id: str, told: Told) -> None:
        """Tell of the response to this action."""
        self._responses[action_id] = told

    def on_proof(self, confirm: Confirm, proven: Proven) -> None:
        """Tell what the events prove; to be said before the action leaves."""
        self._proofs[confirm] = proven

    def forget_response(self, action_id: str) -> None:
        """Nobody waits for it any more."""
        self._responses.pop(action_id, None)

    def forget_proof(self, confirm: Confirm) -> None:
        """Nobody waits for it any more."""
        self._proofs.pop(confirm, None)

    def answered(self, action_id: str, response: Response) -> None:
        """A response came."""
        if (told := self._responses.pop(action_id, None)) is not None:
            told(response)

    def seen(self, event: Event) -> None:
        """An event came; it may be the proof that somebody waits for."""
        if not self._proofs:
            return
        for confirm, proven in list(self._proofs.items()):
            if (outcome := confirm(event)) is not None:
                del self._proofs[confirm]
                proven(outcome)

    def lost(self, reason: str) -> None:
        """The link is gone, and every answer with it."""
        responses, self._responses = self._responses, {}
        proofs, self._proofs = self._proofs, {}
        for told in responses.values():
            told(Lost(reason))
        for proven in proofs.values():
            proven(Outcome(Refusal.LINK_DOWN, f"the link was lost: {reason}"))
