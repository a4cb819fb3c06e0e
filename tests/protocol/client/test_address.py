"""Addresses as people write them."""

import pytest

from protocol.client import Address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("gateway", Address("gateway", 7400)),
        ("10.0.0.1:7410", Address("10.0.0.1", 7410)),
        ("[::1]:7410", Address("::1", 7410)),
        ("[::1]", Address("::1", 7400)),
    ],
)
def test_an_address(text: str, address: Address) -> None:
    assert Address.parse(text, 7400) == address


@pytest.mark.parametrize("text", ["", ":7400", "host:", "host:x", "host:0", "host:65536", "host:٣"])
def test_an_address_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT"):
        Address.parse(text, 7400)
