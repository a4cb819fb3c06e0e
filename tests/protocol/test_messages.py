"""What sessions say comes back equal; what a peer must not say is a problem with its code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.ids import DeviceNumber, EventId
from protocol import messages
from protocol.bodies import BODIES, MAGIC
from protocol.body import FIELD_HEADER
from protocol.errors import Code, Problem
from protocol.kinds import Kind, Role
from protocol.limits import NAME_BYTES_MAX, SCRAM_BYTES_MAX
from protocol.messages import Coded, Gap, Hello, StreamPlace, Subscribe, Subscribed, Welcome
from tests.protocol.samples import u32, u64, words

hellos = st.builds(
    Hello,
    words,
    st.none() | st.sampled_from(Role),
    words.map(DeviceNumber),
    st.integers(0, 255),
    st.integers(0, 255),
    st.none() | words,
)
places = st.builds(StreamPlace, st.integers(0, 255), words, u64, u64, u64)
welcomes = st.builds(
    Welcome, words, u64, st.sampled_from(Role), u32, u32, st.lists(places, max_size=3).map(tuple), u32,
    st.integers(0, 255), st.none() | words,
)  # fmt: skip
subscribes = st.builds(
    Subscribe,
    st.none() | st.builds(EventId, u64, u64),
    st.none() | st.frozensets(words, max_size=5),
)


@given(hellos)
def test_hello(hello: Hello) -> None:
    assert messages.read_hello(messages.pack_hello(hello)) == hello


@given(welcomes)
def test_welcome(welcome: Welcome) -> None:
    assert messages.read_welcome(messages.pack_welcome(welcome)) == welcome


@given(subscribes)
def test_subscribe(subscribe: Subscribe) -> None:
    assert messages.read_subscribe(messages.pack_subscribe(subscribe)) == subscribe


@given(st.booleans(), u64, u64, u64)
def test_subscribed_and_gap(snapshot: bool, epoch: int, first: int, last: int) -> None:
    subscribed = Subscribed(snapshot, epoch, first, last)
    assert messages.read_subscribed(messages.pack_subscribed(subscribed)) == subscribed
    gap = Gap(Code.NOT_HELD, epoch, first, last)
    assert messages.read_gap(messages.pack_gap(gap)) == gap


@given(st.integers(0, 0xFFFF), words)
def test_bye_and_refused(code: int, text: str) -> None:
    for kind in (Kind.BYE, Kind.REFUSED):
        assert messages.read_coded(kind, messages.pack_coded(kind, Coded(code, text))) == Coded(code, text)


@given(st.sampled_from([Kind.HELLO, Kind.WELCOME, Kind.SUBSCRIBE, Kind.SUBSCRIBED, Kind.GAP]), st.binary(max_size=80))
def test_random_bytes_never_raise(kind: Kind, body: bytes) -> None:
    read = getattr(messages, f"read_{kind.name.lower()}")
    read(body)
    read(MAGIC + body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"GET / HTTP/1.1", Code.NOT_ULP),
        (b"ULP1", Code.MALFORMED),
        (b"ULP1\x01\x01\x09", Code.ROLE_REFUSED),
        (b"ULP1\x01\x01\x01" + FIELD_HEADER.pack(1, NAME_BYTES_MAX + 1) + b"n" * (NAME_BYTES_MAX + 1), Code.MALFORMED),
    ],
)
def test_a_hello_that_is_none(body: bytes, code: Code) -> None:
    read = messages.read_hello(body)
    assert isinstance(read, Problem)
    assert read.code is code


@given(words)
def test_challenge_and_proof(message: str) -> None:
    assert messages.read_challenge(messages.pack_challenge(message)) == message
    assert messages.read_proof(messages.pack_proof(message)) == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        FIELD_HEADER.pack(1, 5) + b"n",
        FIELD_HEADER.pack(1, 2) + b"\xff\xfe",
        FIELD_HEADER.pack(2, 1) + b"n",
        FIELD_HEADER.pack(1, SCRAM_BYTES_MAX + 1) + b"n" * (SCRAM_BYTES_MAX + 1),
    ],
)
def test_a_challenge_and_a_proof_that_are_none(body: bytes) -> None:
    for read in (messages.read_challenge(body), messages.read_proof(body)):
        assert isinstance(read, Problem)
        assert read.code is Code.MALFORMED


def test_a_log_in_message_that_is_too_long_is_malformed() -> None:
    read = messages.read_hello(messages.pack_hello(Hello("x", None, client_first="n" * (SCRAM_BYTES_MAX + 1))))
    assert isinstance(read, Problem)
    assert read.code is Code.MALFORMED


def test_no_log_in_message_is_shown() -> None:
    welcome = Welcome("g", 1, Role.ADMIN, 5_000, 1, (), server_final="v=secret")
    assert "secret" not in f"{Hello('x', None, client_first='n,,n=secret')!r} {welcome!r}"


def test_a_welcome_with_an_unknown_role_is_malformed() -> None:
    welcome = messages.pack_welcome(Welcome("g", 1, Role.ADMIN, 5_000, 1, ()))
    assert isinstance(messages.read_welcome(welcome[:1] + b"\x09" + welcome[2:]), Problem)


def test_a_durable_consumer_is_named() -> None:
    subscribe = Subscribe(EventId(7, 8), frozenset({"8001"}), "cdr")
    assert messages.read_subscribe(messages.pack_subscribe(subscribe)) == subscribe
    read = messages.read_subscribe(messages.pack_subscribe(Subscribe(consumer="录" * 43)))
    assert read == Problem(Code.MALFORMED, "field consumer is longer than 128 bytes")


def test_a_start_is_now_or_after() -> None:
    read = messages.read_subscribe(BODIES[Kind.SUBSCRIBE].build({"start": 2, "epoch": 0, "after": 0}))
    assert isinstance(read, Problem)
    assert "neither now" in read.text


def test_a_bye_that_cannot_be_read_still_ends() -> None:
    assert messages.read_coded(Kind.BYE, b"").code == Code.BAD_FRAME
