"""``ultra cdr export``: CSV that a spreadsheet takes as it is meant, JSON Lines, whole files only."""

import csv
import json
from pathlib import Path

import pytest

from tests.ultra.cdr.databases import cdr


def test_csv_for_a_spreadsheet(tmp_path: Path) -> None:
    done = cdr(tmp_path, "export", "out.csv")
    assert (done.code, done.err) == (0, "3 conversations\n")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["conversation_id"] for row in rows] == ["1:1", "1:2", "1:3"]
    assert rows[1]["caller"] == "'=cmd()", "a caller is no formula"
    assert (rows[1]["complete"], rows[0]["complete"], rows[1]["missing"]) == ("0", "1", "cti")
    assert rows[0]["began"] == "2026-01-31T08:00:00.000000Z"


def test_json_lines_of_another_table(tmp_path: Path) -> None:
    done = cdr(tmp_path, "export", "-", "--table", "legs", "--format", "jsonl", "--from", "2026-01-31 08:01")
    assert [one["leg_id"] for one in done.json_lines] == ["1:2/0"]
    assert cdr(tmp_path, "export", "out.jsonl", "--table", "segments").code == 0
    (line,) = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["state"] == "talking"


@pytest.mark.parametrize("file", ["nowhere/out.csv"])
def test_a_file_that_cannot_be_written(tmp_path: Path, file: str) -> None:
    done = cdr(tmp_path, "export", file)
    assert (done.code, done.err) == (1, f"Error: {file}: No such file or directory\n")


def test_a_former_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("former", "utf-8")
    done = cdr(tmp_path, "export", "out.csv", "--from", "soon")
    assert done.code == 2
    assert (tmp_path / "out.csv").read_text("utf-8") == "former"
    assert list(tmp_path.glob("*.part")) == []
