"""A conversation with its parts, and nobody else's."""

import json
from pathlib import Path

from cdr.store.reader import Reader
from cdr.story import PARTS, story_of
from tests.cdr.sample_records import at, conversation, leg, visit, written

BEGAN = at("2026-01-31 08:00:00")
ROWS = (conversation(1, BEGAN), leg(1, BEGAN), leg(2, BEGAN, device="8009"), visit(1, BEGAN, 5))


def test_what_belongs_to_it(tmp_path: Path) -> None:
    reader = Reader.open(written(f"sqlite:///{tmp_path / 'cdr.db'}", *ROWS))
    story = story_of(reader, "1:1")
    assert story is not None
    assert story.devices == {"01391", "8001"}
    form = story.form()
    assert list(form) == ["conversation", *PARTS]
    assert [len(form[name]) for name in PARTS] == [1, 0, 1, 0, 0]
    assert json.loads(json.dumps(form)) == form
    assert story_of(reader, "1:9") is None
    reader.close()
