"""An answer as bytes: its length, and what HEAD gets of it."""

from http import HTTPStatus

from runtime.http_page import JSON, Page, packed


def test_a_page() -> None:
    head, _, body = packed(Page("läuft\n".encode(), content_type=JSON)).partition(b"\r\n\r\n")
    assert body.decode() == "läuft\n"
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"Content-Length: 7",
        b"Cache-Control: no-store",
        b"Connection: close",
    ]


def test_head_gets_all_but_the_body() -> None:
    page = Page(b"not ready\n", HTTPStatus.SERVICE_UNAVAILABLE)
    assert packed(page, is_head=True) + page.body == packed(page)
    assert packed(page).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_who_is_told_not_allowed_is_told_what_is() -> None:
    assert b"\r\nAllow: GET, HEAD\r\n" in packed(Page(b"", HTTPStatus.METHOD_NOT_ALLOWED))
