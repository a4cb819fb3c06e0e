"""``ultra cdr show``: the story of one conversation."""

import json
from pathlib import Path

from tests.ultra.cdr.databases import cdr


def test_the_story(tmp_path: Path) -> None:
    done = cdr(tmp_path, "show", "1:2")
    assert done.code == 0
    assert done.out.startswith("1:2  inbound: =cmd() called 6000\n")
    assert "not complete: cti had not told everything" in done.out
    assert "08:01:00  65.0     talking  0139, 8001  7001 8001" in done.out
    assert "8001    distributed  7001   08:01:00  08:02:05  5.0   60.0    0.0   30.0" in done.out


def test_as_one_object(tmp_path: Path) -> None:
    found = json.loads(cdr(tmp_path, "show", "1:1", "--json").out)
    assert found["conversation"]["conversation_id"] == "1:1"
    assert [len(found[name]) for name in ("legs", "segments", "queue_visits", "ivr_sessions", "problems")] == [
        1,
        0,
        1,
        0,
        0,
    ]


def test_one_that_there_is_not(tmp_path: Path) -> None:
    done = cdr(tmp_path, "show", "9:9")
    assert done.code == 1
    assert done.err == "Error: there is no conversation 9:9; `ultra cdr list` has ids\n"
