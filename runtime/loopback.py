"""Addresses that only this machine can reach: what may be listened on without log-in and encryption.

No name is looked up, so what is accepted cannot come to mean another machine later: an address, or `localhost`, which
stands for 127.0.0.1. Pure.
"""

import ipaddress
from dataclasses import dataclass

from runtime.expected import UnfitValue
from runtime.texts import Text, text

PORT_MAX = 65_535
EXAMPLE = "127.0.0.1:7401"


class NotLoopback(UnfitValue):
    """What is written is no loopback address with a port; the text says which of the two and what would do."""


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    """Where to listen; port 0 lets the system choose. IPv6 stands without its brackets in `host`. There is none that
    others can reach: NotLoopback."""

    host: str
    port: int

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise NotLoopback(
                text("other machines can reach this address, and there is no log-in here"), expected=form()
            )

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def form() -> Text:
    """What an address looks like, for operators."""
    return text("HOST:PORT of this machine itself, for example {example}", example=EXAMPLE)


def loopback_address(written: str) -> LoopbackAddress:
    """`127.0.0.1:7401`, `[::1]:7401`, `localhost:7401`; NotLoopback for everything else."""
    host, colon, port = written.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_bracketed = bare != host
    if not colon or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > PORT_MAX:
        raise NotLoopback(text('"{value}" is no address and port', value=written), expected=form())
    if host == "localhost":
        return LoopbackAddress("127.0.0.1", int(port))
    if is_bracketed != (":" in bare) or not _is_address(bare):
        raise NotLoopback(text('"{value}" is no address and port', value=written), expected=form())
    return LoopbackAddress(bare, int(port))


def is_loopback(host: str) -> bool:
    """Whether an address without brackets, or `localhost`, is this machine itself; False for what is neither."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
