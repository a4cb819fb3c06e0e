"""The client's side of a session, without I/O: the mirror image of ``session.py``, with the same four verbs.

It checks what a client must check: that the peer speaks ULP, that ``term`` does not fall, that numbers rise, that the
server is alive. ``place`` is where a subscription would go on after a reconnect.
"""

from enum import Enum, auto

from model.centre import CentreSnapshot
from model.centre_events import CentreEvent
from model.ids import EventId
from protocol.centre_codec import decode_centre
from protocol.client_events import (
    CentreEventSeen,
    CentreSnapshotTaken,
    ClientEvent,
    Ended,
    EventSeen,
    PositionSeen,
    Replied,
    SnapshotTaken,
    SubscriptionBegan,
    SubscriptionRefused,
    Welcomed,
)
from protocol.client_log_in import ClientLogIn
from protocol.client_opening import ClientOpening
from protocol.codec import decode
from protocol.errors import TEXT, Code, Problem, code_name
from protocol.filters import AnyPart
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import CENTRE_EVENTS, EVENTS, KNOWN, SNAPSHOTS, Kind, name_of
from protocol.limits import BODY_BYTES_MAX_SERVER, HEARTBEATS_MISSED_MAX, HELLO_SECONDS_MAX
from protocol.messages import (
    Coded,
    Hello,
    Subscribe,
    Welcome,
    pack_coded,
    pack_subscribe,
    read_coded,
    read_gap,
    read_subscribed,
)
from protocol.requests import Request, pack_request, read_reply
from protocol.snapshots import assembled, decode_part


class Stage(Enum):
    """Where a client's session is in its life."""

    OPENING = auto()
    OPEN = auto()
    ENDED = auto()


