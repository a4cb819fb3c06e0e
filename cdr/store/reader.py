"""Reading records: those that a filter wants, page by page, and everything that belongs to a conversation.

For people and programs beside the daemon. Never writes, makes no table and brings none up. Synchronous.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, Connection, Engine, Select, false, func, or_, select

from cdr.records import ConversationRecord, Place, Record
from cdr.store import versions
from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble, diagnosed
from cdr.store.engine import engine_of, sqlite_file
from cdr.store.rows import R, record_of, time_of
from cdr.store.schema import CONVERSATIONS, LEGS, PLACES, TABLES

KEYS_AT_A_TIME: Final = 500
"""In one question: below what any database takes as parameters."""
ROWS_AT_A_TIME: Final = 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which conversations; what is empty or None lets everything pass. Times are microseconds since 1970 UTC: from
    ``began_us`` up to and without ``before_us``. ``device``, ``agent``: took part in it, in whatever role."""

    began_us: int | None = None
    before_us: int | None = None
    caller: str = ""
    called: str = ""
    device: str = ""
    agent: str = ""
    queue: str = ""
    trunk: str = ""
    direction: str = ""
    result: str = ""
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class PageAfter:
    """Where a page goes on: after the conversation that began then and has this id."""

    began_us: int
    conversation_id: str


class Reader:
    """An open database of this version's schema, to read."""

    def __init__(self, url: str, engine: Engine) -> None:
        self._url = url
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect; ``StoreFailed`` says what is wrong, wrong tables included."""
        with diagnosed(url):
            engine = engine_of(url)
            file = sqlite_file(engine)
            if file is not None and not file.exists():
                raise StoreFailed(Diagnosis(Trouble.NO_DATABASE, f"{file}: there is no such file"))
            try:
                with engine.connect() as connection:
                    versions.check_version(connection)
            except BaseException:
                engine.dispose()
                raise
            return cls(url, engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for a question of one's own."""
        with diagnosed(self._url), self._engine.connect() as connection:
            yield connection

    def places(self) -> list[Place]:
        """How far each stream has been taken."""
        with self.connection() as connection:
            return [Place(**row._mapping) for row in connection.execute(select(PLACES))]

    def find(self, kind: type[R], identities: Iterable[str]) -> Iterator[R]:
        """Those of these identities that there are."""
        table = TABLES[kind]
        (key,) = table.primary_key
        for keys in _lots(identities):
            yield from self._records(kind, select(table).where(key.in_(keys)))

    def of_conversations(self, kind: type[R], conversation_ids: Iterable[str]) -> Iterator[R]:
        """Everything of a kind that belongs to these conversations."""
        table = TABLES[kind]
        for keys in _lots(conversation_ids):
            yield from self._records(kind, select(table).where(table.c.conversation_id.in_(keys)))

    def masked(self, conversation_ids: Iterable[str]) -> dict[str, str]:
        """Those of these conversations whose numbers were made unreadable, and how."""
        table, found = CONVERSATIONS.c, dict[str, str]()
        question = select(table.conversation_id, table.masked).where(table.masked != "")
        for keys in _lots(conversation_ids):
            with self.connection() as connection:
                rows = connection.execute(question.where(table.conversation_id.in_(keys)))
                found |= {row.conversation_id: row.masked for row in rows}
        return found

    def rows_of(self, kind: type[Record]) -> int:
        """How many there are of a kind."""
        with self.connection() as connection:
            return int(connection.scalar(select(func.count()).select_from(TABLES[kind])) or 0)

    def count(self, wanted: Filter) -> int:
        """How many conversations a filter lets pass."""
        with self.connection() as connection:
            return int(
                connection.scalar(select(func.count()).select_from(CONVERSATIONS).where(*conditions(wanted))) or 0
            )

    def conversations(self, wanted: Filter) -> Iterator[ConversationRecord]:
        """All that a filter lets pass, oldest first; as many as there are, in memory that is bounded."""
        after: PageAfter | None = None
        while page := self.page(wanted, after, ROWS_AT_A_TIME):
            yield from page
            after = PageAfter(page[-1].began_us, page[-1].conversation_id)

    def page(
        self, wanted: Filter, after: PageAfter | None, size: int, *, newest_first: bool = False
    ) -> Sequence[ConversationRecord]:
        """The next ``size`` of them; () at the end."""
        question = page_question(wanted, after, size, newest_first=newest_first)
        return list(self._records(ConversationRecord, question))

    def _records(self, kind: type[R], question: Select[Any]) -> Iterator[R]:
        with self.connection() as connection:
            for row in connection.execute(question):
                yield record_of(kind, dict(row._mapping))


def _lots(identities: Iterable[str]) -> Iterator[list[str]]:
    """As many as fit into one question."""
    left = iter(identities)
    while lot := list(islice(left, KEYS_AT_A_TIME)):
        yield lot


def page_question(wanted: Filter, after: PageAfter | None, size: int, *, newest_first: bool = False) -> Select[Any]:
    """A page as SQL knows it."""
    began, identity = order = (CONVERSATIONS.c.began, CONVERSATIONS.c.conversation_id)
    question = select(CONVERSATIONS).where(*conditions(wanted)).limit(size)
    if after is not None:
        # (began, id) > (…, …) spelled out: SQL Server compares no rows.
        time, name = time_of(after.began_us), after.conversation_id
        if newest_first:
            question = question.where(began <= time, or_(began < time, identity < name))
        else:
            question = question.where(began >= time, or_(began > time, identity > name))
    return question.order_by(*(one.desc() for one in order) if newest_first else order)


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """A filter as SQL knows it, of the table of conversations."""
    table = CONVERSATIONS.c
    found: list[ColumnElement[bool]] = []
    if wanted.began_us is not None:
        found.append(table.began >= time_of(wanted.began_us))
    if wanted.before_us is not None:
        found.append(table.began < time_of(wanted.before_us))
    same = ("caller", "called", "queue", "trunk", "direction", "result")
    found += [table[name] == value for name in same if (value := getattr(wanted, name))]
    # No leg began before its conversation: so an index over device and time is enough.
    since = [] if wanted.began_us is None else [LEGS.c.began >= time_of(wanted.began_us)]
    taking_part = select(LEGS.c.conversation_id).where(*since)
    if wanted.device:
        by_leg = table.conversation_id.in_(taking_part.where(LEGS.c.device == wanted.device))
        found.append(or_(table.caller == wanted.device, by_leg))
    if wanted.agent:
        found.append(table.conversation_id.in_(taking_part.where(LEGS.c.agent == wanted.agent)))
    if wanted.incomplete:
        found.append(table.complete == false())
    return found
