"""A daemon of ours as a child process: started, read line by line, stopped in order.

Each child is the leader of a session of its own, so that Ctrl-C in the terminal reaches only its parent, who stops its
children one after the other. When the parent dies without having stopped them (SIGKILL, out of memory), Linux does it:
a daemon that nobody supervises would hold its port against the next one. Decides nothing about when to start or to
start again.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from runtime.tasks import Spawn

STOP_SECONDS_MAX: Final = 25.0
"""From SIGTERM to SIGKILL: a daemon gives its own parts twice ten seconds before it leaves by itself."""

LINE_BYTES_MAX: Final = 256 * 1024
"""Of a line that is handed on whole; a longer one, which no log of ours has, comes in pieces."""

READ_BYTES: Final = 64 * 1024
"""At a time from the pipe: as much as a pipe holds."""

HOME: Final = Path(__file__).resolve().parent.parent
"""The folder that our packages stand in."""

PR_SET_PDEATHSIG: Final = 1
"""Of linux/prctl.h: the signal that a process gets when the thread that started it ends."""

TakeLine = Callable[[str], None]


class Child:
    """One running child. Made by ``start``; ``wait`` gives its exit code, negative for a signal."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, reading: list[asyncio.Task[None]]) -> None:
        self.name = name
        self._process = process
        self._reading = reading
        self._is_asked_to_stop = False

    @classmethod
    async def start(
        cls,
        name: str,
        module: str,
        arguments: Sequence[str],
        spawn: Spawn,
        *,
        output: TakeLine,
        errors: TakeLine,
        folder: Path | None = None,
    ) -> Child:
        """Run ``python -m module arguments`` in ``folder``, standard input closed; each line goes to ``output`` or
        ``errors`` (standard error) as soon as it is there. Called in the main thread, the one that ends last."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", module, *arguments),
            cwd=folder,
            env=_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_following_parent() if sys.platform == "linux" else None,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        reading = [
            spawn(_read_lines(process.stdout, output), name=f"{name} output"),
            spawn(_read_lines(process.stderr, errors), name=f"{name} errors"),
        ]
        return cls(name, process, reading)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for its end and until all that it said has been handed on."""
        exit_code = await self._process.wait()
        await asyncio.wait(self._reading)
        return exit_code

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self._process.returncode is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, without waiting: for a parent that leaves without its event loop."""
        if self._process.returncode is None:
            self._process.kill()

    async def stop(self, seconds_max: float = STOP_SECONDS_MAX) -> int:
        """Ask it to stop, kill it when it does not within ``seconds_max``; the exit code. Asked by a second caller, it
        is told no second time, which would mean at once."""
        if not self._is_asked_to_stop:
            self._is_asked_to_stop = True
            self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds_max):
                return await self.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            return await self.wait()


def _following_parent() -> Callable[[], None]:
    """For a child to run before its program: SIGTERM comes when we are gone, be it that we are so already."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def follow() -> None:
        prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return follow


def _environment() -> dict[str, str]:
    """Ours, with our packages in front: the children are of the same version, from whatever folder we were called."""
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{HOME}{os.pathsep}{path}" if path else str(HOME), "PYTHONUNBUFFERED": "1"}


async def _read_lines(stream: asyncio.StreamReader, take: TakeLine) -> None:
    pending = b""
    while received := await stream.read(READ_BYTES):
        *lines, pending = (pending + received).split(b"\n")
        if len(pending) > LINE_BYTES_MAX:
            lines.append(pending)
            pending = b""
        for line in lines:
            take(line.decode("utf-8", "replace").rstrip("\r"))
    if pending:
        take(pending.decode("utf-8", "replace"))
