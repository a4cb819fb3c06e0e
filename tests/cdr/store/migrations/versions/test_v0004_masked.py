"""Rows of before have their numbers as they were."""

from cdr.store.migrations.versions import v0004_masked
from cdr.store.store import Store
from tests.cdr.sample_records import at, conversation
from tests.cdr.store.migrations.older import older


def test_nothing_is_masked_yet(url: str) -> None:
    store = Store.open(older(url, "0003", conversation(1, at("2026-01-31 08:00:00"))), upgrade=True)
    assert store.reader.masked(["1:1"]) == {}
    store.close()
    assert v0004_masked.down_revision == "0003"
