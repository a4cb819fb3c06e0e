"""Makes the numbers of people outside unreadable once a conversation is old enough.

``conversations.masked`` says how a row was masked. A later revision of it, of a stream that came back or of a rebuild,
is written as it is, and found again.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select, update

from cdr.database import Database
from cdr.masking import Masking, masked
from cdr.records import Record
from cdr.store.rows import row_of, time_of
from cdr.store.schema import CONVERSATIONS, TABLES
from cdr.store.store import Store
from cdr.story import story_of

log = structlog.get_logger("cdr.privacy")

AT_ONCE: Final = 50
"""Conversations in a transaction: what is written meanwhile waits for it."""
LOOK_SECONDS: Final = 600.0
DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of numbers so many days after a conversation ended."""

    after_days: int
    how: Masking


class Privacy:
    """Keeps one database to a policy."""

    def __init__(self, policy: Policy, database: Database) -> None:
        self._policy = policy
        self._database = database
        self.masked = 0
        """Conversations, since the start."""

    async def run(self) -> None:
        """For ever."""
        while True:
            before_us = time.time_ns() // 1000 - self._policy.after_days * DAY_US
            done = await self._database.ask(lambda store: mask_ended(store, before_us, self._policy.how))  # noqa: B023
            self.masked += done
            if done:
                log.info("numbers_masked", conversations=done, how=self._policy.how.value)
            if done < AT_ONCE:
                await asyncio.sleep(LOOK_SECONDS)


def mask_ended(store: Store, before_us: int, how: Masking) -> int:
    """Mask the next conversations that ended before; how many they were."""
    table = CONVERSATIONS.c
    old = select(table.conversation_id).where(table.masked == "", table.ended < time_of(before_us)).limit(AT_ONCE)
    with store.reader.connection() as connection:
        names = [row.conversation_id for row in connection.execute(old)]
    stories = [story for name in names if (story := story_of(store.reader, name)) is not None]
    with store.transaction() as connection:
        for story in stories:
            for before, after in zip(story.records, masked(story.records, how), strict=True):
                _change(connection, before, after)
            this = table.conversation_id == story.conversation.conversation_id
            connection.execute(update(CONVERSATIONS).where(this).values(masked=how.value))
    return len(names)


def _change(connection: Connection, before: Record, after: Record) -> None:
    if before == after:
        return
    was, now = row_of(before, ""), row_of(after, "")
    table = TABLES[type(after)]
    changed: dict[str, Any] = {name: value for name, value in now.items() if value != was[name]}
    (key,) = table.primary_key
    connection.execute(update(table).where(key == was[key.name]).values(changed))
