"""The client's side, without a socket: what it takes, and each thing of a server it does not put up with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.events import Event
from model.ids import EventId
from protocol.client_events import (
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
from protocol.client_session import ClientSession, Stage
from protocol.codec import encode
from protocol.errors import Code
from protocol.filters import parts_of
from protocol.frame import FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_CLIENT, HEARTBEATS_MISSED_MAX, HELLO_SECONDS_MAX
from protocol.messages import (
    Coded,
    Gap,
    Hello,
    Subscribe,
    Subscribed,
    Welcome,
    pack_coded,
    pack_gap,
    pack_subscribed,
    pack_welcome,
    read_coded,
)
from protocol.packing import snapshot_body
from protocol.requests import Reply, Request, pack_reply
from tests.protocol import samples
from tests.protocol.samples import EPOCH, call, established, party

HELLO = Hello("test", Role.CONSUMER)
WELCOME = Welcome("gateway", 3, Role.CONSUMER, 1_000, 4, ())


def welcome(**changes: int) -> bytes:
    fields = {name: getattr(WELCOME, name) for name in Welcome.__slots__} | changes
    return pack_frame(Kind.WELCOME, 0, 0, pack_welcome(Welcome(**fields)))


def open_session() -> ClientSession:
    session = ClientSession(HELLO, 0.0)
    session.data_to_send()
    session.receive(welcome(), 0.0)
    assert session.events() == [Welcomed(WELCOME)]
    return session


def subscribed(session: ClientSession, number: int = 0, subscribe: Subscribe | None = None) -> list[ClientEvent]:
    session.subscribe(1, subscribe or Subscribe())
    session.data_to_send()
    answer = Subscribed(True, EPOCH, 1, number)
    return take(session, pack_frame(Kind.SUBSCRIBED, 1, 1, pack_subscribed(answer)) + snapshot_frames(number))


def snapshot_frames(number: int) -> bytes:
    parts = parts_of(samples.snapshot(number, calls=(call(1, party("8001")),)))
    frames = [pack_frame(kind, 1, number, body) for kind, body in map(snapshot_body, parts)]
    return b"".join(frames) + pack_frame(Kind.SNAPSHOT_END, 1, number)


def take(session: ClientSession, wire: bytes, now: float = 0.0) -> list[ClientEvent]:
    session.receive(wire, now)
    return session.events()


def end_of(session: ClientSession, events: list[ClientEvent]) -> Ended:
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert session.stage is Stage.ENDED
    assert take(session, encode(established(1))) == []
    return ended


def last_word(session: ClientSession) -> int:
    frame = FrameReader(BODY_BYTES_MAX_CLIENT).receive(session.data_to_send())[-1]
    assert frame.kind == Kind.BYE
    return read_coded(Kind.BYE, frame.body).code


def test_the_snapshot_comes_whole_and_events_follow() -> None:
    session = open_session()
    began, taken = subscribed(session, 7)
    assert began == SubscriptionBegan(Subscribed(True, EPOCH, 1, 7))
    assert taken == SnapshotTaken(EPOCH, samples.snapshot(7, calls=(call(1, party("8001")),)))
    assert session.place == EventId(EPOCH, 7)
    assert take(session, encode(established(8))) == [EventSeen(EPOCH, established(8))]
    assert session.place == EventId(EPOCH, 8)


def test_a_filtered_subscription_skips_numbers_and_moves_by_position() -> None:
    session = open_session()
    subscribed(session, 7, Subscribe(devices=frozenset({"8001"})))
    assert len(take(session, encode(established(12)))) == 1
    assert take(session, pack_frame(Kind.POSITION, 1, 40)) == [PositionSeen(EPOCH, 40)]
    assert session.place == EventId(EPOCH, 40)


@pytest.mark.parametrize("number", [7, 9])
def test_a_hole_or_a_repeat_in_an_unfiltered_stream_ends_it(number: int) -> None:
    session = open_session()
    subscribed(session, 7)
    assert end_of(session, take(session, encode(established(number)))).code == Code.BAD_FRAME
    assert last_word(session) == Code.BAD_FRAME


def test_a_position_that_falls_back_ends_it() -> None:
    session = open_session()
    subscribed(session, 7)
    assert end_of(session, take(session, pack_frame(Kind.POSITION, 1, 6))).code == Code.BAD_FRAME


def test_gap_reply_and_refused_subscription() -> None:
    session = open_session()
    gap = Gap(Code.NOT_HELD, EPOCH, 3, 9)
    number = session.request(Request(Kind.QUERY_LINK))
    subscribe_number = session.subscribe(1, Subscribe())
    wire = pack_frame(Kind.GAP, 1, 0, pack_gap(gap))
    wire += pack_frame(Kind.REPLY, 0, number, pack_reply(Reply(link=samples.LINK)))
    wire += pack_frame(Kind.REPLY, 1, subscribe_number, pack_reply(Reply(Code.UNKNOWN_STREAM)))
    assert take(session, wire) == [
        gap,
        Replied(number, Reply(link=samples.LINK)),
        SubscriptionRefused(Reply(Code.UNKNOWN_STREAM)),
    ]


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", Code.NOT_ULP),
        (b"HTTP/1.1 400 Bad Request\r\n", Code.NOT_ULP),
        (pack_frame(Kind.HEARTBEAT, 0, 0), Code.NOT_ULP),
        (pack_frame(Kind.WELCOME, 0, 0), Code.NOT_ULP),
        (pack_frame(Kind.CHALLENGE, 0, 0), Code.LOG_IN_REQUIRED),
        (welcome(term=2), Code.TERM_TOO_LOW),
        (welcome(heartbeat_ms=0), Code.BAD_FRAME),
    ],
)
def test_what_it_does_not_take_for_a_welcome(wire: bytes, code: Code) -> None:
    session = ClientSession(HELLO, 0.0, term_lowest=3)
    session.data_to_send()
    assert end_of(session, take(session, wire)).code == code
    assert session.data_to_send() == b""


def test_a_refusal_before_welcome() -> None:
    session = ClientSession(HELLO, 0.0)
    wire = pack_frame(Kind.REFUSED, 0, 0, pack_coded(Kind.REFUSED, Coded(Code.TOO_MANY_SESSIONS, "full")))
    assert end_of(session, take(session, wire)) == Ended(Code.TOO_MANY_SESSIONS, "full", refused=True)


@pytest.mark.parametrize(
    "wire",
    [
        pack_frame(Kind.REPLY, 0, 1, b"\x00"),
        pack_frame(Kind.GAP, 1, 0, b"\x00"),
        pack_frame(Kind.SUBSCRIBED, 1, 1, b"\x00"),
        pack_frame(Kind.ESTABLISHED, 1, 8, b"\x00"),
        pack_frame(Kind.SNAPSHOT_CALL, 1, 8, b"\x00"),
        pack_frame(Kind.SNAPSHOT_END, 1, 8),
        b"\xff" * 16,
    ],
)
def test_what_cannot_be_read_ends_the_session(wire: bytes) -> None:
    session = open_session()
    subscribed(session, 7)
    ended = end_of(session, take(session, wire))
    assert ended.code in (Code.BAD_FRAME, Code.BODY_TOO_LARGE)
    assert last_word(session) == ended.code


def test_a_kind_only_a_client_sends_ends_it_and_an_unknown_one_is_skipped() -> None:
    session = open_session()
    assert take(session, pack_frame(0x0499, 1, 1, b"later")) == []
    assert session.unknown_frames == 1
    assert end_of(session, take(session, pack_frame(Kind.SUBSCRIBE, 1, 1))).code == Code.UNEXPECTED_FRAME


def test_bye_ends_it_with_the_server_s_code() -> None:
    session = open_session()
    wire = pack_frame(Kind.BYE, 0, 0, pack_coded(Kind.BYE, Coded(Code.SLOW_CONSUMER)))
    assert end_of(session, take(session, wire)) == Ended(Code.SLOW_CONSUMER, "slow_consumer")
    assert session.data_to_send() == b""


def test_heartbeats_go_out_and_three_missed_end_it() -> None:
    session = open_session()
    assert session.deadline() == 1.0
    session.time_passed(1.0)
    assert session.data_to_send() == pack_frame(Kind.HEARTBEAT, 0, 0)
    session.receive(pack_frame(Kind.HEARTBEAT, 0, 0), 2.0)
    session.time_passed(2.0 + HEARTBEATS_MISSED_MAX - 0.1)
    assert session.stage is Stage.OPEN
    session.not_listening(4.0)
    session.time_passed(6.9)
    assert session.stage is Stage.OPEN
    session.time_passed(4.0 + HEARTBEATS_MISSED_MAX)
    assert end_of(session, session.events()).code == Code.HEARTBEAT_LOST
    assert session.deadline() is None


def test_no_answer_to_hello_is_no_ulp_server() -> None:
    session = ClientSession(HELLO, 0.0)
    assert session.deadline() == HELLO_SECONDS_MAX
    session.time_passed(HELLO_SECONDS_MAX)
    assert end_of(session, session.events()).code == Code.NOT_ULP


@given(samples.events.filter(lambda event: event.number > 0), st.data())
def test_mutated_frames_end_in_a_code_and_never_in_an_exception(event: Event, data: st.DataObject) -> None:
    wire = bytearray(encode(event))
    for _ in range(data.draw(st.integers(1, 3))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    session = open_session()
    session.subscribe(1, Subscribe(devices=frozenset()))
    take(session, bytes(wire))
