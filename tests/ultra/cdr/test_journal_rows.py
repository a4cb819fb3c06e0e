"""Rows from a journal and from other streams' files; whoever told of the rows must be named."""

import json
from pathlib import Path

import pytest
from click import ClickException

from cdr.records import Batch, Place
from cdr.store.reader import Reader
from cdr.store.store import Store
from tests.ultra.cdr.databases import cdr
from ultra.cdr.journal_rows import place_of

SEEN = {"kind": "seen", "time": "2026-01-31T08:00:00Z", "seen": "1:1"}


def reader(folder: Path, *streams: str) -> Reader:
    url = f"sqlite:///{folder / 'cdr.db'}"
    store = Store.open(url)
    store.write(Batch((), (), tuple(Place(one, f"site/{one}", 7, 9) for one in streams)))
    store.close()
    return Reader.open(url)


def test_how_far_the_database_is(tmp_path: Path) -> None:
    opened = reader(tmp_path, "gateway")
    assert place_of(opened, []) == Place("gateway", "site/gateway", 7, 9)
    opened.close()


def test_without_a_daemon_everything_counts(tmp_path: Path) -> None:
    opened = reader(tmp_path)
    assert place_of(opened, []).epoch > 1_900_000_000_000_000
    opened.close()


def test_a_stream_that_has_told_of_the_rows_must_be_given(tmp_path: Path) -> None:
    opened = reader(tmp_path, "gateway", "cti")
    with pytest.raises(ClickException, match="the rows hold what cti told as well: name the events, --cti FILE"):
        place_of(opened, ["ivr"])
    assert place_of(opened, ["cti"]).number == 9
    opened.close()


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "cti.jsonl").write_text(json.dumps(SEEN) + '\n{"kind": "nonsense"}\n', "utf-8")
    done = cdr(tmp_path, "verify", "--from", ".", "--cti", "cti.jsonl")
    assert done.code == 1
    assert "holds no event" in done.err or "cti.jsonl:2: kind: expected one of" in done.err
