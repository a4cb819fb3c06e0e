"""Who may come in at the gateway, from the files that `[serve]` names: its users, its certificate and whose clients'.

The same reading serves the start, a reload and `ultra check`: what it finds wrong stands beside what it makes. Must not
log and must not show a key.
"""

import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from gateway.config import ServeSettings
from model.ids import DeviceNumber
from protocol.accounts import Account, Accounts, Verifier
from protocol.channel_binding import end_point_binding
from protocol.kinds import Role
from protocol.server import Entrance, ServerTls
from runtime.problems import Problem, Severity, has_errors, why_unreadable
from runtime.shown_path import shown
from runtime.texts import Text, text
from runtime.toml_file import TomlFile
from runtime.users_file import UsersFile, read_users

ROLES: Final = tuple(role.name.lower() for role in Role)
"""What a user of the users file may be."""

ROLES_WITH_DEVICE: Final = (Role.AGENT.name.lower(),)

BAD_TLS_FILE = "G004"
OPEN_KEY = "G005"
CERTIFICATE_OVER = "G006"
STILL_OPEN = "G007"


@dataclass(frozen=True, slots=True)
class EntranceFiles:
    """What the files come to. ``entrance`` is None when one of them is broken."""

    entrance: Entrance | None
    problems: tuple[Problem, ...] = ()
    """Of gateway.toml's keys."""
    users_file: str | None = None
    users: UsersFile | None = None
    users_problems: tuple[Problem, ...] = ()


def read_entrance(file: TomlFile, serve: ServeSettings, now: datetime) -> EntranceFiles:
    """Read what `[serve]` names, its paths located."""
    tls, problems = _read_tls(file, serve, now)
    users_name, users, users_problems = None, None, tuple[Problem, ...]()
    if serve.users is not None:
        users_name = shown(serve.users)
        read = read_users(serve.users, ROLES, ROLES_WITH_DEVICE, users_name)
        users, users_problems = (read, read.warnings) if isinstance(read, UsersFile) else (None, read)
    broken = has_errors((*problems, *users_problems))
    entrance = None if broken else Entrance(None if users is None else accounts_of(users), tls)
    return EntranceFiles(entrance, tuple(problems), users_name, users, users_problems)


def users_alone(path: Path) -> EntranceFiles:
    """Only the users file, beside a gateway.toml that is broken: its mistakes are to be seen, too."""
    read = read_users(path, ROLES, ROLES_WITH_DEVICE, shown(path))
    problems = read.warnings if isinstance(read, UsersFile) else read
    return EntranceFiles(None, (), shown(path), None, problems)


def still_open(config_file: str) -> Problem:
    """What a reload says that would take TLS or users away from a gateway that others can reach."""
    message = text("the gateway still listens where others can reach it, so TLS and users stay; start it anew instead")
    return Problem(STILL_OPEN, Severity.ERROR, config_file, message)


def accounts_of(users: UsersFile) -> Accounts:
    """The users as the protocol knows them."""
    return Accounts(
        (
            Account(
                user=user.name,
                role=Role[user.role.upper()],
                verifier=Verifier(user.salt, user.iterations, user.stored_key, user.server_key),
                device=DeviceNumber(user.device if user.role in ROLES_WITH_DEVICE else ""),
                is_disabled=user.is_disabled,
            )
            for user in users.users
        ),
        users.salt_secret,
    )


def _read_tls(file: TomlFile, serve: ServeSettings, now: datetime) -> tuple[ServerTls | None, list[Problem]]:
    if serve.tls_certificate is None or serve.tls_key is None:
        return None, []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    certificate = _certificate(serve.tls_certificate)
    if isinstance(certificate, Text):
        return None, [_bad(file, "tls_certificate", serve.tls_certificate, certificate)]
    problems = list(_of_certificate(file, certificate, now))
    if (why := _load_key(context, serve.tls_certificate, serve.tls_key)) is not None:
        problems.append(_bad(file, "tls_key", serve.tls_key, why))
    elif serve.tls_key.stat().st_mode & stat.S_IROTH:
        message = text("everybody on this machine can read {file}", file=shown(serve.tls_key))
        expected = text("chmod o-rwx {file}", file=shown(serve.tls_key))
        problems.append(_problem(file, OPEN_KEY, "tls_key", message, expected, Severity.WARNING))
    if serve.tls_client_ca is not None:
        if (why := _load_client_ca(context, serve.tls_client_ca)) is not None:
            problems.append(_bad(file, "tls_client_ca", serve.tls_client_ca, why))
        context.verify_mode = ssl.CERT_REQUIRED
    return ServerTls(context, end_point_binding(certificate)), problems


def _certificate(path: Path) -> x509.Certificate | Text:
    """The first certificate of a file, which is the server's own; a Text saying why there is none."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        return why_unreadable(error)
    except ValueError:
        return text("it holds no certificate in PEM form")


def _of_certificate(file: TomlFile, certificate: x509.Certificate, now: datetime) -> Iterator[Problem]:
    """A certificate that no client takes today is warned about: mending it needs no start of the gateway, and calls go
    on."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if first <= now.astimezone(UTC) <= last:
        return
    days = {"first": first.date().isoformat(), "last": last.date().isoformat()}
    message = text("the certificate holds from {first} to {last}: no client takes it now", **days)
    yield _problem(file, CERTIFICATE_OVER, "tls_certificate", message, None, Severity.WARNING)


def _load_key(context: ssl.SSLContext, certificate: Path, key: Path) -> Text | None:
    try:
        # Asked for a pass phrase, OpenSSL would wait at a terminal that a daemon does not have.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return text("it is not the key of the certificate")
        return text("it holds no key in PEM form without a pass phrase")
    except OSError as error:
        return why_unreadable(error)
    return None


def _load_client_ca(context: ssl.SSLContext, path: Path) -> Text | None:
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        return text("it holds no certificate in PEM form")
    except OSError as error:
        return why_unreadable(error)
    return None


def _bad(file: TomlFile, key: str, path: Path, why: Text) -> Problem:
    message = text("{file} cannot be used: {reason}", file=shown(path), reason=why)
    expected = {
        "tls_certificate": text("a PEM file: the server's certificate, then those between it and the CA"),
        "tls_key": text("a PEM file: the private key of the certificate"),
        "tls_client_ca": text("a PEM file: the CA whose clients are let in"),
    }[key]
    return _problem(file, BAD_TLS_FILE, key, message, expected)


def _problem(
    file: TomlFile, code: str, key: str, message: Text, expected: Text | None, severity: Severity = Severity.ERROR
) -> Problem:
    return file.problem(code, ("serve", key), message, expected=expected, severity=severity)
