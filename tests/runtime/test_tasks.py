"""A daemon's life, each way it can end; signals are sent to real processes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
import structlog
from structlog.testing import capture_logs

from runtime.tasks import SAME_SIGNAL_SECONDS, Daemon, ExitCode, StartRefused, owned_by, spawn, tasks_left
from tests.waiting import until

DAEMON = """
import asyncio, sys
from runtime.tasks import run_daemon

async def main(daemon):
    async def reload():
        print("reloaded", flush=True)
    daemon.on_reload(reload)
    print("ready", flush=True)
    await daemon.stopped()
    print("put away", flush=True)
    {end}

sys.exit(run_daemon("probe", main))
"""


class Broken(Exception):
    """What a test's task crashes with."""


async def crash() -> None:
    raise Broken("boom")


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_task_has_its_name_and_its_owner_ends_with_it() -> None:
    async with asyncio.TaskGroup() as group:
        task = spawn(group, asyncio.sleep(0, "done"), name="session 12 reader")
        assert task.get_name() == "session 12 reader"
        other = owned_by(group)(wait_for_ever(), name="session 12 writer")
        assert tasks_left() == ["session 12 reader", "session 12 writer"]
        other.cancel()
    assert task.result() == "done"
    assert tasks_left() == []


async def test_a_crash_is_logged_once_with_the_innermost_name_and_ends_the_group() -> None:
    async def inner() -> None:
        async with asyncio.TaskGroup() as group:
            spawn(group, crash(), name="inner crash")

    async def outer() -> None:
        async with asyncio.TaskGroup() as group:
            spawn(group, inner(), name="outer")
            spawn(group, wait_for_ever(), name="sibling")

    with capture_logs() as lines, pytest.raises(ExceptionGroup):
        await outer()
    assert [(line["event"], line["task"]) for line in lines] == [("task_crashed", "inner crash")]
    assert tasks_left() == []


async def test_spawn_into_an_ended_group_is_refused_and_leaves_no_coroutine_behind() -> None:
    async with asyncio.TaskGroup() as group:
        pass
    with pytest.raises(RuntimeError):
        spawn(group, wait_for_ever(), name="late")


async def test_a_daemon_ends_when_its_main_returns_and_cancels_what_still_runs() -> None:
    daemon = Daemon("probe")
    ended: list[str] = []

    async def worker() -> None:
        try:
            await wait_for_ever()
        finally:
            ended.append("worker")

    async def main(self: Daemon) -> None:
        self.spawn(worker(), name="worker")
        await asyncio.sleep(0)

    assert await daemon.live(main) is ExitCode.STOPPED
    assert ended == ["worker"]
    assert tasks_left() == []


async def test_stop_lets_main_put_its_things_away() -> None:
    daemon = Daemon("probe")
    seen: list[str] = []

    async def main(self: Daemon) -> None:
        self.stop("test")
        await self.stopped()
        seen.append("put away")

    assert await daemon.live(main) is ExitCode.STOPPED
    assert seen == ["put away"]
    assert daemon.stopping


async def test_a_crashed_task_ends_the_daemon_in_order_with_its_name_in_the_log() -> None:
    put_away = asyncio.Event()

    async def main(self: Daemon) -> None:
        self.spawn(crash(), name="journal writer")
        try:
            await self.stopped()
        finally:
            put_away.set()

    with capture_logs() as lines:
        assert await Daemon("probe").live(main) is ExitCode.CRASHED
    crashes = [line for line in lines if line["event"] == "task_crashed"]
    assert [line["task"] for line in crashes] == ["journal writer"]
    assert crashes[0]["log_level"] == "error"
    assert put_away.is_set()


async def test_a_crash_of_main_is_a_crash_of_the_daemon() -> None:
    async def main(_: Daemon) -> None:
        await crash()

    with capture_logs() as lines:
        assert await Daemon("probe").live(main) is ExitCode.CRASHED
    assert [line["task"] for line in lines if line["event"] == "task_crashed"] == ["probe"]


async def test_a_main_that_cancels_itself_does_not_leave_a_daemon_without_one() -> None:
    async def main(_: Daemon) -> None:
        raise asyncio.CancelledError

    assert await Daemon("probe").live(main) is ExitCode.CRASHED


async def test_a_dump_names_every_task_and_the_innermost_place_where_it_waits() -> None:
    async def outer() -> None:
        await wait_for_ever()

    async def main(self: Daemon) -> None:
        self.spawn(outer(), name="session 12 reader")
        await asyncio.sleep(0)
        self.dump_tasks()

    with capture_logs() as lines:
        await Daemon("probe").live(main)
    places = {line["task"]: line["place"] for line in lines if line["event"] == "task_shown"}
    assert "Event.wait" in places["session 12 reader"]
    assert {"probe", "probe reload"} <= set(places)


