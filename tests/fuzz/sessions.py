"""Sessions of ULP fed with anything: both sides' state machines, and the log-in's messages."""

import base64
from collections.abc import Iterator

from model.ids import DeviceNumber, EventId
from protocol.client_events import Ended as ClientEnded
from protocol.client_events import EventSeen, PositionSeen, Replied, SnapshotTaken, SubscriptionRefused, Welcomed
from protocol.client_session import ClientSession
from protocol.client_session import Stage as ClientStage
from protocol.errors import Code, Problem
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_CLIENT, BODY_BYTES_MAX_SERVER, HEARTBEATS_MISSED_MAX, ServerLimits
from protocol.messages import (
    Coded,
    Hello,
    Subscribe,
    Subscribed,
    Welcome,
    pack_challenge,
    pack_coded,
    pack_hello,
    pack_proof,
    pack_subscribe,
    pack_subscribed,
    pack_welcome,
    read_challenge,
    read_coded,
    read_welcome,
)
from protocol.packing import pack_event
from protocol.requests import Reply, Request, pack_reply, pack_request, read_reply
from protocol.session import Ended, Opened, RequestAsked, ServerSession, Stage
from protocol.snapshots import pack_snapshot
from tests.fuzz.target import Script, Target, scripted
from tests.protocol import samples
from tests.protocol.log_ins import client_half, server_half

RECEIVE, WAIT, ANSWER, OVERSLEEP = range(4)
"""Instructions: bytes come; a second passes; the oldest request is answered; the server did not read for a while."""
INSTRUCTIONS = 4
LONGEST_PIECE = 65_000
"""As much as comes in one instruction."""
WITH_LOG_IN = 1
LIMITS = ServerLimits(hello_seconds_max=3.0, log_in_seconds_max=4.0, heartbeat_ms=2_000, requests_outstanding_max=3)
SESSION = 5


# -- the server's side -----------------------------------------------------------------------------------------------


def check_server_session(data: bytes) -> None:
    """The first byte says whether a log-in is demanded; then instructions. What goes out is whole, what comes as an
    event comes in order, and nothing happens after the end."""
    script = Script(data)
    demands = script.number() % 2 == WITH_LOG_IN
    session = ServerSession(_grant, LIMITS, 0.0, server_half if demands else lambda: None)
    watch = _ServerWatch(session, demands)
    now = 0.0
    for step in script.steps():
        match step % INSTRUCTIONS:
            case 0:
                session.receive(script.piece(), now)
            case 1:
                now += 1.0
                deadline = session.deadline()
                if deadline is not None and deadline <= now:
                    session.time_passed(now)
            case 2:
                if watch.outstanding:
                    number = min(watch.outstanding)
                    watch.outstanding.discard(number)
                    session.reply(number, Reply(text="done"))
            case _:
                session.not_listening(now)
        watch.look(now)


class _ServerWatch:
    """What a session has said so far, and what it may say next."""

    def __init__(self, session: ServerSession, demands: bool) -> None:
        self.session = session
        self.demands = demands
        self.outstanding: set[int] = set()
        self.reader = FrameReader(BODY_BYTES_MAX_SERVER)
        self.is_open = self.is_over = False

    def look(self, now: float) -> None:
        for event in self.session.events():
            assert not self.is_over, "an event after the end"
            match event:
                case Opened():
                    assert not self.is_open
                    assert bool(event.user) == self.demands, "who is in has logged in, where that is demanded"
                    self.is_open = True
                case Ended():
                    self.is_over = True
                    self.outstanding.clear()
                case RequestAsked():
                    assert self.is_open
                    assert event.number not in self.outstanding
                    self.outstanding.add(event.number)
                    assert len(self.outstanding) <= LIMITS.requests_outstanding_max
                case _:
                    assert self.is_open
        assert self.is_over == (self.session.stage is Stage.ENDED)
        deadline = self.session.deadline()
        assert (deadline is None) == self.is_over
        longest = HEARTBEATS_MISSED_MAX * LIMITS.heartbeat_ms / 1000
        assert deadline is None or deadline <= now + max(longest, LIMITS.log_in_seconds_max)
        for frame in self.reader.receive(self.session.data_to_send()):
            self._said(frame)
        assert self.reader.problem is None
        assert self.reader.waiting_bytes == 0, "what goes out is whole"

    def _said(self, frame: Frame) -> None:
        """A client must be able to read it."""
        match frame.kind:
            case Kind.WELCOME:
                assert isinstance(read_welcome(frame.body), Welcome)
            case Kind.CHALLENGE:
                assert self.demands
                assert isinstance(read_challenge(frame.body), str)
            case Kind.REPLY:
                assert isinstance(read_reply(frame.body), Reply)
            case Kind.BYE | Kind.REFUSED:
                assert read_coded(Kind(frame.kind), frame.body).text
            case _:
                assert frame.kind in (Kind.HEARTBEAT, Kind.POSITION)


