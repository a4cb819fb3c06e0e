"""Requests of the sessions: commands and admin requests go to the daemon once, whoever repeats one by its key gets the
first one's reply."""

from typing import TYPE_CHECKING

from protocol.errors import Code
from protocol.idempotency import KeyBook
from protocol.kinds import ADMIN_REQUESTS
from protocol.requests import Reply
from protocol.server.hooks import Hooks
from protocol.server.session_log import log_answered
from protocol.session import RequestAsked

if TYPE_CHECKING:
    from protocol.server.peer import Peer


class Asking:
    """The requests that are no queries, and the keys under which they are remembered."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._keys: KeyBook[Peer] = KeyBook()

    def ask(self, peer: "Peer", asked: RequestAsked, now: float) -> None:
        """Answer when the daemon has; ``now`` in seconds."""
        request, role = asked.request, peer.role
        entry = None
        if request.idempotency_key:
            entry, is_new = self._keys.claim(peer.client, request, now)
            if entry is None:
                peer.reply(asked.number, Reply(Code.TOO_MANY_REQUESTS, "too many idempotency keys are in use"))
                return
            if entry.request != request:
                peer.reply(asked.number, Reply(Code.MALFORMED, "the idempotency key belongs to another request"))
                return
            if entry.reply is not None:
                peer.reply(asked.number, entry.reply)
                return
            entry.askers.append((peer, asked.number))
            if not is_new:
                return
        askers = entry.askers if entry is not None else [(peer, asked.number)]

        async def run() -> None:
            if request.kind in ADMIN_REQUESTS:
                reply = await self._hooks.on_admin(request, role)
            else:
                outcome = await self._hooks.on_request(peer.session_id, asked.number, request.command(), role)
                reply = Reply.of_outcome(outcome)
            log_answered(peer, request, reply.code)
            if entry is not None:
                entry.reply = reply
            for asker, number in askers:
                asker.reply(number, reply)
            askers.clear()

        self._hooks.spawn(run(), name=f"request {peer.session_id}/{asked.number}")
