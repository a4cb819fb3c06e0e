"""Codes are API; what reading tells is tested word for word in test_config."""

from pathlib import Path

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
