"""A journal on a disk that is full: every surface of a shipped gateway says so, and says when it is over."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.ultra.real_site import RealSite, environment_of, logged, real_site
from tests.ultra.test_consumers import tailing
from tests.waiting import until_blocking

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a file system")

SITE = '[journal]\nfolder = "{disk}/journal"\n[metrics]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def call_somebody(site: RealSite) -> None:
    """Something to be published."""
    assert site.ultra("call", "make", "1000", "1001").code == 0
    assert site.ultra("call", "clear", "1000").code == 0


def conditions(site: RealSite) -> list[dict[str, Any]]:
    return list(json.loads(site.ultra("link", "status", "--json").out)["conditions"])


def test_a_full_disk_is_told_on_every_surface(tmp_path: Path, disk: Path) -> None:
    with real_site(tmp_path, serve=SITE.format(disk=disk)) as site, tailing(site) as tail:
        until_blocking(lambda: "ultra tail" in site.ultra("consumers").out)
        filler = disk / "filler"
        with filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                print(error)
        while not conditions(site):
            call_somebody(site)
        (condition,) = conditions(site)
        assert condition["code"] == "journal_unwritable"
        assert "the disk is full" in condition["text"]
        told = site.ultra("link", "status").out.splitlines()
        assert told[0].startswith("link up")
        assert any(line.startswith("journal_unwritable for 0:") for line in told)
        assert any(line.startswith("alarm journal_unwritable, 1 times, last 0:") for line in told)
        assert "; journal_unwritable; " in first_line_of_view(site)
        metrics = metrics_of(site)
        assert 'ultra_gateway_condition{code="journal_unwritable",subject=""} 1.0' in metrics
        assert len(logged(site, "journal_unwritable")) == 1

        filler.unlink()
        until_blocking(lambda: not conditions(site))
        holes = logged(site, "journal_hole")
        assert holes
        assert all(hole["first"] <= hole["last"] for hole in holes)
        assert len(logged(site, "journal_writable")) == 1
        assert tail.stdout is not None
        begun, over = (line.decode().rstrip() for line in islice(filter(is_of_a_condition, tail.stdout), 2))
        assert "journal_unwritable" in begun
        assert "the disk is full" in begun
        assert over.endswith("journal_unwritable is over")
        tail.terminate()
        assert not any(map(is_of_a_condition, tail.stdout))


def is_of_a_condition(line: bytes) -> bool:
    return b"condition_changed" in line


def first_line_of_view(site: RealSite) -> str:
    """What `ultra view` says first of the gateway's state where there is no terminal."""
    command = [sys.executable, "-m", "ultra", "view", "--server", site.server]
    with subprocess.Popen(command, env=environment_of(), stdout=subprocess.PIPE) as view:
        assert view.stdout is not None
        line = view.stdout.readline().decode()
        while "link up" not in line:
            line = view.stdout.readline().decode()
        view.terminate()
    return line


def metrics_of(site: RealSite) -> str:
    (listening,) = logged(site, "metrics_listening")
    with urllib.request.urlopen(f"http://{listening['listen']}/metrics", timeout=10) as page:
        return str(page.read().decode())
