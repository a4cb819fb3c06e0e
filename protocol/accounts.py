"""Who may log in: what a server holds of its users, how a name that nobody has looks from outside, and which role a
session gets of its account. Pure; holds verifiers, never a password, and shows neither.
"""

import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from model.ids import NO_DEVICE, DeviceNumber
from protocol.errors import Code, Problem
from protocol.kinds import Role, includes
from protocol.messages import Hello

SALT_BYTES: Final = 16
"""Of every salt, so that a false one looks like the others."""

FALSE_ITERATIONS: Final = 100_000
"""Told for a name that nobody has while there are no users at all."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """What checks a password without holding it (RFC 5802, section 3)."""

    salt: bytes = field(repr=False)
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A user. ``device`` is an agent's own."""

    user: str
    role: Role
    verifier: Verifier = field(repr=False)
    device: DeviceNumber = NO_DEVICE
    is_disabled: bool = False


class Accounts:
    """The users of a server. ``salt_secret`` makes the false salts: it must outlive a change of the users."""

    __slots__ = ("_by_user", "_false_iterations", "_salt_secret")

    def __init__(self, accounts: Iterable[Account], salt_secret: bytes) -> None:
        self._by_user = {account.user: account for account in accounts}
        self._salt_secret = salt_secret
        counts = Counter(account.verifier.iterations for account in self._by_user.values())
        self._false_iterations = counts.most_common(1)[0][0] if counts else FALSE_ITERATIONS

    def __len__(self) -> int:
        return len(self._by_user)

    def find(self, user: str) -> Account | None:
        """The account of a name, disabled or not."""
        return self._by_user.get(user)

    def verifier(self, user: str) -> Verifier:
        """What a log-in of this name is checked against: for a name that nobody has, one that no password fits and that
        is always the same; for a disabled user its own salt with keys that no password fits."""
        false = Verifier(
            salt=self._derived("salt", user)[:SALT_BYTES],
            iterations=self._false_iterations,
            stored_key=self._derived("stored key", user),
            server_key=self._derived("server key", user),
        )
        account = self._by_user.get(user)
        if account is None:
            return false
        if account.is_disabled:
            return replace(false, salt=account.verifier.salt, iterations=account.verifier.iterations)
        return account.verifier

    def _derived(self, purpose: str, user: str) -> bytes:
        return hmac.digest(self._salt_secret, f"{purpose}\0{user}".encode(), "sha256")


def granted(hello: Hello, account: Account | None) -> Hello | Problem:
    """HELLO as it is granted, with its role and device: what the account has, or no more than that. Without an account,
    on loopback, what is asked."""
    if account is None:
        if hello.role is None:
            return Problem(Code.ROLE_REFUSED, "without a log-in there is no role but the one asked for, and none was")
        return hello
    role = hello.role or account.role
    if not includes(account.role, role):
        return Problem(Code.ROLE_REFUSED, f"the account's role is {account.role.name.lower()}, not {role.name.lower()}")
    if account.role is not Role.AGENT:
        return replace(hello, role=role)
    if hello.device not in (NO_DEVICE, account.device):
        return Problem(Code.ROLE_REFUSED, f"the account's device is {account.device}")
    return replace(hello, role=role, device=account.device)
