"""``ultra cdr list``: the newest first, whole columns, filters; JSON Lines for programs."""

from pathlib import Path

from tests.ultra.cdr.databases import FROM, cdr


def test_a_table_with_the_newest_first(tmp_path: Path) -> None:
    done = cdr(tmp_path, "list", "--zone", "Asia/Shanghai", COLUMNS="40")
    assert done.code == 0
    head, *rows = done.out.splitlines()
    assert head.split()[:4] == ["began", "conversation", "caller", "called"]
    assert [row.split()[2].removesuffix("*").strip() for row in rows] == ["1:3", "1:2", "1:1"]
    assert rows[0].startswith("2026-01-31 17:00:00  1:3")
    assert "abandoned (queue)" in rows[0]
    assert "1:2 *" in rows[1], "of which something is missing"


def test_filters_and_a_limit(tmp_path: Path) -> None:
    done = cdr(tmp_path, "list", "--limit", "1", "--result", "answered", "--from", FROM)
    assert len(done.out.splitlines()) == 2
    assert "the newest 1 of 2" in done.err
    done = cdr(tmp_path, "list", "--from", "2026-01-31 08:30", "--to", "2026-02-01")
    assert [line.split()[2] for line in done.out.splitlines()[1:]] == ["1:3"]
    done = cdr(tmp_path, "list", "--caller", "nobody")
    assert (done.code, done.out, done.err) == (0, "", "no conversation\n")


def test_for_programs(tmp_path: Path) -> None:
    found = cdr(tmp_path, "list", "--json", "--incomplete").json_lines
    assert [(one["conversation_id"], one["missing"], one["talking_seconds"]) for one in found] == [
        ("1:2", ["cti"], 60.0)
    ]
