"""Codes are API; what reading tells is tested word for word in test_config."""

from pathlib import Path

import pytest

from runtime.problems import as_json, render
from runtime.texts import text
from runtime.toml_file import ConfigCode, TomlFile, read_toml


def test_codes_are_unique_and_stay() -> None:
    assert {code.name: code.code for code in ConfigCode} == {
        "UNREADABLE": "C001",
        "UNDECODABLE": "C002",
        "SYNTAX": "C003",
        "UNKNOWN_KEY": "C004",
        "MISSING_KEY": "C005",
        "BAD_VALUE": "C006",
    }


def test_a_file_keeps_its_lines_as_an_editor_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes('a = "x\u2028y"\r\nb = 1'.encode())
    file = read_toml(path)
    assert isinstance(file, TomlFile)
    assert file.lines == ('a = "x\u2028y"', "b = 1")
    assert file.document == {"a": "x\u2028y", "b": 1}
    assert file.name == str(path)


PUBLIC = frozenset(("switch", "host", "ports"))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("host = pbx", "host = pbx"),
        ("switch.host = pbx", "switch.host = pbx"),
        ("[swi tch", "[swi tch"),
        ("secret = hunter2", None),
        ("sekret = hunter2", None),
        ("switch.secret = hunter2", None),
        ('host = "pbx" secret = "hunter2"', None),
        ('[switch] secret = "hunter2"', None),
        ("secret hunter2", None),
        ("hunter2", None),
        ('["hunter2"', None),
        ("# hunter2 \x01", None),
    ],
)
def test_a_line_that_is_no_toml_is_shown_where_it_can_hold_no_secret(
    tmp_path: Path, line: str, shown: str | None
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f"{line}\n", "utf-8")
    problems = read_toml(path, PUBLIC)
    assert isinstance(problems, tuple)
    assert (problems[0].line, problems[0].source_line) == (1, shown)
    assert (problems[0].column or 0) > 0
    assert shown or "hunter2" not in render(problems[0]) + str(as_json(problems[0]))


@pytest.mark.parametrize(
    ("line", "shown", "column", "width"),
    [
        ('host = "pbx" # ours', 'host = "pbx" # ours', 8, 5),
        ("ports = [1, { host = 2 }]", "ports = [1, { host = 2 }]", 9, 17),
        ('host = { host = "pbx", pin = "hunter2" }', "host = …", 8, 1),
        ('ports = ["pbx", { pin = ["hunter2"] }]', "ports = …", 9, 1),
        ("pin = 'hunter2'", "pin = …", 7, 1),
    ],
)
def test_a_problem_s_line_ends_before_a_value_that_is_not_public(
    tmp_path: Path, line: str, shown: str, column: int, width: int
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f"{line}\n", "utf-8")
    file = read_toml(path, PUBLIC)
    assert isinstance(file, TomlFile)
    (key,) = file.document
    at_value = file.problem("G001", (key, "deeper"), text("wrong"))
    assert (at_value.source_line, at_value.column, at_value.width) == (shown, column, width)
    at_key = file.problem("G001", (key,), text("wrong"), at_value=False)
    assert (at_key.source_line, at_key.column, at_key.width) == (shown, 1, len(key))
