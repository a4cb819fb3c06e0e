"""The server's side of a session, without I/O: HELLO … BYE, heartbeats, requests and their numbers.

Four verbs: ``receive`` bytes, take ``events``, take ``data_to_send``, look at ``deadline`` (then ``time_passed``).
Times are seconds of any clock that does not jump. What the session means to the server comes as events; what the peer
did wrong is answered here, by a code. Streams and subscriptions are not known here, only asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from protocol.errors import TEXT, Code, Problem
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import (
    KNOWN,
    NOT_IN_THIS_VERSION,
    Kind,
    Role,
    is_request_number,
    may_ask,
    name_of,
)
from protocol.limits import BODY_BYTES_MAX_CLIENT, HEARTBEATS_MISSED_MAX, ServerLimits
from protocol.messages import Coded, Hello, Subscribe, Welcome, pack_coded, pack_welcome, read_subscribe
from protocol.opening import Granted, Opening
from protocol.opening import Outcome as OpeningOutcome
from protocol.requests import Reply, Request, pack_reply, read_request
from protocol.server_log_in import ServerLogIn


class Stage(Enum):
    """Where a session is in its life."""

    OPENING = auto()
    OPEN = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Opened:
    """WELCOME is on its way; HELLO is as it was granted. ``user`` has logged in, empty without a log-in."""

    hello: Hello
    role: Role
    user: str = ""


@dataclass(frozen=True, slots=True)
class SubscribeAsked:
    """The client wants a stream; answer with SUBSCRIBED or ``reply``."""

    stream: int
    number: int
    subscribe: Subscribe


@dataclass(frozen=True, slots=True)
class Consumed:
    """A durable consumer has taken everything up to a number of its stream, as it says."""

    number: int


@dataclass(frozen=True, slots=True)
class RequestAsked:
    """The client asks something its role may ask; answer once with ``reply``."""

    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class RequestDenied:
    """The client asked what its role may not ask, and is told so; for the log."""

    request: Request


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; BYE or REFUSED is on its way unless the peer said it first."""

    code: int
    text: str
    by_peer: bool = False


SessionEvent = Opened | SubscribeAsked | Consumed | RequestAsked | RequestDenied | Ended


def nobody_logs_in() -> None:
    """The log-in of a server that demands none."""


