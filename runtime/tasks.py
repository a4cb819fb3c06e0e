"""Every task has a name and an owner, and a daemon lives from its first signal handler to its exit code.

The only home of `create_task` (a rule test proves it). A task belongs to an `asyncio.TaskGroup`: when it crashes, the
crash is logged once with the task's name and the group ends in order; no task dies in silence, none outlives its owner.
This module must not know what the daemon does, and must not swallow an error of ours.

Packages that may not import this one (`protocol/`) take a `Spawn` as a constructor argument: `owned_by(group)`.
"""

import asyncio
import enum
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

import structlog

T = TypeVar("T")
Loop = asyncio.AbstractEventLoop

log = structlog.get_logger()

STOP_SECONDS_MAX = 10.0
"""For `main` to put its things away after the request to stop, and again for cancelled tasks to end: service managers
kill after 90 s, and a session says goodbye within one."""

SAME_SIGNAL_SECONDS = 0.3
"""Within it a second signal is the first one again: when a supervisor of several threads is killed, the kernel tells
its children once for each of them."""

_LOGGED_NOTE = "crashed in task "


class ExitCode(enum.IntEnum):
    """How a daemon ended, for the service manager; `docs/operations.md` explains them to operators."""

    STOPPED = 0
    """As asked: SIGTERM, SIGINT, or the work was done."""
    REFUSED = 1
    """Something that a person must mend before a start can work: configuration, an address in use."""
    USAGE = 2
    """Wrong command line."""
    CRASHED = 70
    """Our bug; the log names the task. Starting again is right."""
    OVERDUE = 71
    """Did not stop in time, or was told twice; the log names the tasks that hung on."""


class StartRefused(Exception):
    """The daemon cannot start and a person can mend it; the text says what and how. Logged without a traceback."""


class Spawn(Protocol):
    """Starts a coroutine as a task that somebody owns."""

    def __call__(self, coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]: ...


