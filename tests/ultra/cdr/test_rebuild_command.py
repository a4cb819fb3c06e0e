"""``ultra cdr rebuild``: rows that are wrong or missing are written again; what the journal does not know stays."""

import sqlite3
from pathlib import Path

from cdr.records import ConversationRecord
from cdr.store.reader import Filter, Reader
from tests.ultra.cdr.journals import recorded
from tests.ultra.real_site import ultra


def conversations(folder: Path) -> list[ConversationRecord]:
    reader = Reader.open(f"sqlite:///{folder / 'var' / 'cdr.db'}")
    found = list(reader.conversations(Filter()))
    reader.close()
    return found


async def test_wrong_and_missing_rows_come_back(tmp_path: Path) -> None:
    async with recorded(tmp_path) as options:
        before = conversations(tmp_path)
        with sqlite3.connect(tmp_path / "var" / "cdr.db") as opened:
            opened.execute("UPDATE conversations SET talking_us = 1 WHERE caller = '1000'")
            opened.execute("DELETE FROM legs")
            opened.execute("DELETE FROM conversations WHERE caller = '1002'")
        opened.close()
        done = ultra("cdr", "rebuild", *options)
        assert (done.code, done.out.endswith("different 6, written 6\n")) == (0, True), done.out
        after = conversations(tmp_path)
        assert [(one.caller, one.talking_us) for one in after] == [(one.caller, one.talking_us) for one in before]
        assert [one.revision for one in after] == [2, 1]
        assert ultra("cdr", "verify", *options).code == 0


async def test_what_the_journal_does_not_know_stays_and_is_told(tmp_path: Path) -> None:
    async with recorded(tmp_path) as options:
        with sqlite3.connect(tmp_path / "var" / "cdr.db") as opened:
            opened.execute("UPDATE conversations SET conversation_id = '1:1' WHERE caller = '1002'")
        opened.close()
        done = ultra("cdr", "rebuild", *options)
        assert "conversation 1:1 should not be there\n" in done.out
        assert "1:1" in {one.conversation_id for one in conversations(tmp_path)}