def _grant(hello: Hello) -> Welcome | Problem:
    if hello.name == "unwanted":
        return Problem(Code.TOO_MANY_SESSIONS, "full")
    assert hello.role is not None
    return Welcome("gateway", SESSION, hello.role, LIMITS.heartbeat_ms, 1, ())


def server_session_seeds() -> Iterator[bytes]:
    eight = DeviceNumber("8001")
    ask = pack_frame(Kind.MAKE_CALL, 0, 3, pack_request(Request(Kind.MAKE_CALL, eight, destination="8002")))
    look = pack_frame(Kind.QUERY_LINK, 0, 4, pack_request(Request(Kind.QUERY_LINK)))
    subscribe = pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe(devices=frozenset({"8001"}))))
    bye = pack_frame(Kind.BYE, 0, 0, pack_coded(Kind.BYE, Coded(Code.NORMAL, "")))
    heartbeat, wait = pack_frame(Kind.HEARTBEAT, 0, 0), bytes((WAIT,))
    for role in Role:
        hello = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("seed", role, eight)))
        yield b"\0" + scripted(
            (RECEIVE, hello), (RECEIVE, subscribe + ask + look), bytes((ANSWER,)), wait, (RECEIVE, heartbeat + bye)
        )
    yield b"\0" + scripted((RECEIVE, hello), *[wait] * 4, bytes((OVERSLEEP,)), *[wait] * 8)
    yield b"\0" + scripted((RECEIVE, hello), (RECEIVE, look + look), bytes((ANSWER,)), (RECEIVE, look))
    client_first, _, final, _ = _conversation()
    first = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("seed", None, client_first=client_first)))
    proof = pack_frame(Kind.PROOF, 0, 0, pack_proof(final))
    yield b"\1" + scripted((RECEIVE, first), wait, (RECEIVE, proof), (RECEIVE, subscribe + look), bytes((ANSWER,)))
    yield b"\1" + scripted((RECEIVE, first), (RECEIVE, proof.replace(b"p=", b"p=A")), *[wait] * 9)


def long_server_sessions(length: int) -> Iterator[bytes]:
    hello = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("long", Role.ADMIN)))
    for said in (
        pack_frame(Kind.HEARTBEAT, 0, 0),
        pack_frame(Kind.QUERY_LINK, 0, 1, pack_request(Request(Kind.QUERY_LINK))),
        pack_frame(0x01FF, 0, 1),
        pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())),
    ):
        count = min(length, LONGEST_PIECE) // len(said)
        yield b"\0" + scripted((RECEIVE, hello), (RECEIVE, said * count))


# -- the client's side -----------------------------------------------------------------------------------------------


