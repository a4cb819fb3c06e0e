"""The way in at the client: a server that skips the log-in, or does not know the password, is left."""

import pytest

from protocol.client_events import Ended
from protocol.client_opening import ClientOpening
from protocol.errors import Code
from protocol.frame import Frame, FrameReader
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, SCRAM_BYTES_MAX
from protocol.messages import (
    Hello,
    Welcome,
    pack_challenge,
    pack_welcome,
    read_hello,
    read_proof,
)
from tests.protocol.log_ins import client_half, server_half

HELLO = Hello("test", None)


def welcome(server_final: str | None = None, term: int = 3, heartbeat_ms: int = 1_000) -> Frame:
    body = pack_welcome(Welcome("gateway", 1, Role.ADMIN, heartbeat_ms, term, (), server_final=server_final))
    return Frame(Kind.WELCOME, 0, 0, body)


def challenge(server_first: str) -> Frame:
    return Frame(Kind.CHALLENGE, 0, 0, pack_challenge(server_first))


def code_of(outcome: object) -> int:
    assert isinstance(outcome, Ended), outcome
    assert not outcome.refused
    return outcome.code


def test_a_whole_log_in() -> None:
    opening, server = ClientOpening(HELLO, client_half(), 3), server_half()
    (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(opening.hello)
    hello = read_hello(frame.body)
    assert isinstance(hello, Hello)
    assert hello.role is None
    server_first = server.challenge(str(hello.client_first))
    assert isinstance(server_first, str)
    proof = opening.take(challenge(server_first))
    assert isinstance(proof, bytes)
    (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(proof)
    client_final = read_proof(frame.body)
    assert isinstance(client_final, str)
    verdict = server.judge(client_final, 0.0, 1.0)
    assert isinstance(opening.take(welcome(verdict.server_final)), Welcome)


def test_a_server_that_skips_the_challenge_is_left() -> None:
    assert code_of(ClientOpening(HELLO, client_half(), 0).take(welcome())) == Code.LOG_IN_FAILED
    assert code_of(ClientOpening(HELLO, client_half(), 0).take(welcome("v=AAAA"))) == Code.LOG_IN_FAILED


@pytest.mark.parametrize("server_final", [None, "v=AAAA", "nonsense"])
def test_a_server_whose_final_message_is_wrong_is_left(server_final: str | None) -> None:
    log_in = client_half()
    opening = ClientOpening(HELLO, log_in, 0)
    server_first = server_half().challenge(log_in.client_first)
    assert isinstance(server_first, str)
    assert isinstance(opening.take(challenge(server_first)), bytes)
    assert code_of(opening.take(welcome(server_final))) == Code.LOG_IN_FAILED


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (challenge("nonsense"), Code.LOG_IN_FAILED),
        (challenge("r" * (SCRAM_BYTES_MAX + 1)), Code.BAD_FRAME),
        (Frame(Kind.CHALLENGE, 0, 0, b""), Code.BAD_FRAME),
        (Frame(Kind.HEARTBEAT, 0, 0, b""), Code.NOT_ULP),
    ],
)
def test_what_is_no_challenge(frame: Frame, code: Code) -> None:
    assert code_of(ClientOpening(HELLO, client_half(), 0).take(frame)) == code


def test_without_a_user_a_challenge_ends_it() -> None:
    assert code_of(ClientOpening(HELLO, None, 0).take(challenge("r=x,s=x,i=4096"))) == Code.LOG_IN_REQUIRED


def test_a_term_that_falls_and_a_heartbeat_that_never_comes() -> None:
    assert code_of(ClientOpening(HELLO, None, 4).take(welcome())) == Code.TERM_TOO_LOW
    assert code_of(ClientOpening(HELLO, None, 0).take(welcome(heartbeat_ms=0))) == Code.BAD_FRAME


def test_what_did_not_come_in_time() -> None:
    log_in = client_half()
    opening = ClientOpening(HELLO, log_in, 0)
    assert opening.too_late().code == Code.NOT_ULP
    server_first = server_half().challenge(log_in.client_first)
    assert isinstance(server_first, str)
    opening.take(challenge(server_first))
    assert opening.too_late().code == Code.LOG_IN_FAILED
