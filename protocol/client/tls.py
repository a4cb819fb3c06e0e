"""TLS as a client wants it: whom it trusts, and the certificate that a server may demand of it."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from protocol.channel_binding import binding_of_der


@dataclass(frozen=True, slots=True)
class Tls:
    """``ca_file``: who signs servers' certificates, None for those that the machine trusts. ``certificate`` is ours,
    with its ``key`` unless that stands in the same file. ``server_name``: what the server's certificate must name if
    not the address."""

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None

    def context(self) -> ssl.SSLContext:
        """The settings of a connection. OSError (ssl.SSLError among them) for a file that cannot be read."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            # A key under a pass phrase is refused: OpenSSL would ask for it on the terminal, and a daemon has none.
            context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        return context


def binding_of(transport: asyncio.BaseTransport) -> bytes | None:
    """What binds a log-in to a connection: its server's certificate; None without TLS."""
    tls = transport.get_extra_info("ssl_object")
    certificate = None if tls is None else tls.getpeercert(binary_form=True)
    return None if certificate is None else binding_of_der(certificate)


def why_not_tls(error: ssl.SSLError) -> str:
    """What an operator understands of failed TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate does not hold: {error.verify_message}"
    reason = (error.reason or "").upper()
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"):
        return "what listens there does not speak TLS"
    if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason:
        return f"the server does not take our certificate: {reason.replace('_', ' ').lower()}"
    return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
