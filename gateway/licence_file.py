"""The licence as a file: TOML that people can read, and an Ed25519 signature over its values.

What is signed are the values under `[licence]`, not the bytes of the file: comments, spaces, line ends and the order
of keys may change on the way (mail programs and editors do that) and the licence still holds; a value may not.
`docs/licence.md` is the specification. Must not know the time, and judges nothing: `licence` does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.licence_keys import PublicKey
from runtime.texts import Text, text
from runtime.toml_text import NoToml, document_of

SIGNED_PREFIX = b"ultra-licence-1\n"
"""Goes before the signed values, so that a signature made for something else never makes a licence."""

LICENCE_BYTES_MAX = 64 * 1024
"""A licence has a dozen lines, and a host list of a large site; a larger file is not one."""

SEATS_MAX = 100_000
"""As many ports as port.cfg can name."""

GRACE_DAYS_MAX = 366
"""A year: longer is not grace but another licence."""


class Licence(BaseModel):
    """What the vendor signed. `expires` is the last day that it holds, None for ever; `host_ids` empty for any host."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=100)]
    customer: Annotated[str, Field(min_length=1, max_length=200)]
    seats: Annotated[int, Field(ge=1, le=SEATS_MAX)]
    features: list[str] = []
    issued: Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
    not_before: date
    expires: date | None = None
    grace_days: Annotated[int, Field(ge=0, le=GRACE_DAYS_MAX)] = 0
    host_ids: list[str] = []


@dataclass(frozen=True, slots=True)
class SignedLicence:
    """The values as found in a file, not trusted yet, with the signature that came with them."""

    values: Mapping[str, object]
    key_id: str
    signature: bytes

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether `key` signed exactly these values."""
        try:
            key.verifier().verify(self.signature, signed_bytes(self.values))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class NoLicence:
    """A file that is no licence, and why; the place, counted from 1, where the reason has one."""

    reason: Text
    line: int | None = None
    column: int | None = None
    source_line: str | None = None


def read_signed(raw: bytes) -> SignedLicence | NoLicence:
    """The values and the signature of a file's bytes."""
    if len(raw) > LICENCE_BYTES_MAX:
        return NoLicence(text("it has more than {limit} bytes", limit=LICENCE_BYTES_MAX))
    try:
        written = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        return NoLicence(text("it is not UTF-8 (offset {offset})", offset=error.start))
    document = document_of(written)
    if isinstance(document, NoToml):
        reason = text("not valid TOML: {detail}", detail=document.detail)
        shown = None if document.line is None else (*written.split("\n"), "")[document.line - 1]
        return NoLicence(reason, document.line, document.column, shown)
    values, signature = document.get("licence"), document.get("signature")
    if not isinstance(values, dict) or not isinstance(signature, dict) or len(document) != 2:
        return NoLicence(text("it has not exactly the two parts [licence] and [signature]"))
    key_id, encoded = signature.get("key_id"), signature.get("ed25519")
    if not isinstance(key_id, str) or not isinstance(encoded, str) or not all(map(_is_signable, values.values())):
        return NoLicence(text("a value is missing or of the wrong type"))
    try:
        return SignedLicence(values, key_id, base64.b64decode(encoded, validate=True))
    except ValueError:  # binascii.Error, or what is not even ASCII
        return NoLicence(text("the signature is not base64"))


def licence_of(signed: SignedLicence) -> Licence | NoLicence:
    """The licence that signed values make. Call it after the signature was found good: then what it refuses is the
    vendor's."""
    try:
        return Licence.model_validate(dict(signed.values))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        return NoLicence(text("the value of {key} is wrong: {reason}", key=key, reason=first["msg"]))


def sign(licence: Licence, key: Ed25519PrivateKey) -> str:
    """The licence file's text."""
    values = licence.model_dump(exclude_none=True)
    public = PublicKey(key.public_key().public_bytes_raw())
    signature = base64.b64encode(key.sign(signed_bytes(values))).decode()
    lines = "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())
    return f'{_HEADER}\n[licence]\n{lines}\n[signature]\nkey_id = "{public.key_id}"\ned25519 = "{signature}"\n'


def signed_bytes(values: Mapping[str, object]) -> bytes:
    """What the signature covers: the values as JSON with sorted keys, no spaces, dates in ISO 8601, times in UTC."""
    plain = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso)
    return SIGNED_PREFIX + plain.encode()


_HEADER = """\
# A licence of the ultra suite. Every value under [licence] is signed: change one and the licence is void.
# Comments, spaces and line ends may change without harm.
"""


def _is_signable(value: object) -> bool:
    return isinstance(value, (str, int, date)) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    )


def _iso(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    assert isinstance(value, date)  # _is_signable lets nothing else come here; a datetime is a date
    return value.isoformat()


def _toml(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # Strings, whole numbers and lists of strings are written alike in JSON and TOML.
    return json.dumps(value, ensure_ascii=False)
