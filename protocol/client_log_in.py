"""The client's half of a log-in, without I/O: it proves that it has the password, and that the server knows it.

Made for one connection; chance is an argument. Must not show the password.
"""

from dataclasses import dataclass, field
from typing import Final

from scramp import ScramClient, ScramException

from protocol.channel_binding import BINDING_TYPE
from protocol.errors import Code, Problem
from protocol.limits import SCRAM_ITERATIONS_MAX

UNFIT: Final = "user or password is empty or holds characters that neither may"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and its password."""

    user: str
    password: str = field(repr=False)

    def problem(self) -> Problem | None:
        """Why no log-in can be made of them: characters that SASLprep (RFC 4013) forbids; None when one can."""
        try:
            ScramClient(["SCRAM-SHA-256"], self.user, self.password, c_nonce="x")
        except ScramException:
            return Problem(Code.LOG_IN_FAILED, UNFIT)
        return None


class ClientLogIn:
    """One log-in: ``client_first`` for HELLO, ``prove`` answers CHALLENGE, ``verify`` looks at WELCOME. ValueError for
    credentials that have a ``problem``; ``binding`` is the channel's over TLS, None without it."""

    def __init__(self, credentials: Credentials, *, nonce: str, binding: bytes | None = None) -> None:
        mechanisms = ["SCRAM-SHA-256"] if binding is None else ["SCRAM-SHA-256-PLUS"]
        channel = None if binding is None else (BINDING_TYPE, binding)
        try:
            self._scram = ScramClient(mechanisms, credentials.user, credentials.password, channel, nonce)
        except ScramException:
            # The exception's words are the library's, and might one day hold what it was given.
            raise ValueError(UNFIT) from None
        self.client_first = str(self._scram.get_client_first())
        self.is_proven = False
        """Whether PROOF was made, so that WELCOME may come."""

    def prove(self, server_first: str) -> str | Problem:
        """The client-final message. Takes the time of one slow hash."""
        if self.is_proven:
            return Problem(Code.UNEXPECTED_FRAME, "CHALLENGE a second time")
        try:
            self._scram.set_server_first(server_first)
            if int(self._scram.iterations) > SCRAM_ITERATIONS_MAX:
                return Problem(Code.LOG_IN_FAILED, f"the server asks for more than {SCRAM_ITERATIONS_MAX} iterations")
            client_final = str(self._scram.get_client_final())
        except ScramException:
            return Problem(Code.LOG_IN_FAILED, "the server's CHALLENGE is no answer to this log-in")
        self.is_proven = True
        return client_final

    def verify(self, server_final: str | None) -> Problem | None:
        """None when the server knows the password too; else this is not the server it claims to be."""
        if not self.is_proven:
            return Problem(Code.LOG_IN_FAILED, "the server lets us in unchecked; it may not be the one it claims to be")
        try:
            self._scram.set_server_final(server_final)
        except ScramException:
            return Problem(Code.LOG_IN_FAILED, "the server does not know the password; it is not what it claims to be")
        return None
