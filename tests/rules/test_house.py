"""The rules of conftest.py are in force: shown in a pytest of its own, on tests that break them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.rules.source_tree import ROOT

LEAK = """
import asyncio
KEPT = []
async def test_leak():
    KEPT.append(asyncio.ensure_future(asyncio.Event().wait()))
    KEPT[0].set_name("reader of nobody")
"""

TIDY = """
import asyncio
async def test_tidy():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))
"""

SKIP = """
import pytest
def test_skip():
    pytest.skip("no Asterisk here")
"""

SKIP_MODULE = """
import pytest
pytest.skip("no Asterisk here", allow_module_level=True)
"""

XFAIL = """
import pytest
@pytest.mark.xfail(reason="known")
def test_xfail():
    assert False
"""

INTERRUPTED = """
import signal
import subprocess
import sys
def test_ctrl_c_reaches_a_child():
    child = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    ended = subprocess.run([sys.executable, "-c", child], capture_output=True)
    assert ended.returncode == -signal.SIGINT
"""

SIGINT_IGNORED = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""In front of a command: how a shell without job control starts a background job."""


def run_pytest(folder: Path, source: str, *, ci: bool, behind: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """A pytest process on one file, with our conftest and settings."""
    (folder / "test_sample.py").write_text(source)
    return subprocess.run(
        [
            *(*behind, sys.executable, "-m", "pytest", "-p", "tests.conftest"),
            *("-c", ROOT / "setup.cfg", "--rootdir", folder, folder),
        ],
        cwd=ROOT,
        env={**os.environ, "CI": "true" if ci else "false"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [SKIP, SKIP_MODULE])
def test_a_skip_is_a_failure_in_ci_with_its_reason(tmp_path: Path, source: str) -> None:
    ended = run_pytest(tmp_path, source, ci=True)
    assert ended.returncode != 0
    assert "counts as failed with CI=true" in ended.stdout
    assert "no Asterisk here" in ended.stdout


def test_a_skip_elsewhere_is_a_skip(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, SKIP, ci=False)
    assert (ended.returncode, "1 skipped" in ended.stdout) == (0, True)


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, XFAIL, ci=True)
    assert (ended.returncode, "1 xfailed" in ended.stdout) == (0, True)


def test_a_task_left_over_fails_its_test_by_name(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, LEAK, ci=False)
    assert ended.returncode != 0
    assert "tasks left over: reader of nobody" in ended.stdout


def test_a_tidy_test_passes(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, TIDY, ci=False).returncode == 0


def test_ctrl_c_works_in_tests_that_run_in_the_background_of_a_script(tmp_path: Path) -> None:
    ended = run_pytest(tmp_path, INTERRUPTED, ci=False, behind=SIGINT_IGNORED)
    assert ended.returncode == 0, ended.stdout
