"""Who may come in, and over what: the users and the TLS of a server, and on which addresses it may listen with them.

A value that is replaced as a whole: connections accepted afterwards use the new one, sessions that are open stay.
"""

import ipaddress
from dataclasses import dataclass

from protocol.accounts import Accounts
from protocol.server.tls import ServerTls


@dataclass(frozen=True, slots=True)
class Entrance:
    """``accounts``: a log-in is demanded. ``tls``: every connection is TLS. None of both: loopback only."""

    accounts: Accounts | None = None
    tls: ServerTls | None = None


@dataclass(slots=True)
class Origin:
    """Where a connection comes from. ``binding``: its TLS, which a log-in is bound to; ``host``: once it is made."""

    binding: bytes | None
    host: str = ""


class NotLoopback(ValueError):
    """The address asked for can be reached by others, and TLS or log-in is missing."""


def check_address(host: str, entrance: Entrance) -> None:
    """Raise ``NotLoopback`` for an address beyond loopback without both TLS and users, naming the lines to add."""
    missing = []
    if entrance.tls is None:
        missing.append("tls_certificate and tls_key")
    if entrance.accounts is None:
        missing.append("users")
    if missing and not is_loopback(host):
        raise NotLoopback(
            f"[serve] listen = {host!r} is not a loopback address: add {' and '.join(missing)} to [serve]"
        )


def is_loopback(host: str) -> bool:
    """Whether nobody else's machine can reach an address; False for what is none."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
