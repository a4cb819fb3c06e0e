"""Who may read the records over HTTP: users of a users file, by name and password, and what each role sees.

Whoever guesses waits, as at the gateway's log-in. A password that was right is remembered for a while as a digest under
a key of this process, since to check it anew takes a tenth of a second.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Final

from protocol.lock_out import LockOut, source_of
from runtime.users_file import User, fits_password

ROLES: Final = ("admin", "supervisor", "consumer", "agent")
OWN_ONLY: Final = frozenset({"agent"})
"""Roles that see only conversations in which their own device took part."""
REMEMBERED_SECONDS: Final = 300.0
WAIT_SECONDS_MAX: Final = 20.0
"""Who would have to wait longer is turned away at once."""


class TooManyGuesses(Exception):
    """Log-ins from there have failed too often."""


class Access:
    """The users there are; ``users`` may be replaced while requests are under way."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self.users = users
        self._lock_out = LockOut()
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, float] = {}

    async def log_in(self, name: str, password: str, source: str) -> User | None:
        """The user, None for a wrong name or password; ``TooManyGuesses``."""
        user = self.users.get(name)
        digest = self._digest(user, name, password)
        now = self._now()
        if user is not None and not user.is_disabled and self._known.get(digest, 0.0) > now:
            return user
        here = source_of(source)
        at = self._lock_out.answer_at(here, now, now + WAIT_SECONDS_MAX)
        if at is None:
            raise TooManyGuesses
        await asyncio.sleep(max(at - now, 0.0))
        checked = user if user is not None else _NOBODY
        fits = await asyncio.to_thread(fits_password, checked, password)
        if user is None or user.is_disabled or not fits:
            self._lock_out.failed(here, self._now())
            return None
        self._remember(digest)
        return user

    @staticmethod
    def _now() -> float:
        return time.monotonic()

    def _digest(self, user: User | None, name: str, password: str) -> bytes:
        # The stored key is part of it: after a change of the password the old one is not known any more.
        stored = b"" if user is None else user.stored_key
        return hmac.digest(
            self._key, b"\0".join((name.encode(), stored, password.encode("utf-8", "replace"))), "sha256"
        )

    def _remember(self, digest: bytes) -> None:
        now = self._now()
        self._known = {one: until for one, until in self._known.items() if until > now}
        self._known[digest] = now + REMEMBERED_SECONDS


_NOBODY: Final = User("", "", b"\0" * 16, 100_000, b"", b"")
"""What a name that nobody has is checked against: it takes as long."""
