"""The rights that the manual tells an administrator to give are enough, and no more than that."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from cdr.records import Batch, Place
from cdr.store.diagnosis import StoreFailed, Trouble
from cdr.store.reader import Filter, Reader
from cdr.store.store import Store
from tests.cdr.conftest import SERVERS
from tests.cdr.sample_records import at, conversation, leg
from tests.peers.databases import Server
from tests.rules.source_tree import ROOT

MANUAL = ROOT / "docs" / "cdr-database.md"
BEGAN = at("2026-01-31 08:00:00")


def statements(kind: str, part: str) -> str:
    """As they stand there, but for another database than the one of the other tests."""
    (found,) = re.findall(rf"```sql {kind} {part}\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    return str(found).replace("cdr", "manual")


def batch(number: int) -> Batch:
    return Batch((conversation(number, BEGAN), leg(number, BEGAN)), (), (Place("gateway", "s/g", 1, number),))


@pytest.mark.parametrize("kind", SERVERS)
def test_the_rights_of_the_manual(servers: Callable[[str], Server], kind: str) -> None:
    server = servers(kind)
    administration = {"postgresql": "postgres", "mariadb": "mysql"}[kind]

    def url(user: str) -> str:
        return f"{kind}://{user}:password@127.0.0.1:{server.port}/manual"

    server.sql(statements(kind, "admin"), administration)
    owner = Store.open(url("manual"))
    owner.write(batch(1))
    owner.close()
    server.sql(statements(kind, "writer") + statements(kind, "reader"), "manual")
    writer = Store.open(url("manual_writer"), announces=True)
    writer.write(batch(2))
    reader = Reader.open(url("manual_reports"))
    assert reader.count(Filter()) == 2
    with reader.connection() as connection:
        assert len(connection.execute(text("SELECT * FROM calls")).all()) == 2
    refused(writer, "DROP TABLE legs")
    reading = Store.open(url("manual_reports"))
    refused(reading, "DELETE FROM legs")
    for one in (reading, writer, reader):
        one.close()
    server.sql("DROP DATABASE manual;", administration)


def refused(store: Store, statement: str) -> None:
    """The user may not."""
    with pytest.raises(StoreFailed) as caught, store.transaction() as connection:
        connection.execute(text(statement))
    assert caught.value.diagnosis.trouble is Trouble.NOT_ALLOWED


def test_every_code_of_a_trouble_stands_there() -> None:
    told = set(re.findall(r"\bD\d{3}\b", MANUAL.read_text("utf-8")))
    assert told == {trouble.code for trouble in Trouble} - {Trouble.OTHER.code}
