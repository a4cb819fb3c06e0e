"""`ultra demo` as a newcomer and as a script runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.ultra.real_site import SECONDS_MAX, environment_of, ultra
from tests.ultra.terminal import in_terminal
from tests.waiting import until, until_blocking


def demo_folders(place: Path) -> list[Path]:
    return list(place.glob("ultra-demo-*"))


def test_a_script_gets_one_object_and_every_account_agrees(tmp_path: Path) -> None:
    done = ultra(
        *("demo", "--seconds", "4", "--json", "--no-browser", "--calls-per-second", "10", "--seed", "7"),
        TMPDIR=str(tmp_path),
    )
    assert done.code == 0, done.out + done.err
    assert done.err == ""
    summary = json.loads(done.out)
    assert summary["consistent"] is True
    assert summary["inconsistencies"] == summary["differences"] == []
    assert summary["mirror_equals_gateway"] is summary["mirror_equals_simulator"] is True
    assert summary["calls_begun"] == summary["calls_ended"] == summary["calls_begun_at_simulator"] > 20
    assert (summary["calls_live"], summary["mismatches"], summary["gaps"]) == (0, 0, 0)
    assert summary["checks"] == 12
    assert 0 < summary["conversations"] <= summary["calls_begun"]
    assert summary["record_problems"] == 0
    assert summary["link"] == "up"
    assert summary["seconds"] >= 4
    assert summary["events"] > summary["calls_begun"]
    assert summary["epoch"] > 1_700_000_000_000_000
    assert demo_folders(tmp_path) == []


def test_ctrl_c_ends_it_in_order_and_leaves_nobody_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ultra", "demo"], env=environment_of(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stdout is not None
        until_link_up = iter(process.stdout.readline, "")
        assert any("link up; trunks" in line for line in until_link_up)
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) == 3
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=SECONDS_MAX)
        assert (process.returncode, error) == (0, "")
        assert "view, gateway and simulated PBX compared 2 times: equal" in out
        assert " conversations recorded, 0 problems in them" in out
        assert out.count("together ") == 2, "the day's report, by hour and by queue"
        assert not any(child.is_running() for child in children)
    assert demo_folders(tmp_path) == []


async def test_on_a_terminal_there_is_the_live_view_and_q_ends_it() -> None:
    async with in_terminal("demo", "--calls-per-second", "8") as terminal:
        await until(lambda: "compared with the gateway and the simulated PBX: equal" in terminal.text)
        assert "分机 Extensions 100" in terminal.text
        assert "licence valid 演示 Demo: 100 of 100 seats needed" in terminal.text
        assert "in another window: ultra tail --server 127.0.0.1:" in terminal.text
        terminal.press("q")
        assert await terminal.process.wait() == 0
        await until(lambda: "0 left over" in terminal.text)
        assert terminal.echoes()


def test_a_gateway_that_dies_is_told_and_is_a_failure(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ultra", "demo", "--json"], env=environment_of(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        gateways: list[psutil.Process] = []

        def gateway_listens() -> bool:
            held = [one for one in psutil.Process(process.pid).children(recursive=True) if "gateway" in one.cmdline()]
            gateways[:] = [one for one in held if any(c.status == "ESTABLISHED" for c in one.net_connections())]
            return bool(gateways)

        until_blocking(gateway_listens, seconds_max=SECONDS_MAX)
        os.kill(gateways[0].pid, signal.SIGKILL)
        out, error = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, out) == (1, "")
    assert error.startswith("Error: the gateway ended by itself, exit code -9; it said last:")


@pytest.mark.parametrize(
    ("option", "value"), [("--extensions", "1099-1000"), ("--seconds", "0"), ("--calls-per-second", "0")]
)
def test_what_cannot_be_shown_is_refused(option: str, value: str) -> None:
    done = ultra("demo", option, value)
    assert done.code == 2
    assert option in done.err
