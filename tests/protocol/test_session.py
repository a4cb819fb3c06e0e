"""The server's side of a session, without a socket: every refusal, requests and their numbers, heartbeats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import DeviceNumber
from protocol.bodies import BODIES
from protocol.errors import Code, Problem
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import CLIENT_SESSION_KINDS, KNOWN, SNAPSHOTS, Kind, Role, is_request_number
from protocol.limits import (
    BODY_BYTES_MAX_CLIENT,
    BODY_BYTES_MAX_SERVER,
    HEARTBEATS_MISSED_MAX,
    SCRAM_BYTES_MAX,
    ServerLimits,
)
from protocol.messages import (
    Coded,
    Hello,
    Subscribe,
    Welcome,
    pack_coded,
    pack_hello,
    pack_proof,
    pack_subscribe,
    read_coded,
    read_welcome,
)
from protocol.requests import Reply, Request, pack_request, read_reply
from protocol.session import (
    Consumed,
    Ended,
    Opened,
    RequestAsked,
    RequestDenied,
    ServerSession,
    SessionEvent,
    Stage,
    SubscribeAsked,
)

LIMITS = ServerLimits(hello_seconds_max=5.0, heartbeat_ms=1_000, requests_outstanding_max=2)
WELCOME = Welcome("gateway", 1, Role.ADMIN, 1_000, 1, ())


def grant(hello: Hello) -> Welcome | Problem:
    if hello.name == "unwanted":
        return Problem(Code.TOO_MANY_SESSIONS, "full")
    assert hello.role is not None
    return Welcome("gateway", 1, hello.role, 1_000, 1, ())


def new_session() -> ServerSession:
    return ServerSession(grant, LIMITS, now=0.0)


def hello(role: Role | None = Role.ADMIN, **more: object) -> bytes:
    return pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("test", role, **more)))  # type: ignore[arg-type]


def open_session(role: Role = Role.ADMIN, device: str = "") -> ServerSession:
    session = new_session()
    session.receive(hello(role, device=DeviceNumber(device)), 0.0)
    assert [type(event) for event in session.events()] == [Opened]
    session.data_to_send()
    return session


def said(session: ServerSession) -> list[Frame]:
    return FrameReader(BODY_BYTES_MAX_SERVER).receive(session.data_to_send())


def ask(session: ServerSession, kind: int, number: int = 1, body: bytes = b"", stream: int = 0) -> list[SessionEvent]:
    session.receive(pack_frame(kind, stream, number, body), 0.1)
    return session.events()


def refusal(session: ServerSession, number: int = 1) -> Code:
    (frame,) = said(session)
    assert (frame.kind, frame.number) == (Kind.REPLY, number)
    reply = read_reply(frame.body)
    assert isinstance(reply, Reply)
    assert reply.text
    return Code(reply.code)


def ended_by(session: ServerSession, kind: Kind) -> Code:
    """The code of the last word, which must be of this kind; afterwards nothing is said or heard."""
    frame = said(session)[-1]
    assert frame.kind == kind
    assert session.stage is Stage.ENDED
    session.receive(hello(), 9.0)
    session.time_passed(1e9)
    session.reply(1, Reply())
    session.end(Code.NORMAL)
    assert session.data_to_send() == b""
    assert session.deadline() is None
    return Code(read_coded(kind, frame.body).code)


def request(kind: Kind = Kind.MAKE_CALL, device: str = "8001") -> bytes:
    return pack_request(Request(kind, DeviceNumber(device), destination="8002"))


def test_hello_is_welcomed() -> None:
    session = new_session()
    session.receive(hello(Role.SUPERVISOR), 0.0)
    (opened,) = session.events()
    assert isinstance(opened, Opened)
    assert opened.role is Role.SUPERVISOR
    (frame,) = said(session)
    assert frame.kind == Kind.WELCOME
    assert isinstance(read_welcome(frame.body), Welcome)


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", Code.NOT_ULP),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\x00\x00\x00", Code.NOT_ULP),
        (pack_frame(0x7777, 0, 0), Code.NOT_ULP),
        (pack_frame(Kind.SUBSCRIBE, 1, 1), Code.UNEXPECTED_FRAME),
        (pack_frame(Kind.HEARTBEAT, 0, 0), Code.UNEXPECTED_FRAME),
        (pack_frame(Kind.PROOF, 0, 0), Code.UNEXPECTED_FRAME),
        (pack_frame(Kind.HELLO, 0, 0, b"HELLO"), Code.NOT_ULP),
        (pack_frame(Kind.HELLO, 0, 0, b"ULP1"), Code.MALFORMED),
        (pack_frame(Kind.HELLO, 0, 0, b"ULP1\x01\x01\x63"), Code.ROLE_REFUSED),
        (hello(client_first="n,,n=desk,r=abc"), Code.LOG_IN_FAILED),
        (hello(client_first="n" * (SCRAM_BYTES_MAX + 1)), Code.MALFORMED),
        (hello(role=None), Code.ROLE_REFUSED),
        (hello(version_lowest=2, version_highest=9), Code.VERSION_NOT_SPOKEN),
        (pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("unwanted", Role.ADMIN))), Code.TOO_MANY_SESSIONS),
    ],
)
def test_what_is_refused_before_welcome(wire: bytes, code: Code) -> None:
    session = new_session()
    session.receive(wire, 0.0)
    assert [type(event) for event in session.events()] == [Ended]
    assert ended_by(session, Kind.REFUSED) is code


def test_a_hello_that_comes_too_late_is_refused() -> None:
    session = new_session()
    assert session.deadline() == 5.0
    session.time_passed(4.9)
    assert session.stage is Stage.OPENING
    session.time_passed(5.0)
    assert ended_by(session, Kind.REFUSED) is Code.HELLO_TOO_LATE


@pytest.mark.parametrize("kind", sorted(KNOWN - CLIENT_SESSION_KINDS))
def test_what_only_a_server_may_send_ends_the_session(kind: int) -> None:
    session = open_session()
    if is_request_number(kind):
        return
    ask(session, kind)
    assert ended_by(session, Kind.BYE) is Code.UNEXPECTED_FRAME


def test_a_second_hello_ends_the_session() -> None:
    session = open_session()
    session.receive(hello(), 0.0)
    assert ended_by(session, Kind.BYE) is Code.UNEXPECTED_FRAME


def test_a_proof_that_nobody_asked_for_ends_the_session() -> None:
    session = open_session()
    session.receive(pack_frame(Kind.PROOF, 0, 0, pack_proof("c=biws,r=x,p=x")), 0.0)
    assert ended_by(session, Kind.BYE) is Code.UNEXPECTED_FRAME


@pytest.mark.parametrize("kind", [0x0000, 0x00FF, 0x01FF, 0x0400, 0xFFFF])
def test_an_unknown_kind_is_answered_and_counted(kind: int) -> None:
    session = open_session()
    assert ask(session, kind, 8) == []
    assert refusal(session, 8) is Code.NOT_SUPPORTED
    assert session.unknown_frames == 1
    assert session.stage is Stage.OPEN


@pytest.mark.parametrize("kind", [Kind.QUERY_AGENT, Kind.QUERY_QUEUE])
def test_what_is_coming_says_so(kind: Kind) -> None:
    session = open_session()
    assert ask(session, kind, 8, pack_request(Request(kind))) == []
    assert refusal(session, 8) is Code.NOT_IN_THIS_VERSION


def test_a_confirmation_is_the_server_s_to_judge() -> None:
    session = open_session()
    assert ask(session, Kind.CONSUMED, 17) == [Consumed(17)]


@pytest.mark.parametrize("role", Role)
def test_an_agent_is_no_durable_consumer(role: Role) -> None:
    session = open_session(role, device=DeviceNumber("8001"))
    asked = ask(session, Kind.SUBSCRIBE, 8, pack_subscribe(Subscribe(consumer="cdr")))
    if role is Role.AGENT:
        assert asked == []
        assert refusal(session, 8) is Code.NOT_PERMITTED
    else:
        assert asked == [SubscribeAsked(0, 8, Subscribe(consumer="cdr"))]


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        ((BODY_BYTES_MAX_CLIENT + 1).to_bytes(4, "big") + bytes(12), Code.BODY_TOO_LARGE),
        (bytes(6) + b"\x01" + bytes(9), Code.BAD_FRAME),
    ],
)
def test_a_frame_that_cannot_be_ends_the_session(wire: bytes, code: Code) -> None:
    session = open_session()
    session.receive(wire, 0.0)
    assert ended_by(session, Kind.BYE) is code


def test_a_malformed_request_is_answered_and_the_session_goes_on() -> None:
    session = open_session()
    assert ask(session, Kind.MAKE_CALL, 3, b"") == []
    assert refusal(session, 3) is Code.MALFORMED
    assert ask(session, Kind.SUBSCRIBE, 4, b"\x00") == []
    assert refusal(session, 4) is Code.MALFORMED
    assert [type(event) for event in ask(session, Kind.MAKE_CALL, 5, request())] == [RequestAsked]


@pytest.mark.parametrize(
    ("role", "kind", "device"),
    [
        (Role.CONSUMER, Kind.MAKE_CALL, "8001"),
        (Role.CONSUMER, Kind.QUERY_LINK, ""),
        (Role.SUPERVISOR, Kind.RELOAD, ""),
        (Role.SUPERVISOR, Kind.QUERY_SESSIONS, ""),
        (Role.AGENT, Kind.MAKE_CALL, "8002"),
        (Role.AGENT, Kind.QUERY_DEVICE, "8002"),
        (Role.AGENT, Kind.LINK_STOP, ""),
    ],
)
def test_what_a_role_may_not_ask_is_not_permitted(role: Role, kind: Kind, device: str) -> None:
    session = open_session(role, "8001" if role is Role.AGENT else "")
    (denied,) = ask(session, kind, 1, request(kind, device))
    assert isinstance(denied, RequestDenied)
    assert (denied.request.kind, denied.request.device) == (kind, device)
    assert refusal(session) is Code.NOT_PERMITTED


def test_an_agent_asks_for_its_own_device() -> None:
    session = open_session(Role.AGENT, "8001")
    (asked,) = ask(session, Kind.MAKE_CALL, 1, request())
    assert isinstance(asked, RequestAsked)
    assert asked.request.destination == "8002"


@pytest.mark.parametrize(
    ("wanted", "granted"), [(None, {"8001"}), ({"8001"}, {"8001"}), (set(), {"8001"}), ({"8002"}, None)]
)
def test_an_agent_sees_its_own_device(wanted: set[str] | None, granted: set[str] | None) -> None:
    session = open_session(Role.AGENT, "8001")
    devices = None if wanted is None else frozenset(wanted)
    asked = ask(session, Kind.SUBSCRIBE, 1, pack_subscribe(Subscribe(devices=devices)), stream=1)
    if granted is None:
        assert refusal(session) is Code.NOT_PERMITTED
        assert asked == []
    else:
        assert asked == [SubscribeAsked(1, 1, Subscribe(None, frozenset(granted)))]


def test_requests_have_numbers_and_a_limit() -> None:
    session = open_session()
    assert len(ask(session, Kind.MAKE_CALL, 1, request())) == 1
    assert ask(session, Kind.MAKE_CALL, 1, request()) == []
    assert refusal(session, 1) is Code.MALFORMED
    assert len(ask(session, Kind.MAKE_CALL, 2, request())) == 1
    assert ask(session, Kind.MAKE_CALL, 3, request()) == []
    assert refusal(session, 3) is Code.TOO_MANY_REQUESTS
    session.reply(1, Reply())
    assert len(ask(session, Kind.MAKE_CALL, 3, request())) == 1


def test_any_frame_is_a_sign_of_life_and_three_missed_end_the_session() -> None:
    session = open_session()
    session.receive(pack_frame(Kind.HEARTBEAT, 0, 0), 1.5)
    session.time_passed(1.5 + HEARTBEATS_MISSED_MAX - 0.1)
    assert session.stage is Stage.OPEN
    session.receive(pack_frame(Kind.HEARTBEAT, 0, 0)[:8], 4.0)
    session.time_passed(1.5 + HEARTBEATS_MISSED_MAX)
    assert ended_by(session, Kind.BYE) is Code.HEARTBEAT_LOST


def test_silence_while_nobody_listened_does_not_count() -> None:
    session = open_session()
    session.not_listening(10.0)
    session.time_passed(12.0)
    assert session.stage is Stage.OPEN


def test_a_heartbeat_goes_out_every_interval_and_carries_the_position() -> None:
    session = open_session()
    assert session.deadline() == 1.0
    session.time_passed(0.9)
    assert said(session) == []
    session.time_passed(1.0)
    assert said(session) == [Frame(Kind.HEARTBEAT, 0, 0, b"")]
    assert session.deadline() == 2.0
    session.time_passed(2.0, (1, 4713))
    assert said(session) == [Frame(Kind.POSITION, 1, 4713, b"")]


def test_the_client_s_bye_ends_it_without_an_answer() -> None:
    session = open_session()
    (ended,) = ask(session, Kind.BYE, 0, pack_coded(Kind.BYE, Coded(Code.NORMAL)))
    assert isinstance(ended, Ended)
    assert ended.by_peer
    assert session.data_to_send() == b""


def test_every_kind_a_client_may_send_has_its_body() -> None:
    assert set(BODIES) >= CLIENT_SESSION_KINDS
    assert not CLIENT_SESSION_KINDS & SNAPSHOTS


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_random_bytes_end_in_a_code_and_never_in_an_exception(pieces: list[bytes]) -> None:
    for session in (new_session(), open_session()):
        for piece in pieces:
            session.receive(piece, 0.0)
        assert all(isinstance(event, Ended) for event in session.events())


@given(st.integers(0, 0xFFFF), st.integers(0, 255), st.binary(max_size=60))
def test_any_frame_gets_a_coded_answer_or_ends_the_session(kind: int, stream: int, body: bytes) -> None:
    session = open_session()
    events = ask(session, kind, 3, body, stream)
    frames = said(session)
    assert events or frames or kind == Kind.HEARTBEAT