def check_client_session(data: bytes) -> None:
    """The first byte says whether it has a password; then instructions, where ANSWER asks and OVERSLEEP subscribes."""
    script = Script(data)
    has_password = script.number() % 2 == WITH_LOG_IN
    session = ClientSession(Hello("fuzz", Role.ADMIN), 0.0, log_in=client_half() if has_password else None)
    reader = FrameReader(BODY_BYTES_MAX_CLIENT)
    place: EventId | None = None
    now, is_over = 0.0, False
    for step in script.steps():
        match step % INSTRUCTIONS:
            case 0:
                session.receive(script.piece(), now)
            case 1:
                now += 2.0
                session.time_passed(now)
            case 2 if session.stage is ClientStage.OPEN:
                session.request(Request(Kind.QUERY_LINK))
            case 3 if session.stage is ClientStage.OPEN:
                place = EventId(samples.EPOCH, 0)
                session.subscribe(1, Subscribe(place))
        for event in session.events():
            assert not is_over, "an item after the end"
            match event:
                case ClientEnded():
                    is_over = True
                    assert event.text
                case Welcomed():
                    assert not has_password, "no server is believed without its proof"
                case EventSeen():
                    assert place is None or event.event.number == place.number + 1 or event.epoch != place.epoch
                    place = EventId(event.epoch, event.event.number)
                case SnapshotTaken():
                    place = EventId(event.epoch, event.snapshot.number)
                case PositionSeen():
                    assert place is not None
                    place = EventId(event.epoch, event.number)
                case Replied() | SubscriptionRefused():
                    assert isinstance(event.reply, Reply)
        assert is_over == (session.stage is ClientStage.ENDED) == (session.deadline() is None)
        reader.receive(session.data_to_send())
        assert reader.problem is None
        assert reader.waiting_bytes == 0, "what goes out is whole"


def client_session_seeds() -> Iterator[bytes]:
    welcome = pack_frame(Kind.WELCOME, 0, 0, pack_welcome(Welcome("gateway", 3, Role.ADMIN, 5_000, 1, ())))
    began = pack_frame(Kind.SUBSCRIBED, 1, 1, pack_subscribed(Subscribed(True, samples.EPOCH, 1, 9)))
    call = samples.call(7, samples.party("8001"), samples.party("8002"))
    snapshot = pack_snapshot(samples.snapshot(9, calls=(call,)), 1)
    events = b"".join(
        pack_frame(kind, 1, number, body)
        for number in (10, 11, 12)
        for kind, body in [pack_event(samples.established(number))]
    )
    reply = pack_frame(Kind.REPLY, 0, 2, pack_reply(Reply(link=samples.LINK)))
    position = pack_frame(Kind.POSITION, 1, 20)
    bye = pack_frame(Kind.BYE, 0, 0, pack_coded(Kind.BYE, Coded(Code.SHUTTING_DOWN, "")))
    ask, subscribe, wait = bytes((ANSWER,)), bytes((OVERSLEEP,)), bytes((WAIT,))
    yield b"\0" + scripted(
        (RECEIVE, welcome), subscribe, ask, (RECEIVE, began + snapshot + events + reply), (RECEIVE, position + bye)
    )
    yield b"\0" + scripted((RECEIVE, welcome), *[wait] * 10)
    _, challenge, _, _ = _conversation()
    yield b"\1" + scripted((RECEIVE, pack_frame(Kind.CHALLENGE, 0, 0, pack_challenge(challenge))), (RECEIVE, welcome))


