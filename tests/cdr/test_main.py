"""``ultracdr`` from the shell: what it says and how it ends when it cannot start."""

import subprocess
import sys
from pathlib import Path

from runtime.tasks import ExitCode
from tests.cdr.test_config import LEAST
from tests.rules.source_tree import ROOT

SECONDS_MAX = 60


def ultracdr(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cdr", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, env={"PYTHONPATH": str(ROOT)},
        check=False,
    )  # fmt: skip


def test_without_a_configuration_it_says_which_file_is_missing(tmp_path: Path) -> None:
    ended = ultracdr(folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    assert "etc/cdr.toml" in ended.stderr


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "cdr.toml").write_text(LEAST.replace("7400", "x").replace("sqlite", "dbase"), "utf-8")
    ended = ultracdr("--config", "cdr.toml", folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    assert "gateway.server" in ended.stderr
    (tmp_path / "cdr.toml").write_text(LEAST.replace("sqlite", "dbase") + '[log]\nlevle = "info"\n', "utf-8")
    ended = ultracdr("--config", "cdr.toml", folder=tmp_path)
    for named in ("log.levle", "ultra check"):
        assert named in ended.stderr


def test_a_database_that_is_not_supported_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "cdr.toml").write_text(LEAST.replace("sqlite:///cdr.db", "dbase://cdr:topsecret@h/d"), "utf-8")
    ended = ultracdr("--config", "cdr.toml", folder=tmp_path)
    assert ended.returncode == ExitCode.REFUSED
    assert "D002" in ended.stderr
    assert "sqlite, postgresql, mariadb or mysql" in ended.stderr
    assert "topsecret" not in ended.stderr
