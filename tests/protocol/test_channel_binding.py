"""The hash that binds a log-in to a certificate, as RFC 5929 has it."""

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from protocol.channel_binding import binding_of_der, end_point_binding


def certificate(hash_of_the_signature: hashes.HashAlgorithm | None) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1()) if hash_of_the_signature else ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(key, hash_of_the_signature)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signature", "expected"),
    [(hashes.SHA256(), "sha256"), (hashes.SHA384(), "sha384"), (hashes.SHA512(), "sha512"), (None, "sha256")],
)
def test_the_hash_is_the_signature_s_own(signature: hashes.HashAlgorithm | None, expected: str) -> None:
    made = certificate(signature)
    der = made.public_bytes(serialization.Encoding.DER)
    assert end_point_binding(made) == binding_of_der(der) == hashlib.new(expected, der).digest()


def test_what_is_no_certificate_is_none() -> None:
    with pytest.raises(ValueError, match="parsing"):
        binding_of_der(b"no certificate")
