"""What is sent: the story as JSON, one identity for each revision, a signature that anybody can check."""

import base64
import hmac
import json
from pathlib import Path

import pytest

from cdr.webhook.request import Target, body_of, headers_of, key_of


@pytest.mark.parametrize(
    ("secret", "key"),
    [("plain words", b"plain words"), ("whsec_b25seQ==", b"only"), ("Schlüssel", "Schlüssel".encode())],
)
def test_the_key_of_a_secret(secret: str, key: bytes) -> None:
    assert key_of(secret) == key


def test_a_secret_that_is_no_base64() -> None:
    with pytest.raises(ValueError, match="no base64"):
        key_of("whsec_not base64")


def test_the_message() -> None:
    body = body_of({"conversation": {"caller": "前台"}}, 1_767_225_600_000_001)
    assert json.loads(body) == {
        "type": "conversation.closed",
        "timestamp": "2026-01-01T00:00:00.000001Z",
        "data": {"conversation": {"caller": "前台"}},
    }


def test_it_is_signed_over_identity_time_and_body() -> None:
    """The example is worked out with another library's words: base64(HMAC-SHA256(key, id.time.body))."""
    headers = headers_of("1:5/2", b'{"a":1}', b"key", 1_767_225_600)
    signed = base64.b64encode(hmac.new(b"key", b'1:5/2.1767225600.{"a":1}', "sha256").digest()).decode()
    assert headers["webhook-id"] == "1:5/2"
    assert headers["webhook-timestamp"] == "1767225600"
    assert headers["webhook-signature"] == f"v1,{signed}"
    assert "webhook-signature" not in headers_of("1:5/2", b"{}", None, 1)


def test_no_token_and_no_key_are_shown() -> None:
    target = Target("https://h.example:8443/calls?token=secret#x", b"key", 60, Path("ca.crt"))
    assert target.shown == "https://h.example:8443/calls"
    assert "secret" not in repr(target)
    assert "key" not in repr(target).replace("key=", "")
