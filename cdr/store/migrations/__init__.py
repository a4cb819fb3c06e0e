"""What leads from one version of the schema to the next (Alembic)."""
