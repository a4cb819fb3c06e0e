"""Requests at the metrics port: bytes of browsers, of Prometheus, and of whoever means no good."""

from collections.abc import Iterator

from runtime.http_request import HEAD_BYTES_MAX, HEADERS_MAX, BadRequest, Request, RequestReader
from tests.fuzz.target import Target, cut


def check_request(data: bytes) -> None:
    """The first byte is the size of the pieces: cut in whatever way, the outcome is the same, and a bad request is
    known by its status."""
    size, stream = (data[0] or 1, data[1:]) if data else (1, b"")
    outcome = RequestReader().receive(stream)
    assert _in_pieces(stream, size) == outcome
    match outcome:
        case Request():
            assert outcome.method in ("GET", "HEAD")
            assert outcome.path.startswith("/")
            assert "?" not in outcome.path
            assert len(outcome.headers) <= HEADERS_MAX
            for name, value in outcome.headers.items():
                assert name == name.lower()
                assert not any(mark in name + value for mark in "\r\n\0")
            assert isinstance(outcome.wants_json, bool)
        case BadRequest():
            assert outcome.status in (400, 405, 421, 431)
            assert outcome.text
        case None:
            assert len(stream) <= HEAD_BYTES_MAX


def _in_pieces(stream: bytes, size: int) -> Request | BadRequest | None:
    reader = RequestReader()
    for piece in cut(stream, size):
        outcome = reader.receive(piece)
        if outcome is not None:
            return outcome
    return None


def request_seeds() -> Iterator[bytes]:
    host = b"Host: 127.0.0.1:7401\r\n"
    yield b"\x10GET /metrics HTTP/1.1\r\n" + host + b"User-Agent: Prometheus/2.53\r\nAccept: text/plain;q=0.5\r\n\r\n"
    yield b"\x01HEAD /readyz?x=1 HTTP/1.1\r\nhost: localhost\r\nAccept: application/json, */*\r\nAccept: a/b\r\n\r\n"
    yield b"\x40GET / HTTP/1.0\r\n\r\n"
    yield b"\x40GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"
    yield b"\x40POST /healthz HTTP/1.1\r\n" + host + b"Content-Length: 3\r\n\r\nabc"
    yield b"\x40\x16\x03\x01\x02\x00\x01\x00\x01\xfc"
    yield b"\xffGET /" + b"a" * HEAD_BYTES_MAX + b" HTTP/1.1\r\n\r\n"


def long_requests(length: int) -> Iterator[bytes]:
    yield b"\xffGET / HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * (length // 6) + b"\r\n"
    yield b"\xffGET /" + b"x" * length
    yield b"\xffGET / HTTP/1.1\r\nHost: localhost\r\nAccept: " + b"a/b," * (length // 4) + b"\r\n\r\n"


HTTP_WORDS = (
    b"GET /", b"HEAD /", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"\r\n\r\n", b"Host: ", b"Accept: application/json\r\n",
    b"127.0.0.1", b"[::1]", b"localhost", b"Transfer-Encoding: chunked\r\n", b"\xb2", b":80",
)  # fmt: skip

TARGETS = (Target("http-request", check_request, request_seeds, HTTP_WORDS, HEAD_BYTES_MAX + 100, long_requests),)
