"""Why a TCP connection could not be opened, in words that tell an operator where to look (field failures F1, F2)."""

import errno
import socket


def why_not_connected(error: BaseException, host: str, port: int) -> str:
    """The reason of a failed connect: name not found, host unreachable, refused, no answer in time."""
    place = f"{host}:{port}"
    if isinstance(error, socket.gaierror):
        return f"name not found: {host!r}; check [switch] host and the name service"
    if isinstance(error, ConnectionRefusedError):
        return f"refused: nothing listens at {place}; check [switch] port and whether the switch's CTI service runs"
    if isinstance(error, TimeoutError):
        return f"host unreachable: {place} did not answer in time; check cable, address and firewall"
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return f"host unreachable: {place}: {error.strerror}; check cable, address and routes"
    return f"cannot connect to {place}: {error}"
