"""Whose licences count: public keys as text, and which of them this gateway trusts.

`docs/decisions/0004-licence.md` says why an open product takes the key from its own configuration. A distributor who
sells seats puts its key into BUILT_IN_PUBLIC_KEYS; then the setting is not looked at. Must not read licences.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_PREFIX = "ed25519:"
KEY_BYTES = 32
"""RFC 8032: an Ed25519 public key."""

KEY_ID_DIGITS = 16
"""Hex digits of a key's id: it only tells a licence of another vendor from a falsified one, so 64 bits are enough."""

BUILT_IN_PUBLIC_KEYS: tuple[str, ...] = ()
"""Empty in the open product. One or more `ed25519:…` make every other key worthless in that build."""


class BadPublicKey(ValueError):
    """A public key is not `ed25519:` and 32 bytes in base64."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that licences are held against; `key_id` is what a licence names."""

    raw: bytes

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()[:KEY_ID_DIGITS]

    def __str__(self) -> str:
        return KEY_PREFIX + base64.b64encode(self.raw).decode()

    def verifier(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)


def public_key(written: str) -> PublicKey:
    """The key that `ed25519:BASE64` stands for; raises BadPublicKey."""
    if not written.startswith(KEY_PREFIX):
        raise BadPublicKey(written)
    try:
        raw = base64.b64decode(written.removeprefix(KEY_PREFIX), validate=True)
    except ValueError as error:  # binascii.Error, or what is not even ASCII
        raise BadPublicKey(written) from error
    if len(raw) != KEY_BYTES:
        raise BadPublicKey(written)
    return PublicKey(raw)


def trusted_keys(configured: Sequence[str], built_in: Sequence[str] = BUILT_IN_PUBLIC_KEYS) -> tuple[PublicKey, ...]:
    """The keys that count: the built-in ones if there are any, else those of `[licence] public_key`."""
    return tuple(public_key(written) for written in (built_in or configured))
