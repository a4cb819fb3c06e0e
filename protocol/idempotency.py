"""Idempotency keys: a request repeated under its key after a reconnect is answered, not done twice. Pure.

A key belongs to the client's name. The first request under it runs; repeats wait for its reply or get it at once.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from protocol.limits import IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_SECONDS
from protocol.requests import Reply, Request

Asker = TypeVar("Asker")


@dataclass(slots=True, eq=False)
class Keyed(Generic[Asker]):
    """A request under a key: who waits for its reply, and the reply once it is there."""

    request: Request
    since: float
    askers: list[tuple[Asker, int]] = field(default_factory=list)
    reply: Reply | None = None


class KeyBook(Generic[Asker]):
    """The keys of the last ten minutes."""

    def __init__(self, keys_max: int = IDEMPOTENCY_KEYS_MAX, seconds: float = IDEMPOTENCY_SECONDS) -> None:
        self._keys_max = keys_max
        self._seconds = seconds
        self._book: OrderedDict[tuple[str, str], Keyed[Asker]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._book)

    def claim(self, client: str, request: Request, now: float) -> tuple[Keyed[Asker] | None, bool]:
        """The entry of a request's key and whether it is new; (None, False) when no answered key can make room."""
        self._forget(now)
        place = (client, request.idempotency_key)
        known = self._book.get(place)
        if known is not None:
            return known, False
        if len(self._book) >= self._keys_max and not self._make_room():
            return None, False
        entry: Keyed[Asker] = Keyed(request, now)
        self._book[place] = entry
        return entry, True

    def _forget(self, now: float) -> None:
        while self._book:
            place, oldest = next(iter(self._book.items()))
            if oldest.reply is None or now - oldest.since < self._seconds:
                return
            del self._book[place]

    def _make_room(self) -> bool:
        for place, entry in self._book.items():
            if entry.reply is not None:
                del self._book[place]
                return True
        return False
