"""One request out of bytes: cut anywhere, hostile, never more than the limits, never an exception."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.http_request import HEAD_BYTES_MAX, HEADERS_MAX, BadRequest, Request, RequestReader

SCRAPE = (
    b"GET /metrics?x=1 HTTP/1.1\r\nHost: 127.0.0.1:7401\r\nUser-Agent: Prometheus/3.5.0\r\n"
    b"Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.2\r\n"
    b"Accept-Encoding: gzip\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"
)


def read(raw: bytes) -> Request | BadRequest | None:
    return RequestReader().receive(raw)


def status(raw: bytes) -> int:
    """The status that a request is turned away with, 200 when it is taken, 0 while it is not complete."""
    outcome = read(raw)
    return 0 if outcome is None else outcome.status if isinstance(outcome, BadRequest) else 200


def with_lines(*lines: bytes) -> bytes:
    return b"".join(line + b"\r\n" for line in (b"GET / HTTP/1.1", b"Host: localhost", *lines, b""))


def test_what_prometheus_asks() -> None:
    request = read(SCRAPE)
    assert isinstance(request, Request)
    assert (request.method, request.path, request.is_head, request.wants_json) == ("GET", "/metrics", False, False)
    assert request.headers["user-agent"] == "Prometheus/3.5.0"


@pytest.mark.parametrize(
    ("accept", "wants_json"),
    [
        ("application/json", True),
        ("text/html, Application/JSON;q=0.9", True),
        ("*/*", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_who_wants_json_says_so_by_name(accept: str, wants_json: bool) -> None:
    request = read(with_lines(b"Accept: " + accept.encode()))
    assert isinstance(request, Request)
    assert request.wants_json is wants_json


def test_a_header_said_twice_is_one() -> None:
    request = read(with_lines(b"Accept: text/html", b"ACCEPT:application/json"))
    assert isinstance(request, Request)
    assert request.headers["accept"] == "text/html, application/json"


@given(st.lists(st.integers(1, len(SCRAPE) - 1), max_size=8))
def test_a_request_may_be_cut_anywhere(cuts: list[int]) -> None:
    reader = RequestReader()
    places = [0, *sorted(set(cuts)), len(SCRAPE)]
    outcomes = [reader.receive(SCRAPE[begin:end]) for begin, end in itertools.pairwise(places)]
    assert outcomes[-1] == read(SCRAPE)
    assert set(outcomes[:-1]) <= {None}


def test_a_byte_at_a_time() -> None:
    reader = RequestReader()
    assert [reader.receive(SCRAPE[place : place + 1]) for place in range(len(SCRAPE))][-1] == read(SCRAPE)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (with_lines(), 200),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host: RFC 9112 3.2
        (b"HEAD / HTTP/1.1\r\nHost: [::1]:7401\r\n\r\n", 200),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405),
        (b"CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"get / HTTP/1.1\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (with_lines(b"Host: localhost"), 400),
        (with_lines(b" folded"), 400),
        (with_lines(b"no colon"), 400),
        (with_lines(b"Space : x"), 400),
        (with_lines(b"X: a\nb"), 400),
        (with_lines(b"X: a\x00b"), 400),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: localhost.evil.example:7401\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: 192.0.2.1:7401\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: \r\n\r\n", 421),
        (with_lines(b"X: " + b" " * 7_000 + b"x"), 200),  # and in no more time than any other
        (with_lines(*[b"X: y"] * (HEADERS_MAX - 1)), 200),
        (with_lines(*[b"X: y"] * HEADERS_MAX), 431),
        (with_lines(b"X: " + b"x" * HEAD_BYTES_MAX), 431),
        (b"G" * (HEAD_BYTES_MAX + 1), 431),
        (b"G" * 10_000_000, 431),
        (b"G" * HEAD_BYTES_MAX, 0),
        (b"", 0),
    ],
)
def test_what_is_taken_and_what_is_turned_away(raw: bytes, expected: int) -> None:
    assert status(raw) == expected


@given(st.binary(max_size=200))
def test_bytes_of_anybody_raise_nothing(raw: bytes) -> None:
    for whole in (raw, b"GET / HTTP/1.1\r\n" + raw + b"\r\n\r\n", b"GET /" + raw + b" HTTP/1.0\r\n\r\n"):
        assert status(whole) in (0, 200, 400, 405, 421, 431)
