"""Keeps the daemons of a site running: starts each as its own process, starts a crashed one again, stops all in order.

It decides by exit codes alone (docs/operations.md): what a person must mend is not tried again, what crashed is, with
growing waits. It knows no daemon's insides and must not read their settings.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from runtime.backoff import Backoff
from runtime.tasks import ExitCode, Spawn
from ultra.processes import Child

log = structlog.get_logger("up")


@dataclass(frozen=True, slots=True)
class Program:
    """What is supervised: the name that it has here, the module that runs it and its command line."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()


DAEMONS: Final = ("gateway", "cdr")
"""A site's daemons, each the module that runs it and the name of its settings, ``etc/<name>.toml``. In the order in
which they are started; they are stopped in the other."""

SETTLED: Final = (ExitCode.STOPPED, ExitCode.REFUSED, ExitCode.USAGE)
"""Exit codes after which starting again would change nothing."""

SayLine = Callable[[str, str], None]
"""Takes a program's name and a line that it said."""

IsSettled = Callable[[str, int], bool]
"""Takes the name of a program that ended unasked, and its exit code; whether it is not to be started again."""


def programs_of(etc: Path) -> list[Program]:
    """The daemons that have settings in the folder."""
    settings = {name: etc / f"{name}.toml" for name in DAEMONS}
    return [Program(name, name, ("--config", str(path))) for name, path in settings.items() if path.is_file()]


def settled_by_code(_name: str, exit_code: int) -> bool:
    """As a site has it: what crashed is started again."""
    return exit_code in SETTLED


class Supervisor:
    """Programs that run together. ``children`` holds whoever runs now."""

    def __init__(
        self,
        programs: Sequence[Program],
        spawn: Spawn,
        say: SayLine,
        is_settled: IsSettled = settled_by_code,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._programs = programs
        self._spawn = spawn
        self._say = say
        self._is_settled = is_settled
        self._jitter = jitter
        self.children: dict[str, Child] = {}
        self._refused = False
        self._stop_asked = asyncio.Event()

    async def run(self) -> ExitCode:
        """Until it is asked to stop or no program is left; REFUSED when one of them refused to run."""
        keeping = [self._spawn(self._keep(program), name=f"{program.name} supervision") for program in self._programs]
        await asyncio.wait(keeping)
        return ExitCode.REFUSED if self._refused else ExitCode.STOPPED

    async def stop(self) -> None:
        """Stop all in order, one after the other; nobody is started again."""
        self._stop_asked.set()
        for program in reversed(self._programs):
            if child := self.children.get(program.name):
                await child.stop()

    def kill(self) -> None:
        """End all at once, without waiting: for a parent that leaves without its event loop."""
        for child in self.children.values():
            child.kill()

    async def reload(self) -> None:
        """Everybody reads their files anew."""
        for child in self.children.values():
            child.signal(signal.SIGHUP)

    async def _keep(self, program: Program) -> None:
        """One daemon's life: again and again, until it is settled or everything stops."""
        backoff = Backoff(self._jitter)
        loop = asyncio.get_running_loop()
        while not self._stop_asked.is_set():
            began = loop.time()
            exit_code = await self._run(program)
            lived = loop.time() - began
            if self._stop_asked.is_set():
                log.info("program_stopped", program=program.name, exit_code=exit_code)
                return
            if self._is_settled(program.name, exit_code):
                self._refused |= exit_code != ExitCode.STOPPED
                log.warning("program_ended", program=program.name, exit_code=exit_code, reason=reason_of(exit_code))
                return
            backoff.session_ended(lived)
            wait = backoff.next_wait_seconds()
            log.error(
                "program_crashed",
                program=program.name,
                exit_code=exit_code,
                reason=reason_of(exit_code),
                lived_seconds=round(lived, 3),
                again_in_seconds=round(wait, 1),
            )
            await self._pause(wait)

    async def _run(self, program: Program) -> int:
        def say(line: str) -> None:
            self._say(program.name, line)

        child = await Child.start(
            program.name,
            program.module,
            program.arguments,
            self._spawn,
            output=say,
            errors=say,
        )
        self.children[program.name] = child
        log.info("program_started", program=program.name, pid=child.pid)
        if self._stop_asked.is_set():  # the request came while it was being started
            await child.stop()
        exit_code = await child.wait()
        del self.children[program.name]
        return exit_code

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop_asked.wait()


def reason_of(exit_code: int) -> str:
    """What an exit code says to an operator."""
    if exit_code < 0:
        try:
            return f"killed by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"killed by signal {-exit_code}"
    return {
        ExitCode.STOPPED: "stopped as somebody else asked; it is not started again",
        ExitCode.REFUSED: "a person must mend something first, see the lines above; it is not started again",
        ExitCode.USAGE: "wrong command line; it is not started again",
        ExitCode.CRASHED: "a bug of ours, see the lines above",
        ExitCode.OVERDUE: "did not stop in time",
    }.get(ExitCode(exit_code) if exit_code in tuple(ExitCode) else ExitCode.CRASHED, "")
