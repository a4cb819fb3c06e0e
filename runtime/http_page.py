"""An answer over HTTP/1.1, as bytes. Pure."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered to a request."""

    body: bytes
    status: int = HTTPStatus.OK
    content_type: str = TEXT


def packed(page: Page, *, is_head: bool = False) -> bytes:
    """The whole answer, of which HEAD gets all but the body (RFC 9110 9.3.2). The connection closes after it."""
    status = HTTPStatus(page.status)
    allow = "Allow: GET, HEAD\r\n" if status is HTTPStatus.METHOD_NOT_ALLOWED else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {page.content_type}\r\n"
        f"Content-Length: {len(page.body)}\r\nCache-Control: no-store\r\n{allow}Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + (b"" if is_head else page.body)
