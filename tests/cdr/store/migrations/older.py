"""Databases as older versions left them, with rows."""

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect

from cdr.records import Record
from cdr.store.engine import engine_of
from cdr.store.rows import row_of
from cdr.store.schema import TABLES
from cdr.store.versions import MIGRATIONS


def older(url: str, version: str, *records: Record) -> str:
    """An empty database with the tables of a version and these rows in them; its address."""
    engine = engine_of(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        for record in records:
            table, row = TABLES[type(record)], row_of(record, "UTC")
            there = {column["name"] for column in inspect(connection).get_columns(table.name)}
            connection.execute(insert(table).values({name: value for name, value in row.items() if name in there}))
    engine.dispose()
    return url
