"""What the webhook is told, and how the receiver knows that it was us: a Standard Webhooks request. Pure.

``webhook-id`` is the conversation's identity and its revision, the same at each try, so that a receiver can leave out
what it has already. ``webhook-signature`` is an HMAC-SHA256 over id, time and body (standardwebhooks.com, 1.0.0).
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cdr.forms import Form, iso_of

TYPE: Final = "conversation.closed"
SECRET_PREFIX: Final = "whsec_"


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told. ``key`` None: nothing is signed; ``ca_file`` None: the system's authorities."""

    url: str = field(repr=False)
    key: bytes | None = field(repr=False)
    give_up_seconds: int
    ca_file: Path | None = None

    @property
    def shown(self) -> str:
        """Without what behind its path may be secret."""
        return urlsplit(self.url)._replace(query="", fragment="").geturl()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: the bytes behind ``whsec_`` in base64, else the text itself. ValueError."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode("utf-8")
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64 follows whsec_") from error


def body_of(story: Form, written_us: int) -> bytes:
    """The request's JSON: what kind of message it is, when it was written, and the conversation's story."""
    message = {"type": TYPE, "timestamp": iso_of(written_us), "data": story}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def headers_of(message_id: str, body: bytes, key: bytes | None, now_seconds: int) -> dict[str, str]:
    """The request's headers; without a key nothing is signed."""
    headers = {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(now_seconds),
    }
    if key is not None:
        signed = hmac.digest(key, f"{message_id}.{now_seconds}.".encode() + body, sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return headers
