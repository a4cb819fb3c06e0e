"""What may stand in users.toml: names as they arrive, and limits that are the protocol's."""

import pytest

from protocol.limits import SCRAM_ITERATIONS_MAX, USER_BYTES_MAX
from runtime.users_table import ITERATIONS_MAX, KEY_BYTES, NAME_BYTES_MAX, SALT_BYTES, name_problem
from tests.protocol.log_ins import accounts


@pytest.mark.parametrize("name", ["ada", "ada.l@example.org", "前台", "a b"])
def test_a_name(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", " ada", "ada ", "a\x00", "a\nb", "x" * (NAME_BYTES_MAX + 1), "\u202eada", "ａｄａ", "ﬁ"]
)
def test_what_is_no_name(name: str) -> None:
    assert name_problem(name) is not None


def test_the_limits_are_the_protocol_s() -> None:
    assert (ITERATIONS_MAX, NAME_BYTES_MAX) == (SCRAM_ITERATIONS_MAX, USER_BYTES_MAX)
    false = accounts().verifier("nobody")
    assert {SALT_BYTES} == {len(false.salt)}
    assert {KEY_BYTES} == {len(false.stored_key), len(false.server_key)}