class ClientSession:
    """A session with one server; ``term_lowest`` is the highest term seen before. With ``log_in`` the server must
    demand it, and know the password."""

    def __init__(self, hello: Hello, now: float, *, term_lowest: int = 0, log_in: ClientLogIn | None = None) -> None:
        self._reader = FrameReader(BODY_BYTES_MAX_SERVER)
        self._opening = ClientOpening(hello, log_in, term_lowest)
        self._to_send = bytearray(self._opening.hello)
        self._events: list[ClientEvent] = []
        self._next_request = 1
        self._subscribe_number = 0
        self._heartbeat_seconds = float(HELLO_SECONDS_MAX)
        self._heartbeat_due = self._lost_at = now + HELLO_SECONDS_MAX
        self._parts: list[AnyPart] = []
        self._epoch = 0
        self._is_filtered = False
        self.stage = Stage.OPENING
        self.welcome: Welcome | None = None
        self.place: EventId | None = None
        self.unknown_frames = 0
        self.malformed_frames = 0

    def receive(self, received: bytes, now: float) -> None:
        """Bytes from the server, in whatever pieces."""
        if self.stage is Stage.ENDED:
            return
        for frame in self._reader.receive(received):
            self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds
            self._take(frame, now)
            if self._is_over():
                return
        problem = self._reader.problem
        if problem is not None:
            self.end(Code.NOT_ULP if self.welcome is None else problem.code, problem.text)

    def events(self) -> list[ClientEvent]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """What must go to the server now."""
        data = bytes(self._to_send)
        self._to_send.clear()
        return data

    def deadline(self) -> float | None:
        """When ``time_passed`` must be called at the latest; None once the session is over."""
        if self.stage is Stage.ENDED:
            return None
        return self._lost_at if self.stage is Stage.OPENING else min(self._heartbeat_due, self._lost_at)

    def time_passed(self, now: float) -> None:
        """Do what is due: end a silent session, send a heartbeat."""
        if self.stage is Stage.ENDED:
            return
        if now >= self._lost_at:
            if self.stage is Stage.OPENING:
                self._over(self._opening.too_late())
            else:
                self.end(Code.HEARTBEAT_LOST)
        elif self.stage is Stage.OPEN and now >= self._heartbeat_due:
            self._heartbeat_due = now + self._heartbeat_seconds
            self._to_send += pack_frame(Kind.HEARTBEAT, 0, 0)

    def not_listening(self, now: float) -> None:
        """The application did not take items for a while: the server's silence is not counted against it."""
        self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds

    def subscribe(self, stream: int, subscribe: Subscribe) -> int:
        """Ask for a stream of WELCOME; the request number."""
        self._is_filtered = subscribe.wanted is not None
        self._subscribe_number = self._send_numbered(Kind.SUBSCRIBE, pack_subscribe(subscribe), stream)
        self.place = subscribe.after
        return self._subscribe_number

    def consumed(self, stream: int, number: int) -> None:
        """Tell that a durable consumer has taken everything up to a number."""
        if self.stage is Stage.OPEN:
            self._to_send += pack_frame(Kind.CONSUMED, stream, number)

    def request(self, request: Request) -> int:
        """Ask something; the number that its ``Replied`` will carry."""
        return self._send_numbered(request.kind, pack_request(request), 0)

    def end(self, code: Code, text: str = "") -> None:
        """End the session from this side with BYE."""
        if self.stage is Stage.ENDED:
            return
        text = text or TEXT[code]
        if self.stage is Stage.OPEN:
            self._to_send += pack_frame(Kind.BYE, 0, 0, pack_coded(Kind.BYE, Coded(code, text)))
        self._over(Ended(code, text))

    def _is_over(self) -> bool:
        return self.stage is Stage.ENDED

    def _send_numbered(self, kind: Kind, body: bytes, stream: int) -> int:
        number = self._next_request
        self._next_request += 1
        self._to_send += pack_frame(kind, stream, number, body)
        return number

    def _over(self, ended: Ended) -> None:
        self.stage = Stage.ENDED
        self._events.append(ended)

    def _take(self, frame: Frame, now: float) -> None:
        if self.stage is Stage.OPENING:
            self._open(frame, now)
        elif frame.kind in EVENTS:
            self._event(frame)
        elif frame.kind in SNAPSHOTS:
            self._snapshot(frame)
        elif frame.kind == Kind.HEARTBEAT:
            return
        elif frame.kind == Kind.POSITION:
            self._position(frame)
        elif frame.kind == Kind.REPLY:
            self._reply(frame)
        elif frame.kind == Kind.SUBSCRIBED:
            self._subscribed(frame)
        elif frame.kind == Kind.GAP:
            self._gap(frame)
        elif frame.kind == Kind.BYE:
            coded = read_coded(Kind.BYE, frame.body)
            self._over(Ended(coded.code, coded.text or code_name(coded.code)))
        elif frame.kind in KNOWN:
            self.end(Code.UNEXPECTED_FRAME, f"{name_of(frame.kind)} is not for a server to send here")
        else:
            self.unknown_frames += 1

    def _open(self, frame: Frame, now: float) -> None:
        outcome = self._opening.take(frame)
        match outcome:
            case bytes():
                self._to_send += outcome
            case Ended():
                self._over(outcome)
            case Welcome():
                self.stage = Stage.OPEN
                self.welcome = outcome
                self._heartbeat_seconds = outcome.heartbeat_ms / 1000
                self._heartbeat_due = now + self._heartbeat_seconds
                self._lost_at = now + HEARTBEATS_MISSED_MAX * self._heartbeat_seconds
                self._events.append(Welcomed(outcome))

    def _subscribed(self, frame: Frame) -> None:
        answer = read_subscribed(frame.body)
        if isinstance(answer, Problem):
            self.end(Code.BAD_FRAME, answer.text)
            return
        self._epoch = answer.epoch
        if answer.after is not None:
            self.place = EventId(answer.epoch, answer.after)
        self._parts.clear()
        self._events.append(SubscriptionBegan(answer))

    def _gap(self, frame: Frame) -> None:
        gap = read_gap(frame.body)
        if isinstance(gap, Problem):
            self.end(Code.BAD_FRAME, gap.text)
        else:
            self._events.append(gap)

    def _snapshot(self, frame: Frame) -> None:
        if frame.kind == Kind.SNAPSHOT_END:
            self._snapshot_end(frame.number)
            return
        part = decode_part(frame.kind, frame.body)
        if isinstance(part, Problem):
            self.end(Code.BAD_FRAME, f"{name_of(frame.kind)}: {part.text}")
        else:
            self._parts.append(part)

    def _snapshot_end(self, number: int) -> None:
        parts, self._parts = self._parts, []
        snapshot = assembled(parts, number)
        if isinstance(snapshot, Problem):
            self.end(snapshot.code, snapshot.text)
            return
        self.place = EventId(self._epoch, number)
        self._events.append(
            CentreSnapshotTaken(self._epoch, snapshot)
            if isinstance(snapshot, CentreSnapshot)
            else SnapshotTaken(self._epoch, snapshot)
        )

    def _event(self, frame: Frame) -> None:
        last = self.place.number if self.place is not None else 0
        if frame.number <= last or (not self._is_filtered and frame.number != last + 1):
            self.end(Code.BAD_FRAME, f"event {frame.number} after {last}")
            return
        is_centre = frame.kind in CENTRE_EVENTS
        event = (decode_centre if is_centre else decode)(frame.kind, frame.number, frame.body)
        if isinstance(event, Problem):
            self.malformed_frames += 1
            self.end(Code.BAD_FRAME, f"event {frame.number}, {name_of(frame.kind)}: {event.text}")
            return
        self.place = EventId(self._epoch, frame.number)
        self._events.append(
            CentreEventSeen(self._epoch, event) if isinstance(event, CentreEvent) else EventSeen(self._epoch, event)
        )

    def _position(self, frame: Frame) -> None:
        if self.place is None or frame.number < self.place.number:
            self.end(Code.BAD_FRAME, f"position {frame.number} is behind the last event")
            return
        self.place = EventId(self._epoch, frame.number)
        self._events.append(PositionSeen(self._epoch, frame.number))

    def _reply(self, frame: Frame) -> None:
        reply = read_reply(frame.body)
        if isinstance(reply, Problem):
            self.end(Code.BAD_FRAME, f"reply {frame.number}: {reply.text}")
        elif frame.number == self._subscribe_number:
            self._events.append(SubscriptionRefused(reply))
        else:
            self._events.append(Replied(frame.number, reply))
