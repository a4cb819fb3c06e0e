"""`ultra up` with a real gateway: what it says, what it starts again, how it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ultra.real_site import (
    GATEWAY_TOML,
    PORT_CFG,
    SECONDS_MAX,
    closed_port,
    environment_of,
    has_ended,
    killed_at_end,
    ultra,
)
from tests.waiting import until_blocking


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`ultra up` in a folder, and the file with what it says."""
    said = folder / "said"
    with said.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "ultra", "up"], cwd=folder, env=environment_of(), stderr=errors
        )  # fmt: skip
    try:
        yield process, said
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(SECONDS_MAX)


def site(folder: Path) -> Path:
    (folder / "etc").mkdir()
    (folder / "port.cfg").write_text(PORT_CFG, "utf-8")
    toml = GATEWAY_TOML.format(port=closed_port(), auto_start="true", listen="127.0.0.1:0", serve="")
    (folder / "etc" / "gateway.toml").write_text(toml, "utf-8")
    return folder


def own_lines(said: Path) -> list[dict[str, Any]]:
    """What the supervisor itself says."""
    return [json.loads(line) for line in said.read_text("utf-8").splitlines() if line.startswith("{")]


def of(said: Path, event: str) -> list[dict[str, Any]]:
    return [line for line in own_lines(said) if line["event"] == event]


def gateway_events(folder: Path) -> list[str]:
    log = folder / "var" / "gateway.log"
    return [json.loads(line)["event"] for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def test_a_killed_gateway_runs_again_a_reload_reaches_it_and_all_stops_in_order(tmp_path: Path) -> None:
    with running(site(tmp_path)) as (process, said):
        until_blocking(lambda: gateway_events(tmp_path).count("gateway_started") == 1)
        os.kill(of(said, "program_started")[0]["pid"], signal.SIGKILL)
        until_blocking(lambda: gateway_events(tmp_path).count("gateway_started") == 2)
        (crash,) = of(said, "program_crashed")
        assert (crash["level"], crash["reason"]) == ("error", "killed by SIGKILL")
        process.send_signal(signal.SIGHUP)
        until_blocking(lambda: "reloaded" in gateway_events(tmp_path))
        process.terminate()
        assert process.wait(SECONDS_MAX) == 0
        assert of(said, "program_stopped")[0]["exit_code"] == 0
        assert gateway_events(tmp_path)[-1] == "daemon_stopped"


def test_a_broken_configuration_is_said_once_and_not_tried_again(tmp_path: Path) -> None:
    site(tmp_path)
    (tmp_path / "port.cfg").write_text("PHONE 1\n")
    with running(tmp_path) as (process, said):
        assert process.wait(SECONDS_MAX) == 1
        text = said.read_text("utf-8")
        assert "gateway | port.cfg:1:1: P" in text
        assert len(of(said, "program_started")) == 1
        assert "a person must mend something first" in of(said, "program_ended")[0]["reason"]
        assert of(said, "start_refused")


@pytest.mark.parametrize("log", ['file = "../var/gateway.log"', ""])
def test_a_killed_supervisor_leaves_no_gateway_behind(tmp_path: Path, log: str) -> None:
    site(tmp_path)
    settings = tmp_path / "etc" / "gateway.toml"
    settings.write_text(settings.read_text("utf-8").replace('file = "../var/gateway.log"', log), "utf-8")
    with running(tmp_path) as (process, said):
        until_blocking(lambda: "gateway_started" in gateway_events(tmp_path) or "gateway_started" in said.read_text())
        with killed_at_end(of(said, "program_started")[0]["pid"]) as gateway:
            process.kill()
            until_blocking(lambda: has_ended(gateway))
    assert gateway_events(tmp_path)[-1:] == (["daemon_stopped"] if log else [])


def test_nothing_to_start(tmp_path: Path) -> None:
    done = ultra("up", "--etc", "nowhere", folder=tmp_path)
    assert done.code == 1
    assert done.err == "Error: nothing to start: the folder nowhere has none of gateway.toml, cdr.toml\n"
