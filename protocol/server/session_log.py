"""What the log tells of a session: who came, who was turned away, what was asked, how it ended."""

from typing import TYPE_CHECKING

import structlog

from protocol.errors import Code, code_name
from protocol.kinds import name_of
from protocol.requests import Request
from protocol.session import Ended

if TYPE_CHECKING:
    from protocol.server.peer import Peer

log = structlog.get_logger("protocol.server")


def log_opened(peer: "Peer") -> None:
    """A session is open; above debug only who has logged in."""
    log.debug("session_opened", peer=peer.address, session=peer.session_id, name=peer.name)
    if peer.user:
        log.info(
            "logged_in", peer=peer.address, session=peer.session_id, user=peer.user, role=peer.role.name.lower(),
            name=peer.name,
        )  # fmt: skip


def log_refused(peer: "Peer", ended: Ended, failure: str) -> None:
    """Who was turned away and why; the last word of a log-in's failure is told here and not on the wire."""
    why = {"failure": failure} if failure else {}
    log.info("session_refused", peer=peer.address, user=peer.user, code=code_name(ended.code), reason=ended.text, **why)


def log_answered(peer: "Peer", request: Request, code: int) -> None:
    """Who asked for what and what came of it. Queries change nothing and are asked often: only those denied."""
    log.info(
        "request_answered", session=peer.session_id, user=peer.user, name=peer.name,
        request=name_of(request.kind), device=request.device, code=code_name(code),
    )  # fmt: skip


def log_slow(peer: "Peer", where: str, behind_seconds: float) -> None:
    """Who was too slow, at what, and how far behind."""
    log.warning(
        "slow_consumer_closed", peer=peer.address, session=peer.session_id, user=peer.user, name=peer.name,
        code=code_name(Code.SLOW_CONSUMER), where=where, behind_events=peer.behind_events,
        behind_seconds=round(behind_seconds, 1), waiting_bytes=peer.waiting_bytes,
    )  # fmt: skip


def log_ended(peer: "Peer", ended: Ended) -> None:
    """A session ended by either side."""
    log.info(
        "session_ended", peer=peer.address, session=peer.session_id, name=peer.name,
        code=code_name(ended.code), reason=ended.text, by_peer=ended.by_peer,
    )  # fmt: skip


def log_lost(peer: "Peer", reason: str) -> None:
    """A connection that ended without BYE."""
    log.info("session_lost", peer=peer.address, session=peer.session_id, reason=reason)
