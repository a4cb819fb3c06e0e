"""How a command of ``ultra`` gets in at a gateway: the user and password, and whose certificate is taken.

One group of options for every command that talks to a gateway. A password comes from a file or the terminal and is
never an argument, where every user of the machine would see it.
"""

from __future__ import annotations

import functools
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from protocol.client import Credentials, Tls
from protocol.kinds import Role

Command = TypeVar("Command", bound=Callable[..., Any])

SYSTEM: Final = "system"
"""``--tls-ca``: the CAs that the machine trusts."""

PASSWORD_BYTES_MAX: Final = 4096
"""Of a password file: one line; a larger file is not one."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are to a gateway, and over what we speak to it."""

    credentials: Credentials | None = None
    tls: Tls | None = None

    def role(self, needed: Role) -> Role | None:
        """The role to ask for: with a user what its account has, without one what the command needs."""
        return needed if self.credentials is None else None


NO_ACCESS: Final = Access()


def access_options(command: Command) -> Command:
    """``--user``, ``--password-file``, ``--tls-ca`` and our own certificate; the command gets ``access``."""

    @click.option("--user", metavar="NAME", envvar="ULTRA_USER", help="Log in as NAME [$ULTRA_USER].")
    @click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        envvar="ULTRA_PASSWORD_FILE",
        help="Its first line is the password [$ULTRA_PASSWORD_FILE; else it is asked for].",
    )
    @click.option(
        "--tls-ca",
        metavar="FILE",
        envvar="ULTRA_TLS_CA",
        help=f"TLS, with servers that this CA has signed; `{SYSTEM}`: those that the machine trusts [$ULTRA_TLS_CA].",
    )
    @click.option("--tls-certificate", type=click.Path(path_type=Path), help="Ours, where the server demands one.")
    @click.option("--tls-key", type=click.Path(path_type=Path), help="Its key [in the same file].")
    @functools.wraps(command)
    def with_access(
        *arguments: Any,
        user: str | None,
        password_file: Path | None,
        tls_ca: str | None,
        tls_certificate: Path | None,
        tls_key: Path | None,
        **options: Any,
    ) -> Any:
        tls = _tls(tls_ca, tls_certificate, tls_key)
        return command(*arguments, access=Access(_credentials(user, password_file), tls), **options)

    return with_access  # type: ignore[return-value]


def _credentials(user: str | None, password_file: Path | None) -> Credentials | None:
    if user is None:
        return None
    credentials = Credentials(user, _asked(user) if password_file is None else _password(password_file))
    if (unfit := credentials.problem()) is not None:
        raise click.ClickException(unfit.text)
    return credentials


def _password(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as password_file:
            password = password_file.read(PASSWORD_BYTES_MAX).partition("\n")[0].rstrip("\r")
            mode = path.stat().st_mode
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        # Its words would show what stands there.
        raise click.ClickException(f"{path}: not UTF-8") from None
    if mode & stat.S_IROTH:
        click.echo(f"everybody on this machine can read {path}: chmod o-rwx {path}", err=True)
    return password


def _asked(user: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for a password: name a --password-file")
    password: str = click.prompt(f"Password of {user}", hide_input=True, default="", show_default=False, err=True)
    return password


def _tls(ca: str | None, certificate: Path | None, key: Path | None) -> Tls | None:
    if ca is None:
        if certificate is not None or key is not None:
            raise click.UsageError("--tls-certificate and --tls-key go with --tls-ca")
        return None
    tls = Tls(None if ca == SYSTEM else Path(ca), certificate, key)
    try:
        tls.context()
    except OSError as error:
        files = ", ".join(str(path) for path in (tls.ca_file, certificate, key) if path is not None)
        raise click.ClickException(f"{files}: {error.strerror or error}") from error
    return tls