async def test_a_refused_start_is_told_without_a_traceback() -> None:
    async def main(_: Daemon) -> None:
        raise StartRefused("127.0.0.1:7400 is in use by another program")

    with capture_logs() as lines:
        assert await Daemon("probe").live(main) is ExitCode.REFUSED
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [(line["event"], line["reason"]) for line in errors] == [
        ("start_refused", "127.0.0.1:7400 is in use by another program")
    ]
    assert "exc_info" not in errors[0]


async def test_a_main_that_does_not_return_is_cancelled() -> None:
    async def main(self: Daemon) -> None:
        self.stop("test")
        await wait_for_ever()

    with capture_logs() as lines:
        assert await Daemon("probe", stop_seconds_max=0.05).live(main) is ExitCode.STOPPED
    assert [line["tasks"] for line in lines if line["event"] == "stop_slow"]


async def test_a_task_that_refuses_to_end_is_named_and_left() -> None:
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                structlog.get_logger().debug("cancel_refused")

    async def main(self: Daemon) -> None:
        self.spawn(stubborn(), name="stubborn")
        await asyncio.sleep(0)

    with capture_logs() as lines:
        assert await Daemon("probe", stop_seconds_max=0.05).live(main) is ExitCode.OVERDUE
    overdue = [line for line in lines if line["event"] == "stop_overdue"]
    assert "stubborn" in overdue[0]["tasks"]
    let_go.set()
    await until(lambda: not tasks_left())


async def test_reloads_never_overlap_and_those_asked_for_meanwhile_become_one() -> None:
    daemon = Daemon("probe")
    begun: list[int] = []
    gate = asyncio.Event()
    running = 0

    async def reload() -> None:
        nonlocal running
        assert running == 0
        running += 1
        begun.append(len(begun))
        await gate.wait()
        running -= 1

    async def main(self: Daemon) -> None:
        self.on_reload(reload)
        self.reload()
        await until(lambda: begun)
        self.reload()
        self.reload()
        gate.set()
        await until(lambda: len(begun) == 2 and not running)

    assert await daemon.live(main) is ExitCode.STOPPED
    assert begun == [0, 1]


async def test_a_reload_that_raises_is_our_bug_told_and_survived() -> None:
    reloads: list[str] = []

    async def reload() -> None:
        reloads.append("reload")
        if len(reloads) == 1:
            raise Broken("boom")

    async def main(self: Daemon) -> None:
        self.on_reload(reload)
        while len(reloads) < 2:
            self.reload()
            await asyncio.sleep(0)

    with capture_logs() as lines:
        assert await Daemon("probe").live(main) is ExitCode.STOPPED
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["reload_failed"]


def started_daemon(end: str = "", behind: Sequence[str] = ()) -> subprocess.Popen[str]:
    """A real daemon process that has said `ready`, its command line `behind` another."""
    process = subprocess.Popen(
        [*behind, sys.executable, "-c", DAEMON.format(end=end)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert line_of(process) == "ready"
    return process


def line_of(process: subprocess.Popen[str]) -> str:
    """Its next line of output that is no log line."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        if "[" not in line:
            return line.strip()
    return ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(number: signal.Signals) -> None:
    with started_daemon() as process:
        process.send_signal(number)
        assert line_of(process) == "put away"
        assert process.wait() == ExitCode.STOPPED


def test_a_sigint_ignored_by_whoever_started_it_stays_ignored() -> None:
    with started_daemon(behind=("sh", "-c", 'trap "" INT; exec "$@"', "sh")) as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        assert line_of(process) == "reloaded"
        process.send_signal(signal.SIGTERM)
        assert line_of(process) == "put away"
        assert process.wait() == ExitCode.STOPPED


def test_sighup_reloads_and_sigusr1_names_the_tasks() -> None:
    with started_daemon() as process:
        process.send_signal(signal.SIGHUP)
        assert line_of(process) == "reloaded"
        process.send_signal(signal.SIGUSR1)
        assert process.stdout is not None
        while "task_shown" not in (line := process.stdout.readline()):
            assert line, "the process ended without showing its tasks"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == ExitCode.STOPPED


def test_a_later_signal_leaves_at_once() -> None:
    late = f'await asyncio.sleep({SAME_SIGNAL_SECONDS + 0.01}); print("late", flush=True); await asyncio.Event().wait()'
    with started_daemon(end=late) as process:
        process.send_signal(signal.SIGTERM)
        assert [line_of(process), line_of(process)] == ["put away", "late"]
        process.send_signal(signal.SIGTERM)
        assert process.wait() == ExitCode.OVERDUE


def test_two_signals_at_once_are_one() -> None:
    with started_daemon(end="await asyncio.sleep(0.01)") as process:
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert line_of(process) == "put away"
        assert process.wait() == ExitCode.STOPPED
