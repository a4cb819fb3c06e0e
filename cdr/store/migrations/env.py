"""Alembic's entry: migrations run on the connection that ``cdr.store.versions`` gives, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
