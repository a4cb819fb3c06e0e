"""The two daemons of a demonstration: both run inside, none is left outside, and one that fails is named."""

import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from runtime.tasks import Daemon, ExitCode, StartRefused
from tests.waiting import until
from ultra.demo_checks import SwitchAdmin, gateway_snapshot
from ultra.demo_site import DemoSite
from ultra.demo_stage import Stage
from ultra.processes import Child

SITE = DemoSite(("1000-1009",), 10, 3)
QUIET = ["--idle"]


async def on_stage(folder: Path, use: Callable[[Stage], Awaitable[None]]) -> list[Child]:
    """Set the stage up in a daemon of its own, use it; the children, who have all ended."""
    children: list[Child] = []

    async def main(daemon: Daemon) -> None:
        async with Stage.set_up(folder, SITE, QUIET, daemon, children) as stage:
            await use(stage)

    assert await Daemon("test").live(main) == ExitCode.STOPPED
    assert all(child.exit_code is not None for child in children)
    return children


async def test_both_run_inside_and_stop_in_order(tmp_path: Path) -> None:
    async def use(stage: Stage) -> None:
        async with SwitchAdmin.connect(stage.admin_port) as admin:
            assert (await admin.ask("counts"))["begun"] == 0
        _, snapshot = await gateway_snapshot(stage.server)
        assert len(snapshot.devices) == 14
        assert stage.gateway_errors == 0

    children = await on_stage(tmp_path, use)
    assert [(child.name, child.exit_code) for child in children] == [("simulator", 0), ("gateway", 0)]


async def test_one_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path) -> None:
    async def use(stage: Stage) -> None:
        os.kill(stage.children[1].pid, signal.SIGKILL)
        await until(stage.failed.is_set)
        assert stage.failure.startswith("the gateway ended by itself, exit code -9; it said last:\n")
        assert "gateway_started" in stage.failure

    await on_stage(tmp_path, use)


async def test_one_that_does_not_start_is_told_at_once(tmp_path: Path) -> None:
    children: list[Child] = []

    async def main(daemon: Daemon) -> None:
        with pytest.raises(StartRefused, match="the simulator ended by itself, exit code 2"):
            async with Stage.set_up(tmp_path, SITE, ["--no-such-option"], daemon, children):
                raise AssertionError("there is no stage")

    assert await Daemon("test").live(main) == ExitCode.STOPPED
