"""What ties a log-in to the TLS connection it runs over: the hash of the server's certificate (RFC 5929, section 4).

`tls-server-end-point`, since `tls-unique` is not for TLS 1.3 and Python's ssl does not export keys. Pure.
"""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

BINDING_TYPE: Final = "tls-server-end-point"

_WEAK: Final = (hashes.MD5, hashes.SHA1)


def end_point_binding(certificate: x509.Certificate) -> bytes:
    """A certificate's hash, by its signature's own hash; by SHA-256 where that is weak or missing (Ed25519)."""
    own = certificate.signature_hash_algorithm
    return certificate.fingerprint(hashes.SHA256() if own is None or isinstance(own, _WEAK) else own)


def binding_of_der(certificate: bytes) -> bytes:
    """As ``end_point_binding``; ValueError for bytes that are no certificate."""
    return end_point_binding(x509.load_der_x509_certificate(certificate))
