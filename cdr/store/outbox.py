"""What the webhook has still to be told: written with the rows, in their transaction; gone once it was told.

A conversation that is written anew meanwhile stands there once, with its last revision. Times are microseconds since
1970 UTC, of the wall clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from cdr.records import ConversationRecord, Record
from cdr.store.rows import microseconds_of, time_of
from cdr.store.schema import OUTBOX
from cdr.store.upsert import Put

_THIS: Final = and_(OUTBOX.c.conversation_id == bindparam("its_id"), OUTBOX.c.revision == bindparam("its_revision"))
_DELETE: Final = delete(OUTBOX).where(_THIS)
_POSTPONE: Final = update(OUTBOX).where(_THIS).values(tries=bindparam("its_tries"), due=bindparam("its_due"))


@dataclass(frozen=True, slots=True)
class Announcement:
    """A conversation that is to be told; it was refused ``tries`` times. ``since_us`` is when it was written."""

    conversation_id: str
    revision: int
    since_us: int
    tries: int = 0


def announce(connection: Connection, put: Put, records: Iterable[Record], now_us: int) -> None:
    """Each conversation among the records is to be told."""
    last = {one.conversation_id: one.revision for one in records if isinstance(one, ConversationRecord)}
    now = time_of(now_us)
    rows = [{"conversation_id": name, "revision": revision, "since": now, "tries": 0, "due": now}
            for name, revision in last.items()]  # fmt: skip
    put(connection, rows)


def due_announcements(connection: Connection, now_us: int, count: int) -> list[Announcement]:
    """The next ones whose time has come, the longest due first."""
    order = (OUTBOX.c.due, OUTBOX.c.conversation_id)
    rows = connection.execute(select(OUTBOX).where(OUTBOX.c.due <= time_of(now_us)).order_by(*order).limit(count))
    return [Announcement(row.conversation_id, row.revision, microseconds_of(row.since), row.tries) for row in rows]


def waiting_announcements(connection: Connection) -> int:
    """How many there are, due or not."""
    return int(connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)


def announced(connection: Connection, done: Sequence[Announcement]) -> None:
    """They were told; a later revision of one stays."""
    if done:
        connection.execute(_DELETE, [_key(one) for one in done])


def postpone(connection: Connection, later: Sequence[tuple[Announcement, int]]) -> None:
    """They were not taken: each again at its time, with the tries that it says."""
    if later:
        rows = [_key(one) | {"its_tries": one.tries, "its_due": time_of(due_us)} for one, due_us in later]
        connection.execute(_POSTPONE, rows)


def _key(one: Announcement) -> dict[str, object]:
    return {"its_id": one.conversation_id, "its_revision": one.revision}
