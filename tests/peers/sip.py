"""SIP messages for the test phones: enough of RFC 3261 for one transport, one hop and peers that mean well."""

from collections.abc import Iterable
from dataclasses import dataclass, field

LINE_END = "\r\n"

SDP = (
    "v=0\r\no=- {version} {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n"
)


@dataclass(slots=True)
class Message:
    """A request (``start`` is ``INVITE sip:…``) or a response (``SIP/2.0 200 OK``)."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0")

    @property
    def method(self) -> str:
        """The request's method, or the one that a response answers."""
        return self.start.split(" ", 1)[0] if self.is_request else self.get("CSeq").split()[-1]

    @property
    def status(self) -> int:
        """A response's code."""
        return int(self.start.split(" ", 2)[1])

    @property
    def user(self) -> str:
        """The user part of a request's URI."""
        return user_of(self.start.split(" ", 2)[1])

    def get(self, name: str) -> str:
        """The first header of this name, empty when there is none."""
        wanted = name.lower()
        return next((value for header, value in self.headers if header.lower() == wanted), "")

    def all(self, name: str) -> list[tuple[str, str]]:
        """All headers of this name, as they stand."""
        return [(header, value) for header, value in self.headers if header.lower() == name.lower()]

    def encode(self) -> bytes:
        """The bytes on the wire."""
        body = self.body.encode()
        headers = [*self.headers, ("Content-Length", str(len(body)))]
        head = LINE_END.join([self.start, *(f"{name}: {value}" for name, value in headers)])
        return (head + LINE_END * 2).encode() + body


def parse(datagram: bytes) -> Message:
    """A datagram as a message; ValueError when it is none."""
    head, _, body = datagram.decode("utf-8", "replace").partition(LINE_END * 2)
    start, *lines = head.split(LINE_END)
    if " " not in start:
        raise ValueError(f"no SIP message: {start[:40]!r}")
    pairs = [line.partition(":") for line in lines]
    return Message(start, [(name.strip(), value.strip()) for name, _, value in pairs], body)


def response_to(request: Message, status: int, reason: str, extra: Iterable[tuple[str, str]] = ()) -> Message:
    """A response with the headers that every response copies."""
    copied = [pair for name in ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route") for pair in request.all(name)]
    return Message(f"SIP/2.0 {status} {reason}", [*copied, *extra])


def uri_of(address: str) -> str:
    """The URI in a From, To or Contact."""
    return address.partition("<")[2].partition(">")[0] if "<" in address else address.partition(";")[0]


def user_of(uri: str) -> str:
    """The user part of a URI."""
    return uri.removeprefix("sip:").partition("@")[0]


def tag_of(address: str) -> str:
    """The tag of a From or To, empty when there is none."""
    return address.rpartition(";tag=")[2].partition(";")[0] if ";tag=" in address else ""
