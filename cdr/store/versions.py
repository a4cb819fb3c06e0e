"""The schema's versions: an empty database gets the newest, an older one is brought up when that is asked for.

Alembic keeps the number in the table ``alembic_version``; what leads from one to the next stands in ``migrations``.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from cdr.store.diagnosis import Diagnosis, StoreFailed, Trouble
from cdr.store.schema import metadata

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def check_version(connection: Connection) -> None:
    """``StoreFailed`` unless the connection's database has this version's tables; changes nothing."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    here, newest = MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
    if missing := sorted(set(metadata.tables) - set(inspect(connection).get_table_names())):
        raise StoreFailed(Diagnosis(Trouble.NO_TABLE, ", ".join(missing)))
    if here != newest:
        known = {script.revision for script in scripts.walk_revisions()}
        trouble = Trouble.OLD_SCHEMA if here in known else Trouble.NEW_SCHEMA
        raise StoreFailed(Diagnosis(trouble, f"version {here}, this program needs {newest}"))


def bring_up(connection: Connection, *, upgrade: bool) -> None:
    """Leave the connection's database with this version's tables, or raise ``StoreFailed``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    here, newest = MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
    tables = set(inspect(connection).get_table_names())
    ours = set(metadata.tables)
    if here is None and not tables & ours:
        command.upgrade(config, "head")
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if here is not None and here not in known:
        raise StoreFailed(Diagnosis(Trouble.NEW_SCHEMA, f"version {here}, this program knows up to {newest}"))
    if here != newest:
        if not upgrade:
            raise StoreFailed(Diagnosis(Trouble.OLD_SCHEMA, f"version {here}, this program needs {newest}"))
        command.upgrade(config, "head")
        tables = set(inspect(connection).get_table_names())
    if missing := sorted(ours - tables):
        if not upgrade:
            raise StoreFailed(Diagnosis(Trouble.NO_TABLE, ", ".join(missing)))
        metadata.create_all(connection, [metadata.tables[name] for name in missing])
