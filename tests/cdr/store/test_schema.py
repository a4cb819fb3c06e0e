"""The tables follow the records: a column for each field, times without their unit, the identity as the key."""

from dataclasses import fields

from sqlalchemy import DateTime

from cdr.records import ConversationRecord, LegRecord, Spans
from cdr.store.schema import CONVERSATIONS, LEGS, TABLES, column_name
from tests.cdr.store.sql_server import GOLDEN, script, tables
from tests.golden_text import held


def test_every_field_has_its_column() -> None:
    for record, table in TABLES.items():
        names = {column.name for column in table.columns}
        for one in fields(record):
            wanted = {span.name for span in fields(Spans)} if one.name == "spans" else {column_name(one.name)}
            assert wanted <= names
        assert "zone" in names


def test_the_identity_is_the_key() -> None:
    for record, table in TABLES.items():
        assert [column.name for column in table.primary_key] == [fields(record)[0].name]


def test_times_and_spans() -> None:
    assert isinstance(CONVERSATIONS.c.began.type, DateTime)
    assert CONVERSATIONS.c.answered.nullable
    assert not CONVERSATIONS.c.talking_us.nullable
    assert "talking_us" in LEGS.c
    assert column_name("wrap_up_us") == "wrap_up_us"
    assert (ConversationRecord, LegRecord) == tuple(TABLES)[:2]


def test_the_tables_of_sql_server() -> None:
    """Texts of any script, compared exactly, and moments with their microseconds."""
    made = script(tables())
    assert made == held(GOLDEN / "tables.sql", made)
