"""A terminal of a given size with a command in it: what it shows, keys pressed on it, the modes it was left in."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.ultra.real_site import environment_of

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|.)")
_ALTERNATE_SCREEN = "\x1b[?1049h"
READ_BYTES = 65536


class Terminal:
    """Made by ``in_terminal``."""

    def __init__(self, master: int, slave: int, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.raw = ""
        self._master = master
        self._slave = slave

    @property
    def text(self) -> str:
        """All that was shown so far, without colours and cursor movements."""
        return _ESCAPE.sub("", self.raw)

    @property
    def drew_a_screen(self) -> bool:
        return _ALTERNATE_SCREEN in self.raw

    @property
    def latest(self) -> str:
        """What was shown since the last picture began."""
        return _ESCAPE.sub("", self.raw.rpartition("\x1b[H")[2])

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell wants it."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def receive(self) -> None:
        self.raw += os.read(self._master, READ_BYTES).decode("utf-8", "replace")


@asynccontextmanager
async def in_terminal(*arguments: str, columns: int = 80, lines: int = 24) -> AsyncIterator[Terminal]:
    """`ultra` with these arguments, on a terminal of its own."""
    master, slave = pty.openpty()
    loop = asyncio.get_running_loop()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    environment = {**environment_of(TERM="xterm-256color"), "COLUMNS": "", "LINES": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ultra", *arguments, stdin=slave, stdout=slave, stderr=slave, env=environment
    )
    terminal = Terminal(master, slave, process)
    loop.add_reader(master, terminal.receive)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)
