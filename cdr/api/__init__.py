"""The records over HTTP: read-only, paged, for those who may log in."""