def spawn(group: asyncio.TaskGroup, coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
    """Start `coro` as a task of `group`, under a name that is unique enough to be found in a log (`session 12 writer`).

    An exception that leaves the coroutine is logged (`task_crashed`, with the name) and then ends the group, as
    TaskGroup does. RuntimeError when the group has already ended; the coroutine is closed then.
    """
    try:
        task = group.create_task(coro, name=name)
    except RuntimeError:
        coro.close()
        raise
    task.add_done_callback(_log_crash)
    return task


def owned_by(group: asyncio.TaskGroup) -> Spawn:
    """`spawn` bound to its group, to hand to code that shall not know who owns its tasks."""

    def spawn_owned(coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        return spawn(group, coro, name=name)

    return spawn_owned


def tasks_left() -> list[str]:
    """The names of all tasks of the running loop but the current one, sorted: tests hold this to be empty."""
    current = asyncio.current_task()
    return sorted(task.get_name() for task in asyncio.all_tasks() if task is not current)


class Daemon:
    """One daemon's life: its task group, its request to stop, its reload.

    `main(daemon)` wires everything, spawns its tasks, usually awaits `daemon.stopped()`, and returns when it has put
    its things away; its return ends the daemon, and what still runs then is cancelled.
    """

    def __init__(self, name: str, *, stop_seconds_max: float = STOP_SECONDS_MAX) -> None:
        self.name = name
        self._stop_seconds_max = stop_seconds_max
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stop_asked = asyncio.Event()
        self._reload_asked = asyncio.Event()
        self._reload: Callable[[], Awaitable[None]] | None = None
        self._exit_code = ExitCode.STOPPED

    def spawn(self, coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task that belongs to the daemon itself; satisfies `Spawn`."""
        task = spawn(self._group, coro, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def stop(self, reason: str, exit_code: ExitCode = ExitCode.STOPPED) -> None:
        """Ask for an orderly end; the first reason counts, later ones change nothing."""
        if not self._stop_asked.is_set():
            log.info("daemon_stopping", daemon=self.name, reason=reason)
            self._exit_code = exit_code
            self._stop_asked.set()

    @property
    def stopping(self) -> bool:
        """Whether the end has been asked for."""
        return self._stop_asked.is_set()

    async def stopped(self) -> None:
        """Wait until the end is asked for."""
        await self._stop_asked.wait()

    def on_reload(self, callback: Callable[[], Awaitable[None]]) -> None:
        """What SIGHUP and `reload()` do. Calls never overlap; those asked for during one become one more after it.

        The callback prepares everything first and puts it in force in one step: when it raises, that is logged as our
        bug (`reload_failed`) and the daemon goes on with what was in force.
        """
        self._reload = callback

    def reload(self) -> None:
        """Ask for a reload."""
        self._reload_asked.set()

    def dump_tasks(self) -> None:
        """Log every task with the place where it waits: SIGUSR1, for support."""
        for task in sorted(asyncio.all_tasks(), key=asyncio.Task.get_name):
            log.info("task_shown", task=task.get_name(), place=_place_of(task))

    async def live(self, main: Callable[["Daemon"], Awaitable[None]]) -> ExitCode:
        """Run `main` from start to orderly end; returns how it went and raises nothing but CancelledError.

        With OVERDUE, tasks are still alive: the caller must leave the process.
        """
        life = asyncio.create_task(self._run(main), name=f"{self.name} life")
        stop_asked = asyncio.create_task(self.stopped(), name=f"{self.name} stop watch")
        try:
            await asyncio.wait({life, stop_asked}, return_when=asyncio.FIRST_COMPLETED)
            ended, _ = await asyncio.wait({life}, timeout=2 * self._stop_seconds_max)
            if not ended:
                log.error("stop_overdue", daemon=self.name, tasks=tasks_left())
                return ExitCode.OVERDUE
            return life.result()
        except asyncio.CancelledError:
            life.cancel()
            await asyncio.wait({life}, timeout=self._stop_seconds_max)
            raise
        finally:
            stop_asked.cancel()
            await asyncio.wait({stop_asked})

    async def _run(self, main: Callable[["Daemon"], Awaitable[None]]) -> ExitCode:
        try:
            async with self._group:
                root = self.spawn(_awaited(main(self)), name=self.name)
                root.add_done_callback(self._root_ended)
                self.spawn(self._serve_reloads(), name=f"{self.name} reload")
                await self.stopped()
                await asyncio.wait({root}, timeout=self._stop_seconds_max)
                if not root.done():
                    log.warning("stop_slow", daemon=self.name, tasks=tasks_left())
                for task in self._tasks:
                    task.cancel()
        except* StartRefused as refusals:
            for refusal in _leaves(refusals):
                log.error("start_refused", daemon=self.name, reason=str(refusal))
        except* Exception:  # each was logged with its task's name when it happened
            self._exit_code = ExitCode.CRASHED
        log.info("daemon_stopped", daemon=self.name, exit_code=int(self._exit_code))
        return self._exit_code

    async def _serve_reloads(self) -> None:
        while True:
            await self._reload_asked.wait()
            self._reload_asked.clear()
            if self._reload is None:
                log.warning("reload_ignored", daemon=self.name, reason="nothing to reload")
                continue
            try:
                await self._reload()
            except Exception:
                log.exception("reload_failed", daemon=self.name)

    def _root_ended(self, root: asyncio.Task[None]) -> None:
        if root.cancelled():
            self.stop("main task cancelled", ExitCode.CRASHED)
        elif root.exception() is None:
            self.stop("work done")

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if _is_refusal(error):
            self.stop("start refused", ExitCode.REFUSED)
        else:
            self.stop(f"task crashed: {task.get_name()}", ExitCode.CRASHED)


def run_daemon(
    name: str,
    main: Callable[[Daemon], Awaitable[None]],
    *,
    loop_factory: Callable[[], Loop] | None = None,
    stop_seconds_max: float = STOP_SECONDS_MAX,
) -> int:
    """Run a daemon in this process until SIGTERM or SIGINT; returns the exit code for `sys.exit`.

    SIGHUP reloads (`Daemon.on_reload`), SIGUSR1 logs all tasks. A later SIGTERM or SIGINT leaves at once with OVERDUE.
    A SIGINT that was ignored at the start stays ignored: so a script's background job outlives the script's Ctrl-C.
    `loop_factory` is for uvloop. Logging must be set up before (`runtime.logs`).
    """
    runner = asyncio.Runner(loop_factory=loop_factory)
    exit_code = runner.run(_live_with_signals(name, main, stop_seconds_max))
    if exit_code is not ExitCode.OVERDUE:  # closing would wait for ever for the tasks that hang on
        runner.close()
    return int(exit_code)


async def _live_with_signals(name: str, main: Callable[[Daemon], Awaitable[None]], stop_seconds_max: float) -> ExitCode:
    daemon = Daemon(name, stop_seconds_max=stop_seconds_max)
    loop = asyncio.get_running_loop()
    if (task := asyncio.current_task()) is not None:
        task.set_name(f"{name} process")

    told_first: float | None = None

    def end(number: signal.Signals) -> None:
        nonlocal told_first
        if told_first is None:
            told_first = loop.time()
            daemon.stop(number.name)
        elif loop.time() - told_first > SAME_SIGNAL_SECONDS:
            log.warning("daemon_left_at_once", daemon=name, reason=f"second signal, {number.name}")
            sys.exit(ExitCode.OVERDUE)

    ends = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        ends.append(signal.SIGINT)
    for number in ends:
        loop.add_signal_handler(number, end, number)
    loop.add_signal_handler(signal.SIGHUP, daemon.reload)
    loop.add_signal_handler(signal.SIGUSR1, daemon.dump_tasks)
    return await daemon.live(main)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


def _place_of(task: asyncio.Task[Any]) -> str:
    """Where a task waits: the innermost coroutine, since `Task.get_stack` knows only the outermost."""
    place = "ended"
    waiting: Any = task.get_coro()
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        place = f"{frame.f_code.co_qualname} {frame.f_code.co_filename}:{frame.f_lineno}"
        waiting = waiting.cr_await
    return place


def _log_crash(task: asyncio.Task[Any]) -> None:
    if task.cancelled() or (error := task.exception()) is None:
        return
    for leaf in _leaves(error):
        notes = getattr(leaf, "__notes__", [])
        if isinstance(leaf, StartRefused) or any(note.startswith(_LOGGED_NOTE) for note in notes):
            continue
        log.error("task_crashed", task=task.get_name(), exc_info=leaf)
        leaf.add_note(_LOGGED_NOTE + task.get_name())


def _is_refusal(error: BaseException) -> bool:
    return all(isinstance(leaf, StartRefused) for leaf in _leaves(error))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
