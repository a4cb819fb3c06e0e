"""Public keys as text, and which of them count."""

import pytest

from gateway.licence_keys import BUILT_IN_PUBLIC_KEYS, BadPublicKey, public_key, trusted_keys
from tests.licences import OTHER_VENDOR_KEY, VENDOR_KEY


def test_a_key_as_text_is_read_back() -> None:
    assert public_key(str(VENDOR_KEY)) == VENDOR_KEY
    assert str(VENDOR_KEY).startswith("ed25519:")
    assert len(VENDOR_KEY.key_id) == 16
    assert VENDOR_KEY.key_id != OTHER_VENDOR_KEY.key_id


@pytest.mark.parametrize(
    "written", ["", "ed25519:", "ed25519:abc", "ed25519:!!!!", "ed25519:é", "rsa:AAAA", "AAAA", "ed25519:AAAA"]
)
def test_what_is_no_key(written: str) -> None:
    with pytest.raises(BadPublicKey):
        public_key(written)


def test_a_built_in_key_makes_every_other_worthless() -> None:
    assert trusted_keys([str(VENDOR_KEY)]) == (VENDOR_KEY,)
    assert trusted_keys([str(VENDOR_KEY)], [str(OTHER_VENDOR_KEY)]) == (OTHER_VENDOR_KEY,)
    assert trusted_keys([]) == ()


def test_the_open_build_trusts_nobody_by_itself() -> None:
    assert BUILT_IN_PUBLIC_KEYS == ()
