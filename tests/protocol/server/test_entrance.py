"""Where a server may listen with what it has."""

import ssl

import pytest

from protocol.server import Entrance, NotLoopback, ServerTls, check_address, is_loopback
from tests.protocol.log_ins import accounts

TLS = ServerTls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), b"hash")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_served_with_nothing(host: str) -> None:
    check_address(host, Entrance())
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "gateway.example", ""])
def test_anything_else_is_refused_with_the_lines_to_add(host: str) -> None:
    for entrance, missing in (
        (Entrance(), "add tls_certificate and tls_key and users to"),
        (Entrance(accounts=accounts()), "add tls_certificate and tls_key to"),
        (Entrance(tls=TLS), "add users to"),
    ):
        with pytest.raises(NotLoopback, match=missing):
            check_address(host, entrance)
    check_address(host, Entrance(accounts(), TLS))


def test_no_key_is_shown() -> None:
    assert repr(Entrance(accounts(), TLS)).count("object at") == 1
    assert "hash" not in repr(TLS)
