"""Users as the server knows them: names that nobody has look like others, and a role is never widened."""

import pytest

from model.ids import DeviceNumber
from protocol.accounts import FALSE_ITERATIONS, SALT_BYTES, Accounts, granted
from protocol.errors import Code, Problem
from protocol.kinds import Role
from protocol.messages import Hello
from tests.protocol.log_ins import ACCOUNTS, ITERATIONS, SALT_SECRET, accounts, verifier


def test_a_name_that_nobody_has_gets_the_same_salt_every_time_and_keys_that_nothing_fits() -> None:
    false = accounts().verifier("nobody")
    assert false == Accounts(ACCOUNTS[:1], SALT_SECRET).verifier("nobody")
    assert false.salt != accounts().verifier("noone").salt
    assert (len(false.salt), false.iterations) == (SALT_BYTES, ITERATIONS)
    assert len({false.salt, false.stored_key, false.server_key}) == 3
    assert false != Accounts(ACCOUNTS, b"another secret").verifier("nobody")


def test_where_there_are_no_users_there_is_still_a_salt() -> None:
    held = Accounts((), SALT_SECRET)
    assert len(held) == 0
    assert held.verifier("ada").iterations == FALSE_ITERATIONS


def test_a_disabled_user_keeps_its_salt_and_loses_its_keys() -> None:
    true, held = verifier(salt=bytes(range(1, 17))), accounts().verifier("gone")
    assert (held.salt, held.iterations) == (true.salt, true.iterations)
    assert held.stored_key != true.stored_key
    assert held.server_key != true.server_key


def test_no_key_and_no_salt_is_shown() -> None:
    shown = f"{ACCOUNTS[0]!r} {verifier()!r} {accounts()!r}"
    assert "stored_key" not in shown
    assert "salt" not in shown


GRANTED = [
    # account, asked, granted
    (Role.ADMIN, None, Role.ADMIN),
    (Role.ADMIN, Role.ADMIN, Role.ADMIN),
    (Role.ADMIN, Role.SUPERVISOR, Role.SUPERVISOR),
    (Role.ADMIN, Role.CONSUMER, Role.CONSUMER),
    (Role.ADMIN, Role.AGENT, Role.AGENT),
    (Role.SUPERVISOR, None, Role.SUPERVISOR),
    (Role.SUPERVISOR, Role.ADMIN, None),
    (Role.SUPERVISOR, Role.SUPERVISOR, Role.SUPERVISOR),
    (Role.SUPERVISOR, Role.AGENT, Role.AGENT),
    (Role.SUPERVISOR, Role.CONSUMER, Role.CONSUMER),
    (Role.AGENT, None, Role.AGENT),
    (Role.AGENT, Role.AGENT, Role.AGENT),
    (Role.AGENT, Role.CONSUMER, None),  # a consumer sees everything
    (Role.AGENT, Role.SUPERVISOR, None),
    (Role.AGENT, Role.ADMIN, None),
    (Role.CONSUMER, None, Role.CONSUMER),
    (Role.CONSUMER, Role.CONSUMER, Role.CONSUMER),
    (Role.CONSUMER, Role.AGENT, None),
    (Role.CONSUMER, Role.SUPERVISOR, None),
    (Role.CONSUMER, Role.ADMIN, None),
]


@pytest.mark.parametrize(("held", "asked", "expected"), GRANTED)
def test_what_is_granted_is_no_more_than_the_account_s(held: Role, asked: Role | None, expected: Role | None) -> None:
    account = next(one for one in ACCOUNTS if one.role is held)
    found = granted(Hello("x", asked), account)
    if expected is None:
        assert isinstance(found, Problem)
        assert found.code is Code.ROLE_REFUSED
    else:
        assert isinstance(found, Hello)
        assert found.role is expected


def test_every_role_beside_every_other_is_told() -> None:
    assert {(held, asked) for held, asked, _ in GRANTED} == {(held, asked) for held in Role for asked in (None, *Role)}


@pytest.mark.parametrize(("asked", "device"), [("", "8001"), ("8001", "8001"), ("8002", None)])
def test_an_agent_s_device_comes_from_its_account(asked: str, device: str | None) -> None:
    amy = next(one for one in ACCOUNTS if one.user == "amy")
    found = granted(Hello("x", Role.AGENT, DeviceNumber(asked)), amy)
    assert (found.device if isinstance(found, Hello) else None) == device


def test_who_is_more_than_an_agent_names_the_device_to_be_one_of() -> None:
    found = granted(Hello("x", Role.AGENT, DeviceNumber("8002")), ACCOUNTS[0])
    assert isinstance(found, Hello)
    assert found.device == "8002"


def test_without_a_log_in_the_role_asked_is_granted() -> None:
    hello = Hello("x", Role.ADMIN)
    assert granted(hello, None) == hello
    assert granted(Hello("x", None), None) != Hello("x", None)
