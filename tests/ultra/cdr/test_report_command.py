"""``ultra cdr report``: the same counts on the terminal, as JSON, as CSV, as a page."""

import csv
import json
from pathlib import Path

import pytest

from tests.ultra.cdr.databases import FROM, cdr

DAY = ("report", "--from", FROM, "--to", "2026-02-01")


def test_on_the_terminal(tmp_path: Path) -> None:
    done = cdr(tmp_path, *DAY, COLUMNS="40")
    head, *rows = done.out.splitlines()
    assert head.split()[:5] == ["hour", "offered", "answered", "abandoned", "other"]
    assert [row.split()[:6] for row in rows] == [
        ["2026-01-31", "08:00", "2", "2", "0", "0"],
        ["2026-01-31", "09:00", "1", "0", "1", "0"],
        ["together", "3", "2", "1", "0", "2"],
    ]
    chinese = cdr(tmp_path, *DAY, "--lang", "zh", "--by", "day").out
    assert chinese.split()[0] == "日"


def test_as_json(tmp_path: Path) -> None:
    done = cdr(tmp_path, *DAY, "--json", "--by", "day", "--by", "agent", "--within", "3", "--zone", "Asia/Shanghai")
    day, agent = json.loads(done.out)
    assert [(row["name"], row["offered"], row["answered_within"]) for row in day["rows"]] == [("2026-01-31", 3, 0)]
    assert agent["rows"][0]["average_wrap_up_seconds"] == 15
    assert (day["from"], day["zone"]) == ("2026-01-30T16:00:00.000000Z", "Asia/Shanghai")


def test_as_csv(tmp_path: Path) -> None:
    rows = list(csv.DictReader(cdr(tmp_path, *DAY, "--csv", "--by", "trunk").out.splitlines()))
    assert [(row["name"], row["offered"]) for row in rows] == [("T001", "1"), ("", "1")]


def test_as_a_page(tmp_path: Path) -> None:
    done = cdr(tmp_path, *DAY, "--html", "page.html")
    assert (done.code, done.err) == (0, "page.html\n")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<section>") == 5
    done = cdr(tmp_path, *DAY, "--html", "nowhere/page.html")
    assert (done.code, done.err) == (1, "Error: nowhere/page.html: No such file or directory\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--csv", "--by", "day", "--by", "hour"), "--csv takes one --by"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--to is not after --from"),
        (("--from", "then"), "'then': expected a day"),
    ],
)
def test_what_cannot_be_asked(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = cdr(tmp_path, "report", *arguments)
    assert done.code == 2
    assert said in done.err
