"""The processes of a demonstration: all run inside, none is left outside, and one that fails is named."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cdr.store.reader import Reader
from runtime.tasks import Daemon, ExitCode, StartRefused
from tests.waiting import until
from ultra.demo_checks import SwitchAdmin, gateway_snapshot
from ultra.demo_records import written_up_to
from ultra.demo_site import DemoSite
from ultra.demo_stage import Stage, log_entry
from ultra.processes import Child

SITE = DemoSite(("1000-1009",), 10, 3, has_records=True)
QUIET = ["--idle"]


async def on_stage(folder: Path, use: Callable[[Stage], Awaitable[None]]) -> list[Child]:
    """Set the stage up in a daemon of its own, use it; the children, who have all ended."""
    children: list[Child] = []

    async def main(daemon: Daemon) -> None:
        stage = Stage.set_up(folder, SITE, QUIET, daemon.spawn)
        async with stage.running():
            children.extend(stage.supervisor.children.values())
            await use(stage)

    assert await Daemon("test").live(main) == ExitCode.STOPPED
    assert all(child.exit_code is not None for child in children)
    return children


async def test_all_run_inside_and_stop_in_order(tmp_path: Path) -> None:
    async def use(stage: Stage) -> None:
        async with SwitchAdmin.connect(stage.admin_port) as admin:
            assert (await admin.ask("counts"))["begun"] == 0
        _, snapshot = await gateway_snapshot(stage.server)
        assert len(snapshot.devices) == 14
        assert stage.errors == []
        assert await written_up_to(stage.server) >= 0
        assert Reader.open(stage.database).places() == []

    children = await on_stage(tmp_path, use)
    assert [(child.name, child.exit_code) for child in children] == [("simulator", 0), ("gateway", 0), ("cdr", 0)]


@pytest.mark.parametrize("name", ["simulator", "gateway", "cdr"])
async def test_one_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path, name: str) -> None:
    async def use(stage: Stage) -> None:
        stage.supervisor.children[name].kill()
        await until(stage.failed.is_set)
        assert stage.failure.startswith(f"the {name} ended by itself, exit code -9; it said last:\n")
        assert "gateway_started" in stage.failure

    await on_stage(tmp_path, use)


async def test_one_that_does_not_start_is_told_at_once(tmp_path: Path) -> None:
    async def main(daemon: Daemon) -> None:
        with pytest.raises(StartRefused, match="the simulator ended by itself, exit code 2"):
            async with Stage.set_up(tmp_path, SITE, ["--no-such-option"], daemon.spawn).running():
                raise AssertionError("there is no stage")

    assert await Daemon("test").live(main) == ExitCode.STOPPED


@pytest.mark.parametrize(
    ("line", "event", "level"),
    [
        ('{"event": "link_lost", "level": "warning"}', "link_lost", "warning"),
        ('{"event": "link_lost"}', "link_lost", "text"),
        ("port.cfg:1:1: P003 error: no kind", "port.cfg:1:1: P003 error: no kind", "text"),
        ("[1]", "[1]", "text"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):", "error"),
    ],
)
def test_a_line_is_an_entry_whatever_it_is(line: str, event: str, level: str) -> None:
    entry = log_entry(line)
    assert (entry["event"], entry["level"]) == (event, level)
