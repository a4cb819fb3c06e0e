"""How a session begins at the client, without I/O: HELLO, the log-in, and what it takes for a WELCOME.

A client that has a password goes on with nobody who did not ask for it and does not know it.
"""

from dataclasses import replace

from protocol.client_events import Ended
from protocol.client_log_in import ClientLogIn
from protocol.errors import Code, Problem, code_name
from protocol.frame import Frame, pack_frame
from protocol.kinds import Kind, name_of
from protocol.limits import HELLO_SECONDS_MAX
from protocol.messages import Hello, Welcome, pack_hello, pack_proof, read_challenge, read_coded, read_welcome


class ClientOpening:
    """One way in; ``hello`` is the frame to begin with. Each frame of the server comes to bytes to send, the WELCOME,
    or the end."""

    def __init__(self, hello: Hello, log_in: ClientLogIn | None, term_lowest: int) -> None:
        self._log_in = log_in
        self._term_lowest = term_lowest
        if log_in is not None:
            hello = replace(hello, client_first=log_in.client_first)
        self.hello = pack_frame(Kind.HELLO, 0, 0, pack_hello(hello))

    def take(self, frame: Frame) -> bytes | Welcome | Ended:
        """A frame that came before WELCOME, or WELCOME itself."""
        if frame.kind == Kind.REFUSED:
            coded = read_coded(Kind.REFUSED, frame.body)
            return Ended(coded.code, coded.text or code_name(coded.code), refused=True)
        if frame.kind == Kind.CHALLENGE:
            return self._prove(frame)
        if frame.kind != Kind.WELCOME:
            return Ended(Code.NOT_ULP, f"{name_of(frame.kind)} instead of WELCOME")
        welcome = read_welcome(frame.body)
        if isinstance(welcome, Problem):
            return Ended(Code.NOT_ULP, welcome.text)
        if self._log_in is not None and (untrue := self._log_in.verify(welcome.server_final)) is not None:
            return Ended(untrue.code, untrue.text)
        if welcome.term < self._term_lowest:
            return Ended(Code.TERM_TOO_LOW, f"term {welcome.term}, {self._term_lowest} was seen before")
        if welcome.heartbeat_ms == 0:
            return Ended(Code.BAD_FRAME, "a heartbeat interval of 0")
        return welcome

    def too_late(self) -> Ended:
        """The server has not answered in time."""
        if self._log_in is not None and self._log_in.is_proven:
            return Ended(Code.LOG_IN_FAILED, "no answer to the log-in")
        return Ended(Code.NOT_ULP, f"no answer to HELLO within {HELLO_SECONDS_MAX} s")

    def _prove(self, frame: Frame) -> bytes | Ended:
        if self._log_in is None:
            return Ended(Code.LOG_IN_REQUIRED, "the server asks for a log-in, and no user was given")
        server_first = read_challenge(frame.body)
        if isinstance(server_first, Problem):
            return Ended(Code.BAD_FRAME, server_first.text)
        client_final = self._log_in.prove(server_first)
        if isinstance(client_final, Problem):
            return Ended(client_final.code, client_final.text)
        return pack_frame(Kind.PROOF, 0, 0, pack_proof(client_final))