def long_client_sessions(length: int) -> Iterator[bytes]:
    welcome = pack_frame(Kind.WELCOME, 0, 0, pack_welcome(Welcome("gateway", 3, Role.ADMIN, 5_000, 1, ())))
    began = pack_frame(Kind.SUBSCRIBED, 1, 1, pack_subscribed(Subscribed(True, samples.EPOCH, 1, 9)))
    kind, body = pack_event(samples.established(1))
    count = min(length, LONGEST_PIECE) // (len(body) + 16)
    events = b"".join(pack_frame(kind, 1, number, body) for number in range(1, count))
    yield b"\0" + scripted((RECEIVE, welcome), bytes((OVERSLEEP,)), (RECEIVE, began), (RECEIVE, events))
    call = samples.call(7, samples.party("8001"), samples.party("8002"))
    calls = pack_snapshot(samples.snapshot(9, calls=(call,) * (length // 200)), 1)[:LONGEST_PIECE]
    yield b"\0" + scripted((RECEIVE, welcome), bytes((OVERSLEEP,)), (RECEIVE, began), (RECEIVE, calls))


# -- log-in ----------------------------------------------------------------------------------------------------------


def check_log_in(data: bytes) -> None:
    """Four messages of any kind, parted by line ends: client-first and client-final to a server, server-first and
    server-final to a client. Refusals are values; nobody gets in and no server is believed without the right proof."""
    said = data.decode("utf-8", "replace").split("\n", 3)
    client_first, client_final, server_first, server_final = (*said, "", "", "", "")[:4]
    server = server_half()
    challenge = server.challenge(client_first)
    if isinstance(challenge, Problem):
        assert server.failure
    else:
        verdict = server.judge(client_final, 0.0, 9.0)
        assert (verdict.account is None) == (verdict.server_final is None) == bool(server.failure)
        assert verdict.account is None or _proven(client_final) == _proven(_conversation()[2]), "in without a password"
    client = client_half()
    proof = client.prove(server_first)
    assert isinstance(proof, Problem) != client.is_proven
    believed = client.verify(server_final) is None
    assert not believed or client.is_proven


def log_in_seeds() -> Iterator[bytes]:
    client_first, server_first, client_final, server_final = _conversation()
    yield "\n".join((client_first, client_final, server_first, server_final)).encode()
    yield b"n,,n=nobody,r=abc\nc=biws,r=abcservernonce,p=AAAA\nr=clientnonceX,s=AAAAAAAAAAAAAAAAAAAAAA==,i=1\ne=no"
    yield b"y,a=x,n==2C=3D,r=abc\n\n\n"
    yield b"p=tls-server-end-point,,n=ada,r=abc\n\n\n"


def _proven(client_final: str) -> bytes:
    """The proof in a client-final message: one of 32 bytes may be written in four ways (RFC 4648, section 3.5)."""
    return base64.b64decode(client_final.rpartition("p=")[2])


def _conversation() -> tuple[str, str, str, str]:
    """A log-in that succeeds, in the order of its messages."""
    client, server = client_half(), server_half()
    challenge = server.challenge(client.client_first)
    assert isinstance(challenge, str)
    final = client.prove(challenge)
    assert isinstance(final, str)
    verdict = server.judge(final, 0.0, 9.0)
    assert verdict.server_final is not None
    return client.client_first, challenge, final, verdict.server_final


def long_log_ins(length: int) -> Iterator[bytes]:
    yield b"n,," + b"n=a,r=b," * (length // 8)
    yield b"n,,n=" + b"=2C" * (length // 3) + b",r=x\n"
    yield b"n,,n=" + "é".encode() * (length // 2) + b",r=x\n"
    yield b"\n\nr=clientnonce" + b"x" * length + b",s=AAECAwQFBgcICQoLDA0ODw==,i=4096\n"


SCRAM_WORDS = (b"n=", b"r=", b"s=", b"i=", b"p=", b"c=biws", b"v=", b"e=", b"m=", b"clientnonceservernonce", b"=2C")
KIND_WORDS = tuple(
    pack_frame(kind, 0, 1)[:16] for kind in (Kind.HELLO, Kind.SUBSCRIBE, Kind.QUERY_LINK, Kind.REPLY, Kind.SNAPSHOT_END)
)

TARGETS = (
    Target("ulp-server-session", check_server_session, server_session_seeds, KIND_WORDS, long=long_server_sessions),
    Target("ulp-client-session", check_client_session, client_session_seeds, KIND_WORDS, long=long_client_sessions),
    Target("scram", check_log_in, log_in_seeds, SCRAM_WORDS, 600, long_log_ins),
)
