"""The server's half of a log-in, without I/O: SCRAM-SHA-256 (RFC 5802, RFC 7677) by scramp, bound to the channel.

Made for one connection; chance and time are arguments. A user that does not exist, a wrong password and a disabled user
go the same way and get the same words; which it was is told to the log alone.
"""

from dataclasses import dataclass, field
from math import inf

from scramp import ScramException, ScramMechanism

from protocol.accounts import Account, Accounts
from protocol.channel_binding import BINDING_TYPE
from protocol.errors import Code, Problem
from protocol.limits import USER_BYTES_MAX
from protocol.lock_out import LockOut


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a proof is worth, and when the client may learn it. ``account`` is None when it is worth nothing."""

    answer_at: float
    account: Account | None = None
    server_final: str | None = field(default=None, repr=False)


class ServerLogIn:
    """One log-in: ``challenge`` answers the client-first message, ``judge`` the client-final one. ``binding`` is the
    channel's over TLS, None without it; ``nonce`` is used for this log-in alone."""

    def __init__(
        self, accounts: Accounts, lock_out: LockOut, source: str, *, nonce: str, binding: bytes | None = None
    ) -> None:
        self._accounts = accounts
        self._lock_out = lock_out
        self._source = source
        # The mechanism with binding refuses a client that is talked out of it, the other one a client that is bound.
        mechanism = ScramMechanism("SCRAM-SHA-256" if binding is None else "SCRAM-SHA-256-PLUS")
        channel = None if binding is None else (BINDING_TYPE, binding)
        self._scram = mechanism.make_server(self._verifier, channel_binding=channel, s_nonce=nonce)
        self.user = ""
        """The name that was claimed, cut to what a name may be."""
        self.failure = ""
        """Why it failed, for the log: the client is not told."""

    def challenge(self, client_first: str) -> str | Problem:
        """The server-first message."""
        try:
            self._scram.set_client_first(client_first)
            return str(self._scram.get_server_first())
        except ScramException as error:
            self.failure = _reason(error)
            return Problem(Code.LOG_IN_FAILED, f"client-first message refused: {self.failure}")

    def judge(self, client_final: str, now: float, latest: float) -> Verdict:
        """Whether the client has the password of the account, and when it may be told: beyond ``latest`` never, and
        then it is not looked at."""
        answer_at = self._lock_out.answer_at(self._source, now, latest)
        if answer_at is None:
            self.failure = "too-many-failures"
            return Verdict(inf)
        account = self._accounts.find(self.user)
        try:
            self._scram.set_client_final(client_final)
            server_final = str(self._scram.get_server_final())
        except ScramException as error:
            self._lock_out.failed(self._source, now)
            is_usable = account is not None and not account.is_disabled
            self.failure = _reason(error) if is_usable else "unknown-user" if account is None else "disabled-user"
            return Verdict(answer_at)
        return Verdict(answer_at, account, server_final)

    def _verifier(self, user: str) -> tuple[bytes, bytes, bytes, int]:
        self.user = user.encode()[:USER_BYTES_MAX].decode(errors="ignore")
        held = self._accounts.verifier(user)
        return held.salt, held.stored_key, held.server_key, held.iterations


def _reason(error: ScramException) -> str:
    """RFC 5802's word for it: nothing of the messages."""
    return error.server_error.value if error.server_error is not None else "other-error"
