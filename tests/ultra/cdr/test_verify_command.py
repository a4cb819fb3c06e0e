"""``ultra cdr verify``: equal to the journal, or each difference in words."""

import json
import sqlite3
from pathlib import Path

from tests.ultra.cdr.journals import recorded
from tests.ultra.real_site import ultra


async def test_equal_then_not(tmp_path: Path) -> None:
    async with recorded(tmp_path) as options:
        done = ultra("cdr", "verify", *options)
        assert done.code == 0, done.out
        assert done.out.endswith("; different 0\n")
        with sqlite3.connect(tmp_path / "var" / "cdr.db") as opened:
            opened.execute("UPDATE conversations SET talking_us = 1 WHERE caller = '1000'")
            opened.execute("DELETE FROM legs WHERE device = '1003'")
        opened.close()
        found = json.loads(ultra("cdr", "verify", *options, "--json").out)
        assert (found["holes"], found["unreadable"]) == (0, 0)
        missing, changed = sorted(found["differences"], key=lambda one: "talking_us" in one)
        assert missing.startswith("leg ")
        assert missing.endswith(" is missing")
        assert "talking_us is 1 and should be " in changed
