"""One request, whatever the receiver does, on the event loop that the daemon runs on."""

import asyncio
import socket

import httpx
import pytest
import uvloop

from cdr.webhook.delivery import ANSWER_BYTES_MAX, Answer, deliver
from tests.cdr.webhook.receiver import Receiver, receiving, reset_at_close
from tests.listening import Door, listening

AT_ONCE = 8
ROUNDS = 50
"""Enough: one request of ten hits the moment in which a reset connection has no socket any more."""
SECONDS_MAX = 0.2


BODY = b"{}"


def asked(connection: socket.socket) -> None:
    """The whole request is read: to close with some of it unread would be a reset, and might take the answer away."""
    received = b""
    while not received.endswith(BODY):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionAbortedError
        received += piece


def speaks_nonsense(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"\xff\x00 HTTP\r\n\r\n")


def breaks_off(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def never_ends(connection: socket.socket) -> None:
    """Twice what is read of an answer, then it waits."""
    asked(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n" + bytes(2 * ANSWER_BYTES_MAX))
    says_nothing(connection)


def told(port: int, rounds: int = 1, at_once: int = 1, seconds_max: float = 10.0) -> list[Answer]:
    """What became of so many requests."""

    async def tell() -> list[Answer]:
        answers: list[Answer] = []
        async with httpx.AsyncClient(timeout=None, trust_env=False) as client:
            for _ in range(rounds):
                requests = (
                    deliver(client, f"http://127.0.0.1:{port}/calls", BODY, {}, seconds_max) for _ in range(at_once)
                )
                answers += await asyncio.gather(*requests)
        return answers

    return uvloop.run(tell())


def test_a_receiver_that_resets_each_connection_is_one_that_is_not_there() -> None:
    with listening(reset_at_close) as port:
        answers = told(port, ROUNDS, AT_ONCE)
    assert len(answers) == ROUNDS * AT_ONCE
    assert all(answer.said and answer.is_of_all for answer in answers)


@pytest.mark.parametrize(
    ("door", "said"),
    [(speaks_nonsense, "RemoteProtocolError"), (breaks_off, "RemoteProtocolError"), (says_nothing, "no answer within")],
)
def test_what_is_no_answer_is_said(door: Door, said: str) -> None:
    with listening(door) as port:
        (answer,) = told(port, seconds_max=SECONDS_MAX if door is says_nothing else 10.0)
    assert answer.said.startswith(said)
    assert answer.is_of_all


def test_an_answer_without_end_is_not_read() -> None:
    with listening(never_ends) as port:
        assert told(port, rounds=2) == [Answer(), Answer()]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (200, Answer()),
        (301, Answer("HTTP 301")),
        (422, Answer("HTTP 422")),
        (429, Answer("HTTP 429", is_of_all=True)),
        (503, Answer("HTTP 503", is_of_all=True)),
    ],
)
def test_a_code_says_whether_others_would_be_taken(code: int, answer: Answer) -> None:
    with listening(lambda connection: answers(connection, code)) as port:
        assert told(port) == [answer]


def answers(connection: socket.socket, code: int) -> None:
    asked(connection)
    connection.sendall(f"HTTP/1.1 {code} So\r\ncontent-length: 0\r\n\r\n".encode())


def test_nobody_listens() -> None:
    with receiving(Receiver()) as receiver:
        pass
    (answer,) = told(receiver.port)
    assert answer.said.startswith("ConnectError")
    assert answer.is_of_all
