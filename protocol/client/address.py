"""Where a server listens, as people write it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str, default_port: int) -> "Address":
        """Read ``HOST``, ``HOST:PORT`` or ``[V6]:PORT``; ValueError says what was expected."""
        host, colon, port = text.rpartition(":")
        if not colon or text.endswith("]"):
            host, port = text, str(default_port)
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536) or not host.strip("[]"):
            raise ValueError(f"expected HOST:PORT with a port from 1 to 65535, got {text!r}")
        return cls(host.strip("[]"), int(port))
