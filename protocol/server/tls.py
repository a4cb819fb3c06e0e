"""TLS of one connection of the server, between its socket and its peer.

Not asyncio's: that hides a connection until its handshake is over, so that nobody could count it as half-open, see its
address, end it in time or give the next one a new certificate. Here the peer is there from accept on; what it writes
before the handshake is over goes nowhere, for the other side does not speak ULP yet.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import Any, Final, cast

import structlog

log = structlog.get_logger("protocol.server")

READ_BYTES: Final = 64 * 1024
"""Taken out of the TLS at a time: a few of its records."""


@dataclass(frozen=True, slots=True)
class ServerTls:
    """Certificate and key as OpenSSL holds them, and what binds a log-in to the certificate."""

    context: ssl.SSLContext = field(repr=False)
    binding: bytes = field(repr=False)


class TlsTransport(asyncio.Transport):
    """What a peer writes to: everything is the socket's, only the bytes are sealed. Limits count sealed bytes."""

    def __init__(self, socket: asyncio.Transport, context: ssl.SSLContext) -> None:
        super().__init__()
        self._socket = socket
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self.is_open = False
        """Whether the handshake is over."""

    def receive(self, sealed: bytes) -> list[bytes]:
        """What sealed bytes say; b"" at the end for a peer that has closed. Raises ssl.SSLError."""
        self._arrived.write(sealed)
        pieces: list[bytes] = []
        try:
            if not self.is_open:
                self._tls.do_handshake()
                self.is_open = True
            while True:
                pieces.append(self._tls.read(READ_BYTES))
                if not pieces[-1]:
                    return pieces
        except ssl.SSLWantReadError:
            return pieces
        finally:
            self.flush()

    def flush(self) -> None:
        """Hand over what TLS has to say: a handshake, an alert, sealed bytes."""
        sealed = self._leaving.read()
        if sealed and not self._socket.is_closing():
            self._socket.write(sealed)

    def write(self, data: Any) -> None:
        if not self.is_open or self._socket.is_closing():
            return
        left = memoryview(data)
        while left:
            left = left[self._tls.write(left) :]
        self.flush()

    def close(self) -> None:
        if self.is_open and not self._socket.is_closing():
            # The answer to our farewell is not waited for: what was written before it arrives all the same.
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            self.flush()
        self._socket.close()

    def abort(self) -> None:
        self._socket.abort()

    def is_closing(self) -> bool:
        return self._socket.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._socket.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._socket.pause_reading()

    def resume_reading(self) -> None:
        self._socket.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._socket.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._socket.get_write_buffer_size()


class TlsConnection(asyncio.Protocol):
    """The socket's protocol of a connection with TLS; ``peer`` gets what was unsealed."""

    def __init__(self, peer: asyncio.Protocol, tls: ServerTls, failed: "Failed") -> None:
        self._peer = peer
        self._context = tls.context
        self._failed = failed
        self._transport: TlsTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = TlsTransport(cast(asyncio.Transport, transport), self._context)
        self._peer.connection_made(self._transport)

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        try:
            pieces = transport.receive(data)
        except ssl.SSLError as error:
            self._failed.count += 1
            address = transport.get_extra_info("peername")
            log.info(
                "tls_failed", peer=f"{address[0]}:{address[1]}" if address else "", reason=reason_of(error),
                during="session" if transport.is_open else "handshake",
            )  # fmt: skip
            transport.is_open = False
            transport.close()
            return
        for piece in pieces:
            if piece:
                self._peer.data_received(piece)
            else:
                transport.close()

    def eof_received(self) -> bool | None:
        return self._peer.eof_received()

    def pause_writing(self) -> None:
        self._peer.pause_writing()

    def resume_writing(self) -> None:
        self._peer.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._peer.connection_lost(exc)


@dataclass(slots=True)
class Failed:
    """Connections ended because what came was not TLS, or not TLS that is taken here."""

    count: int = 0


def reason_of(error: ssl.SSLError) -> str:
    """OpenSSL's reason, with what is wrong with a certificate."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    return (error.reason or str(error)).replace("_", " ").lower()
