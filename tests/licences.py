"""Licences for tests, signed with a key that everybody knows and nobody must trust."""

from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.licence_file import Licence, sign
from gateway.licence_keys import PublicKey

VENDOR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_VENDOR = Ed25519PrivateKey.from_private_bytes(bytes(32))
VENDOR_KEY = PublicKey(VENDOR.public_key().public_bytes_raw())
OTHER_VENDOR_KEY = PublicKey(OTHER_VENDOR.public_key().public_bytes_raw())

ISSUED = datetime(2026, 1, 5, 9, tzinfo=UTC)


def licence(**values: Any) -> Licence:
    """A licence of 100 seats for 2026, with other values where they are given."""
    usual = {
        "id": "2026-0001",
        "customer": "上海某公司",
        "seats": 100,
        "features": ["call-control"],
        "issued": ISSUED,
        "not_before": date(2026, 1, 10),
        "expires": date(2026, 12, 31),
        "grace_days": 10,
    }
    return Licence.model_validate({**usual, **values})


def licence_file(*, key: Ed25519PrivateKey = VENDOR, **values: Any) -> bytes:
    """The same as a file, signed."""
    return sign(licence(**values), key).encode()
