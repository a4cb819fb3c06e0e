"""``ultra cdr upgrade``: tables that are missing or older come to be as they must."""

import sqlite3
from pathlib import Path

from tests.ultra.cdr.databases import database
from tests.ultra.real_site import ultra


def test_a_table_that_was_dropped_is_made_anew(tmp_path: Path) -> None:
    url = database(tmp_path)
    with sqlite3.connect(tmp_path / "cdr.db") as opened:
        opened.execute("DROP TABLE segments")
    opened.close()
    assert "D009 a table is missing (segments)" in ultra("cdr", "list", "--database", url).err
    done = ultra("cdr", "upgrade", "--database", url)
    assert (done.code, done.out) == (0, f"the tables in {url} are of this version\n")
    assert ultra("cdr", "list", "--database", url).code == 0
