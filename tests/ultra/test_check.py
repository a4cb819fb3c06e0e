"""What `ultra check` says about folders of broken files, word for word, in English and Chinese.

Each folder of `tests/golden/check` is a site; the command is run in it as an operator would. After a wanted change:
`UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/ultra/test_check.py`, then read the difference.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.licence_host import host_ids
from gateway.portcfg_problems import PortCode
from tests.golden_text import held
from tests.rules.source_tree import ROOT
from tests.ultra.real_site import ultra

FOLDER = ROOT / "tests" / "golden" / "check"
COMMAND = (sys.executable, "-m", "ultra", "check")
SITES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
ONLY_WARNINGS = {
    "cdr-good",
    "cdr-not-held-back",
    "good",
    "licence-clock-file-damaged",
    "licence-good",
    "portcfg-cr-and-no-last-line-end",
    "too-few-seats",
}


def run_check(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of the command in a folder, without what differs between machines and days."""
    done = ultra("check", *arguments, folder=folder, NO_COLOR="1")
    assert done.err == ""
    output = re.sub(r"20[2-8]\d-\d\d-\d\d \d\d:\d\d UTC", "NOW", done.out)
    for host_id in host_ids():
        output = output.replace(host_id, "HOST")
    return done.code, output


def copied(site: Path, folder: Path) -> Path:
    """The site in a folder of its own, nobody else's to read: the report speaks of modes, a checkout keeps none."""
    folder = folder / "site"
    shutil.copytree(site, folder)
    for path in folder.rglob("*"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    return folder


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("site", SITES)
def test_report(site: str, language: str, tmp_path: Path) -> None:
    code, output = run_check(copied(FOLDER / site, tmp_path), "--lang", language)
    assert output == held(FOLDER / site / f"expected.{language}.txt", output)
    assert code == (0 if site in ONLY_WARNINGS else 1)


def test_report_as_json(tmp_path: Path) -> None:
    site = FOLDER / "everything-at-once"
    code, output = run_check(copied(site, tmp_path), "--lang", "en", "--json")
    assert output == held(site / "expected.json", output)
    report = json.loads(output)
    assert code == 1
    assert report["errors"] == sum(problem["severity"] == "error" for problem in report["problems"])
    assert {problem["code"][0] for problem in report["problems"]} == {"C", "P", "L"}


def test_every_code_of_port_cfg_that_a_small_file_can_show_is_shown() -> None:
    shown = {
        code
        for path in FOLDER.glob("*/expected.en.txt")
        for code in re.findall(r"^\S+: (P\d{3}) ", path.read_text("utf-8"), re.MULTILINE)
    }
    need_large_files = {PortCode.FILE_TOO_LARGE.code, PortCode.TOO_MANY_PORTS.code, PortCode.TOO_MANY_PROBLEMS.code}
    assert shown == {code.code for code in PortCode} - need_large_files


def test_the_carets_stand_below_what_they_mean() -> None:
    report = (FOLDER / "portcfg-gb18030-crlf" / "expected.en.txt").read_text("utf-8")
    # 前台 and 总机 take two cells a character, so in characters the caret stands further right than the word.
    assert (
        '    1 | EXT  8001  name="前台 Reception"  nmae=总机\n      |                                   ^^^^\n'
        in report
    )


def test_files_can_be_checked_without_a_site(tmp_path: Path) -> None:
    port_cfg = tmp_path / "other.cfg"
    port_cfg.write_text("EXT 8001\nEXT 8001\n")
    code, output = run_check(tmp_path, "--port-cfg", "other.cfg", "--lang", "en")
    assert code == 1
    assert output.startswith("other.cfg:2:5: P006 error: 8001 is named in line 1 already\n")
    assert "gateway.toml" not in output


def test_files_named_on_the_command_line_come_before_the_configured_ones() -> None:
    good, bad = FOLDER / "licence-good", FOLDER / "licence-tampered"
    code, output = run_check(good, "--lang", "en", "--licence", "../licence-tampered/licence.toml")
    assert code == 1
    assert "../licence-tampered/licence.toml: L006 error: " in output
    code, output = run_check(bad, "--lang", "en", "--licence", "../licence-good/licence.toml")
    assert code == 0
    code, output = run_check(good, "--lang", "en", "--port-cfg", "../portcfg-empty/port.cfg")
    assert "../portcfg-empty/port.cfg: P002 error: " in output


def test_an_etc_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    code, output = run_check(tmp_path, "--lang", "en", "--etc", "nowhere")
    assert code == 1
    assert output.startswith("nowhere/gateway.toml: U001 error: there is no gateway.toml in the folder nowhere\n")


def test_the_shipped_files_are_good() -> None:
    code, output = run_check(ROOT, "--lang", "en")
    assert code == 0, output
    assert output.endswith("no problem: the gateway starts\n")


def test_the_language_is_the_shells_unless_told() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "zh_CN.UTF-8"}
    done = subprocess.run(
        COMMAND,
        cwd=FOLDER / "good",
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stdout.endswith("网关可以启动\n")


def test_a_licence_beside_gateway_toml_is_somebody_s(tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (tmp_path / "port.cfg").write_text("EXT 8001\n", encoding="utf-8")
    (etc / "gateway.toml").write_text(
        'port_cfg = "../port.cfg"\n[switch]\ninterface = "csta-xml"\nhost = "127.0.0.1"\n'
        '[licence]\nfile = "licence.toml"\n',
        encoding="utf-8",
    )
    for name in ("licence.toml", "stray.toml"):
        (etc / name).write_text("x = 1\n", encoding="utf-8")
    _, output = run_check(tmp_path, "--lang", "en")
    assert [line for line in output.splitlines() if "U002" in line and "stray.toml" in line]
    assert not [line for line in output.splitlines() if "U002" in line and "licence.toml" in line]
