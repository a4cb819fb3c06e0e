"""What the webhook has still to be told begins empty: of what was written before nobody asked to be told."""

from pathlib import Path

from cdr.store.migrations.versions import v0003_outbox
from cdr.store.outbox import waiting_announcements
from cdr.store.store import Store
from tests.cdr.sample_records import at, conversation
from tests.cdr.store.migrations.older import older


def test_it_begins_empty(tmp_path: Path) -> None:
    url = older(f"sqlite:///{tmp_path / 'cdr.db'}", "0002", conversation(1, at("2026-01-31 08:00:00")))
    store = Store.open(url, upgrade=True)
    with store.transaction() as connection:
        assert waiting_announcements(connection) == 0
    store.close()
    assert v0003_outbox.down_revision == "0002"
