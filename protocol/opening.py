"""How a session begins at the server, without I/O: HELLO, the log-in if one is demanded, WELCOME or a refusal.

What each frame comes to is a value: bytes to send, ``Granted``, or a ``Problem`` that ends it. Nothing of a session
exists before it is granted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from protocol.accounts import granted
from protocol.errors import TEXT, Code, Problem
from protocol.frame import Frame, pack_frame
from protocol.kinds import KNOWN, Kind, name_of
from protocol.limits import ServerLimits
from protocol.messages import VERSION, Hello, Welcome, pack_challenge, read_hello, read_proof
from protocol.server_log_in import ServerLogIn, Verdict

NO_USERS_HERE = "this server has no users and checks no password: leave user and password out"


@dataclass(frozen=True, slots=True)
class Granted:
    """HELLO as it is granted, and the WELCOME that says so."""

    hello: Hello
    welcome: Welcome


Outcome = bytes | Granted | Problem


class Opening:
    """One client on its way in. ``welcome`` opens a session for a HELLO whose role is granted, or says why not;
    ``log_in`` gives the server's half of a log-in, None where none is demanded."""

    def __init__(
        self,
        welcome: Callable[[Hello], Welcome | Problem],
        log_in: Callable[[], ServerLogIn | None],
        limits: ServerLimits,
        now: float,
    ) -> None:
        self._welcome = welcome
        self._make_log_in = log_in
        self._limits = limits
        self._hello: Hello | None = None
        self._log_in: ServerLogIn | None = None
        self._log_in_by = self.deadline = now + limits.hello_seconds_max
        self._verdict: Verdict | None = None

    @property
    def user(self) -> str:
        """The user who logs in, proven or only claimed; empty without a log-in."""
        return "" if self._log_in is None else self._log_in.user

    @property
    def failure(self) -> str:
        """Why the log-in failed, for the log alone."""
        return "" if self._log_in is None else self._log_in.failure

    def take(self, frame: Frame, now: float) -> Outcome:
        """A frame that came before WELCOME."""
        if self._log_in is not None:
            return self._prove(self._log_in, frame, now)
        if frame.kind != Kind.HELLO:
            code = Code.UNEXPECTED_FRAME if frame.kind in KNOWN else Code.NOT_ULP
            return Problem(code, f"{name_of(frame.kind)} before HELLO")
        hello = read_hello(frame.body)
        if isinstance(hello, Problem):
            return hello
        if not hello.version_lowest <= VERSION <= hello.version_highest:
            return Problem(Code.VERSION_NOT_SPOKEN, f"this server speaks version {VERSION}")
        self._log_in = self._make_log_in()
        if self._log_in is None:
            if hello.client_first is not None:
                return Problem(Code.LOG_IN_FAILED, NO_USERS_HERE)
            return self._open(granted(hello, None), None)
        return self._challenge(self._log_in, hello, now)

    def time_passed(self, now: float) -> Outcome:
        """What is due at the deadline: an answer that was held back, or the end."""
        if self._verdict is not None and now >= self._verdict.answer_at:
            return self._answer(self._verdict)
        if self._hello is None:
            return Problem(Code.HELLO_TOO_LATE, TEXT[Code.HELLO_TOO_LATE])
        if self._verdict is not None:
            return Problem(Code.LOG_IN_FAILED, TEXT[Code.LOG_IN_FAILED])
        return Problem(Code.LOG_IN_FAILED, f"no PROOF within {self._limits.log_in_seconds_max:g} s")

    def _challenge(self, log_in: ServerLogIn, hello: Hello, now: float) -> Outcome:
        if hello.client_first is None:
            return Problem(Code.LOG_IN_REQUIRED, TEXT[Code.LOG_IN_REQUIRED])
        server_first = log_in.challenge(hello.client_first)
        if isinstance(server_first, Problem):
            return server_first
        self._hello = hello
        self._log_in_by = self.deadline = now + self._limits.log_in_seconds_max
        return pack_frame(Kind.CHALLENGE, 0, 0, pack_challenge(server_first))

    def _prove(self, log_in: ServerLogIn, frame: Frame, now: float) -> Outcome:
        if frame.kind != Kind.PROOF or self._verdict is not None:
            return Problem(Code.UNEXPECTED_FRAME, f"{name_of(frame.kind)} within a log-in")
        client_final = read_proof(frame.body)
        if isinstance(client_final, Problem):
            return client_final
        verdict = log_in.judge(client_final, now, self._log_in_by)
        if verdict.answer_at <= now:
            return self._answer(verdict)
        self._verdict = verdict
        self.deadline = min(verdict.answer_at, self._log_in_by)
        return b""

    def _answer(self, verdict: Verdict) -> Outcome:
        if verdict.account is None or self._hello is None:
            return Problem(Code.LOG_IN_FAILED, TEXT[Code.LOG_IN_FAILED])
        return self._open(granted(self._hello, verdict.account), verdict.server_final)

    def _open(self, hello: Hello | Problem, server_final: str | None) -> Outcome:
        if isinstance(hello, Problem):
            return hello
        welcome = self._welcome(hello)
        return welcome if isinstance(welcome, Problem) else Granted(hello, replace(welcome, server_final=server_final))
