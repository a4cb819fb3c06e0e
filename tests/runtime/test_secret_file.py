"""A secret's file: its first line, and what is said of one that cannot be used."""

from pathlib import Path

import pytest

from runtime.secret_file import SECRET_BYTES_MAX, read_secret, secret_problems
from runtime.texts import Text
from runtime.toml_file import TomlFile, read_toml


@pytest.mark.parametrize(
    ("content", "secret"),
    [(b"s3cret\nmore", "s3cret"), (b"s3cret\r\n", "s3cret"), (b"x" * (SECRET_BYTES_MAX + 1), "x" * SECRET_BYTES_MAX)],
)
def test_the_first_line_is_the_secret(tmp_path: Path, content: bytes, secret: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert read_secret(tmp_path / "secret") == secret


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\n", b"a\tb\n"])
def test_what_is_no_secret_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert isinstance(read_secret(tmp_path / "secret"), Text)


def test_a_missing_one_is_a_problem_at_its_key_and_an_open_one_a_warning(tmp_path: Path) -> None:
    config, secret = tmp_path / "a.toml", tmp_path / "secret"
    config.write_text('[t]\nsecret_file = "secret"\n', "utf-8")
    file = read_toml(config)
    assert isinstance(file, TomlFile)

    def found() -> list[tuple[str, int | None]]:
        problems = secret_problems(file, ("t", "secret_file"), secret, unreadable="X1", open_to_all="X2")
        return [(one.code, one.line) for one in problems]

    assert found() == [("X1", 2)]
    secret.write_text("s", "utf-8")
    secret.chmod(0o644)
    assert found() == [("X2", 2)]
    secret.chmod(0o600)
    assert found() == []
