"""A child process: its lines, its exit code, its end in order or by force."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime.tasks import owned_by
from tests.ultra.real_site import has_ended, killed_at_end
from tests.waiting import until
from ultra.processes import LINE_BYTES_MAX, Child

SOURCES = {
    "talker": "import sys; print('座席 out'); print('err', file=sys.stderr); print('no end', end=''); sys.exit(7)",
    "polite": (
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); print('ready', flush=True);"
        " signal.sigwait([signal.SIGTERM]); raise SystemExit(3)"
    ),
    "touchy": (
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); print('ready', flush=True);"
        " signal.sigwait([signal.SIGTERM]); print('told', flush=True);"
        " raise SystemExit(4 if signal.sigtimedwait([signal.SIGTERM], 0.5) else 3)"
    ),
    "stubborn": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    ),
    "shouter": f"print('x' * {LINE_BYTES_MAX + 100_000}); print('after')",
    "parent": (
        "import asyncio, os\nfrom runtime.tasks import owned_by\nfrom ultra.processes import Child\n"
        "async def main():\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        child = await Child.start('polite', 'polite', (), owned_by(group), output=print, errors=print)\n"
        "        print(child.pid)\n"
        "asyncio.run(main())"
    ),
    "place": "import os, sys; print(os.getcwd()); print(sys.argv[1:]); print(sys.stdin.read() == '')",
}


class Said:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.err: list[str] = []
        self.arrived = asyncio.Event()

    def line(self, line: str) -> None:
        self.out.append(line)
        self.arrived.set()


@asynccontextmanager
async def started(module: str, *arguments: str, folder: Path | None = None) -> AsyncIterator[tuple[Child, Said]]:
    """A child that runs one of the sources, and what it says."""
    said = Said()
    async with asyncio.TaskGroup() as group:
        child = await Child.start(
            module, module, arguments, owned_by(group), output=said.line, errors=said.err.append, folder=folder
        )
        try:
            yield child, said
        finally:
            child.kill()
            await child.wait()


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "modules"
    folder.mkdir()
    for name, source in SOURCES.items():
        (folder / f"{name}.py").write_text(source, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    return folder


async def test_lines_and_exit_code() -> None:
    async with started("talker") as (child, said):
        assert await child.wait() == 7
        assert child.exit_code == 7
        assert (said.out, said.err) == (["座席 out", "no end"], ["err"])


async def test_it_is_stopped_in_order() -> None:
    async with started("polite") as (child, said):
        await said.arrived.wait()
        assert child.exit_code is None
        assert await child.stop() == 3
        child.signal(signal.SIGTERM)  # it has ended: nothing happens


async def test_two_who_stop_it_tell_it_once() -> None:
    async with started("touchy") as (child, said), asyncio.TaskGroup() as group:
        await said.arrived.wait()
        first = group.create_task(child.stop())
        await until(lambda: said.out == ["ready", "told"])
        assert (await child.stop(), await first) == (3, 3)


async def test_who_does_not_stop_is_killed() -> None:
    async with started("stubborn") as (child, said):
        await said.arrived.wait()
        assert await child.stop(0.05) == -signal.SIGKILL


async def test_a_line_of_any_length_comes_through() -> None:
    async with started("shouter") as (child, said):
        assert await child.wait() == 0
        assert said.out[-1] == "after"
        assert sum(map(len, said.out[:-1])) == LINE_BYTES_MAX + 100_000


async def test_folder_arguments_and_no_input(tmp_path: Path) -> None:
    async with started("place", "a b", "c", folder=tmp_path) as (child, said):
        assert await child.wait() == 0
        assert said.out == [str(tmp_path), "['a b', 'c']", "True"]


async def test_a_module_of_the_working_folder_does_not_get_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "talker.py").write_text("raise SystemExit(1)")
    async with started("talker", folder=tmp_path) as (child, _):
        assert await child.wait() == 7


async def test_a_child_does_not_outlive_a_parent_that_is_killed() -> None:
    async with started("parent") as (parent, said):
        await until(lambda: len(said.out) == 2)
        assert said.out[1] == "ready"
        with killed_at_end(int(said.out[0])) as child:
            parent.kill()
            await until(lambda: has_ended(child))
