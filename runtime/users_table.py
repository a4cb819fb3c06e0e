"""What stands in `users.toml`, as a declaration: names, salts and keys, and what each must look like.

Keys and salts are secrets to whatever shows them. Must not read files and must not know what a role means.
"""

import base64
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.functional_validators import AfterValidator
from scramp import ScramException
from scramp.utils import saslprep

from runtime.expected import Expected, UnfitValue
from runtime.texts import text, verbatim

ITERATIONS_MIN: Final = 4096
"""Least that RFC 7677 allows."""

ITERATIONS_MAX: Final = 1_000_000
"""Most that a client works through."""

NAME_BYTES_MAX: Final = 128
"""Of a user's name: a mail address fits."""

SALT_BYTES: Final = 16
KEY_BYTES: Final = 32
SECRET_BYTES: Final = 32
"""All salts are of one length, so that the false one of a name that nobody has looks like the others."""


def _name(written: str) -> str:
    if problem := name_problem(written):
        raise problem
    return written


def name_problem(written: str) -> UnfitValue | None:
    """Why this can be no user's name: it must be what SASLprep (RFC 4013) makes of it, since that is what arrives."""
    form = text("letters, digits and marks, up to {count} bytes", count=NAME_BYTES_MAX)
    try:
        prepared = saslprep(written)
    except ScramException:
        prepared = ""
    if (
        not prepared
        or not written.isprintable()
        or written != written.strip()
        or len(written.encode()) > NAME_BYTES_MAX
    ):
        return UnfitValue(text("this can be no user's name"), expected=form)
    if prepared != written:
        reason = text("a name with characters that are written in more than one way")
        return UnfitValue(reason, expected=verbatim(prepared))
    return None


def _bytes_of(count: int) -> AfterValidator:
    def check(written: SecretStr) -> SecretStr:
        try:
            held = base64.b64decode(written.get_secret_value(), validate=True)
        except ValueError:
            held = b""
        if len(held) != count:
            expected = text("{count} bytes in base64, as `ultra user` writes them", count=count)
            raise UnfitValue(text("this is not what `ultra user` wrote"), expected=expected)
        return written

    return AfterValidator(check)


_Table = ConfigDict(extra="forbid", frozen=True)


class UserTable(BaseModel):
    """`[[user]]`: one of them."""

    model_config = _Table

    name: Annotated[str, AfterValidator(_name)]
    role: str
    device: str = ""
    """An agent's own."""
    disabled: bool = False
    salt: Annotated[SecretStr, _bytes_of(SALT_BYTES)]
    iterations: Annotated[int, Field(ge=ITERATIONS_MIN, le=ITERATIONS_MAX)]
    stored_key: Annotated[SecretStr, _bytes_of(KEY_BYTES)]
    server_key: Annotated[SecretStr, _bytes_of(KEY_BYTES)]


class UsersTable(BaseModel):
    """The whole file."""

    model_config = _Table

    salt_secret: Annotated[SecretStr, _bytes_of(SECRET_BYTES)]
    """Makes the false salts of names that nobody has."""
    user: Annotated[list[UserTable], Expected(text("tables that begin [[user]]"))] = []
