"""Keeps the daemons of a site running: starts each as its own process, starts a crashed one again, stops all in order.

It decides by exit codes alone (docs/operations.md): what a person must mend is not tried again, what crashed is, with
growing waits. It knows no daemon's insides and must not read their settings.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from runtime.backoff import Backoff
from runtime.tasks import Daemon, ExitCode
from ultra.processes import Child

log = structlog.get_logger("up")


@dataclass(frozen=True, slots=True)
class Program:
    """A daemon that can be supervised: its name, the module that runs it; its settings are ``etc/<name>.toml``."""

    name: str
    module: str


PROGRAMS: Final = (Program("gateway", "gateway"), Program("cdr", "cdr"))
"""In the order in which they are started; they are stopped in the other."""

SETTLED: Final = (ExitCode.STOPPED, ExitCode.REFUSED, ExitCode.USAGE)
"""Exit codes after which starting again would change nothing."""

SayLine = Callable[[str, str], None]
"""Takes a daemon's name and a line that it said."""


def programs_of(etc: Path) -> list[Program]:
    """The daemons that have settings in the folder."""
    return [program for program in PROGRAMS if (etc / f"{program.name}.toml").is_file()]


class Supervisor:
    """The daemons of one site. ``children`` holds whoever runs now."""

    def __init__(
        self,
        programs: Sequence[Program],
        etc: Path,
        daemon: Daemon,
        say: SayLine,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._programs = programs
        self._etc = etc
        self._daemon = daemon
        self._say = say
        self._jitter = jitter
        self.children: dict[str, Child] = {}
        self._refused = False

    async def run(self) -> ExitCode:
        """Until the supervisor is asked to stop or no daemon is left; REFUSED when one of them refused to run."""
        keeping = [
            self._daemon.spawn(self._keep(program), name=f"{program.name} supervision") for program in self._programs
        ]
        self._daemon.spawn(self._stop_when_asked(), name="supervision stop")
        await asyncio.wait(keeping)
        return ExitCode.REFUSED if self._refused else ExitCode.STOPPED

    async def _stop_when_asked(self) -> None:
        await self._daemon.stopped()
        for program in reversed(self._programs):
            if child := self.children.get(program.name):
                await child.stop()

    async def reload(self) -> None:
        """Every daemon reads its files anew."""
        for child in self.children.values():
            child.signal(signal.SIGHUP)

    async def _keep(self, program: Program) -> None:
        """One daemon's life: again and again, until it is settled or everything stops."""
        backoff = Backoff(self._jitter)
        loop = asyncio.get_running_loop()
        while not self._daemon.stopping:
            began = loop.time()
            exit_code = await self._run(program)
            lived = loop.time() - began
            if self._daemon.stopping:
                log.info("program_stopped", program=program.name, exit_code=exit_code)
                return
            if exit_code in SETTLED:
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
            ["--config", str(self._etc / f"{program.name}.toml")],
            self._daemon.spawn,
            output=say,
            errors=say,
        )
        self.children[program.name] = child
        log.info("program_started", program=program.name, pid=child.pid)
        if self._daemon.stopping:  # the request came while it was being started
            await child.stop()
        exit_code = await child.wait()
        del self.children[program.name]
        return exit_code

    async def _pause(self, seconds: float) -> None:
        stopped = self._daemon.spawn(self._daemon.stopped(), name="supervision pause")
        await asyncio.wait({stopped}, timeout=seconds)
        stopped.cancel()


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