class ServerSession:
    """One client's session. ``welcome`` opens it for a HELLO whose role is granted, or says why not; ``log_in`` gives
    the server's half of a log-in, None where none is demanded."""

    def __init__(
        self,
        welcome: Callable[[Hello], Welcome | Problem],
        limits: ServerLimits,
        now: float,
        log_in: Callable[[], ServerLogIn | None] = nobody_logs_in,
    ) -> None:
        self._opening = Opening(welcome, log_in, limits, now)
        self._limits = limits
        self._reader = FrameReader(BODY_BYTES_MAX_CLIENT)
        self._to_send = bytearray()
        self._events: list[SessionEvent] = []
        self._outstanding: set[int] = set()
        self._heartbeat_seconds = limits.heartbeat_ms / 1000
        self._heartbeat_due = self._lost_at = self._opening.deadline
        self.stage = Stage.OPENING
        self.hello: Hello | None = None
        self.role: Role | None = None
        self.unknown_frames = 0

    @property
    def user(self) -> str:
        """The session's user; before WELCOME and after a refusal who it claims to be. Empty without a log-in."""
        return self._opening.user

    @property
    def log_in_failure(self) -> str:
        """Why its log-in failed, for the log alone; empty when none did."""
        return self._opening.failure

    def receive(self, received: bytes, now: float) -> None:
        """Bytes from the peer, in whatever pieces; ``now`` counts as a sign of life once a frame is complete."""
        if self.stage is Stage.ENDED:
            return
        for frame in self._reader.receive(received):
            self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds
            self._take(frame, now)
            if self._is_over():
                return
        problem = self._reader.problem
        if problem is not None:
            code = Code.NOT_ULP if self.stage is Stage.OPENING else problem.code
            self.end(code, problem.text)

    def events(self) -> list[SessionEvent]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """What must go to the peer now."""
        if not self._to_send:
            return b""
        data = bytes(self._to_send)
        self._to_send.clear()
        return data

    def deadline(self) -> float | None:
        """When ``time_passed`` must be called at the latest; None once the session is over."""
        if self.stage is Stage.ENDED:
            return None
        if self.stage is Stage.OPENING:
            return self._opening.deadline
        return min(self._heartbeat_due, self._lost_at)

    def time_passed(self, now: float, position: tuple[int, int] | None = None) -> None:
        """Do what is due: end a silent session, send a heartbeat; ``position`` (stream, number) rides along."""
        if self.stage is Stage.OPENING and now >= self._opening.deadline:
            self._open(self._opening.time_passed(now), now)
        elif self.stage is Stage.OPEN and now >= self._lost_at:
            self.end(Code.HEARTBEAT_LOST)
        elif self.stage is Stage.OPEN and now >= self._heartbeat_due:
            self._heartbeat_due = now + self._heartbeat_seconds
            if position is None:
                self._to_send += pack_frame(Kind.HEARTBEAT, 0, 0)
            else:
                stream, number = position
                self._to_send += pack_frame(Kind.POSITION, stream, number)

    def not_listening(self, now: float) -> None:
        """The server did not read for a while: the peer's silence is not counted against it."""
        self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds

    def reply(self, number: int, reply: Reply, stream: int = 0) -> None:
        """Answer a request."""
        self._outstanding.discard(number)
        if self.stage is Stage.OPEN:
            self._to_send += pack_frame(Kind.REPLY, stream, number, pack_reply(reply))

    def end(self, code: Code, text: str = "") -> None:
        """End the session from this side: REFUSED before WELCOME, BYE after it."""
        if self.stage is Stage.ENDED:
            return
        kind = Kind.REFUSED if self.stage is Stage.OPENING else Kind.BYE
        text = text or TEXT[code]
        self._to_send += pack_frame(kind, 0, 0, pack_coded(kind, Coded(code, text)))
        self._over(Ended(code, text))

    def _is_over(self) -> bool:
        return self.stage is Stage.ENDED

    def _over(self, ended: Ended) -> None:
        self.stage = Stage.ENDED
        self._outstanding.clear()
        self._events.append(ended)

    def _take(self, frame: Frame, now: float) -> None:
        if self.stage is Stage.OPENING:
            self._open(self._opening.take(frame, now), now)
        elif frame.kind == Kind.HEARTBEAT:
            return
        elif frame.kind == Kind.BYE:
            self._over(Ended(Code.NORMAL, "the client said BYE", by_peer=True))
        elif frame.kind == Kind.SUBSCRIBE:
            self._subscribe(frame)
        elif frame.kind == Kind.CONSUMED:
            self._events.append(Consumed(frame.number))
        elif is_request_number(frame.kind):
            self._request(frame)
        else:
            self._unexpected(frame)

    def _open(self, outcome: OpeningOutcome, now: float) -> None:
        match outcome:
            case bytes():
                self._to_send += outcome
            case Problem(code, text):
                self.end(code, text)
            case Granted(hello, welcome):
                self.stage = Stage.OPEN
                self.hello, self.role = hello, welcome.role
                self._heartbeat_seconds = welcome.heartbeat_ms / 1000
                self._heartbeat_due = now + self._heartbeat_seconds
                self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds
                self._to_send += pack_frame(Kind.WELCOME, 0, 0, pack_welcome(welcome))
                self._events.append(Opened(hello, welcome.role, self.user))

    def _unexpected(self, frame: Frame) -> None:
        """Known kinds may not come from a client; unknown ones may be a newer client's: counted and skipped."""
        if frame.kind not in KNOWN:
            self.unknown_frames += 1
            self._refuse(frame, Code.NOT_SUPPORTED, f"{name_of(frame.kind)} is no kind of this version")
        else:
            self.end(Code.UNEXPECTED_FRAME, f"{name_of(frame.kind)} is not for a client to send here")

    def _refuse(self, frame: Frame, code: Code, text: str = "") -> None:
        reply = pack_reply(Reply(code, text or TEXT[code]))
        self._to_send += pack_frame(Kind.REPLY, frame.stream, frame.number, reply)

    def _subscribe(self, frame: Frame) -> None:
        subscribe = read_subscribe(frame.body)
        if isinstance(subscribe, Problem):
            self._refuse(frame, subscribe.code, subscribe.text)
            return
        if self.role is Role.AGENT and self.hello is not None:
            own = frozenset({str(self.hello.device)})
            foreign = subscribe.devices is not None and not subscribe.devices <= own
            if foreign or subscribe.agents or subscribe.queues:
                self._refuse(frame, Code.NOT_PERMITTED, "an agent sees its own device")
                return
            subscribe = Subscribe(subscribe.after, own, subscribe.consumer)
        if subscribe.consumer and not self._may_be(subscribe.consumer):
            self._refuse(frame, Code.NOT_PERMITTED, f"{subscribe.consumer} is another user's durable consumer")
            return
        self._events.append(SubscribeAsked(frame.stream, frame.number, subscribe))

    def _may_be(self, consumer: str) -> bool:
        """Who confirms lets go: no agent, and behind a log-in only the user of that name, or an administrator."""
        return self.role is not Role.AGENT and (self.user in ("", consumer) or self.role is Role.ADMIN)

    def _request(self, frame: Frame) -> None:
        if frame.kind not in KNOWN:
            self.unknown_frames += 1
            self._refuse(frame, Code.NOT_SUPPORTED, f"{name_of(frame.kind)} is no kind of this version")
            return
        kind = Kind(frame.kind)
        request = read_request(kind, frame.body)
        if isinstance(request, Problem):
            self._refuse(frame, request.code, request.text)
        elif kind in NOT_IN_THIS_VERSION:
            self._refuse(frame, Code.NOT_IN_THIS_VERSION, f"{name_of(kind)} comes with a later version")
        elif not self._permits(request):
            self._refuse(frame, Code.NOT_PERMITTED)
            self._events.append(RequestDenied(request))
        elif frame.number in self._outstanding:
            self._refuse(frame, Code.MALFORMED, f"request {frame.number} is outstanding already")
        elif len(self._outstanding) >= self._limits.requests_outstanding_max:
            self._refuse(frame, Code.TOO_MANY_REQUESTS)
        else:
            self._outstanding.add(frame.number)
            self._events.append(RequestAsked(frame.number, request))

    def _permits(self, request: Request) -> bool:
        if self.role is None or self.hello is None or not may_ask(self.role, request.kind):
            return False
        return self.role is not Role.AGENT or not request.device or request.device == self.hello.device
