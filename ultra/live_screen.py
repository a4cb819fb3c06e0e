"""Shows a ``Watch`` until somebody has seen enough: drawn on a terminal, as a line a second elsewhere.

The only place that touches the terminal: its modes are restored whatever happens. What is drawn is ``ultra.board``'s.
"""

import asyncio
import os
import sys
import termios
import time
import tty
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.live import Live

from protocol.client import Item, Lost
from protocol.messages import Welcome
from ultra.board.plain import plain_line
from ultra.board.screen import Moment, Note, picture
from ultra.watching import Watch

DRAW_SECONDS: Final = 0.25
"""Between two pictures: quick for eyes, cheap for a terminal at the end of a slow line."""

PLAIN_SECONDS: Final = 1.0
"""Between two lines where there is no terminal."""

QUIT_KEYS: Final = frozenset(b"qQ")

Items = AsyncGenerator[Item | Lost | Welcome, None]


async def consume(items: Items, watch: Watch, took: asyncio.Event) -> None:
    """Feed the watch until the subscription ends, which raises; ``took`` is set at each item."""
    try:
        async for item in items:
            watch.take(item, time.monotonic())
            took.set()
    finally:
        await items.aclose()


async def show(watch: Watch, done: asyncio.Event, notes: Callable[[], Sequence[Note]] = tuple) -> None:
    """Show until ``done`` is set, or q is pressed, which sets it. Raises BrokenPipeError when nobody reads us."""
    if sys.stdout.isatty():
        await _show_screen(watch, done, notes)
    else:
        await _show_lines(watch, done)


async def pause(done: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until ``done`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        return


async def _show_screen(watch: Watch, done: asyncio.Event, notes: Callable[[], Sequence[Note]]) -> None:
    console = Console(highlight=False)
    with _keys(done), Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as live:
        while not done.is_set():
            width, height = console.size
            live.update(picture(watch, _moment(), width, height, notes()), refresh=True)
            await pause(done, DRAW_SECONDS)


async def _show_lines(watch: Watch, done: asyncio.Event) -> None:
    while not done.is_set():
        if watch.mirror is not None or watch.trouble is not None:
            click.echo(plain_line(watch, time.strftime("%H:%M:%S"), time.monotonic()))
        await pause(done, PLAIN_SECONDS)


def _moment() -> Moment:
    return Moment(time.time_ns() // 1000, time.strftime("%H:%M:%S"), time.monotonic())


@contextmanager
def _keys(done: asyncio.Event) -> Iterator[None]:
    """Each key counts as it is pressed, and is not shown; nothing happens where the input is no terminal."""
    if not sys.stdin.isatty():
        yield
        return
    descriptor = sys.stdin.fileno()
    loop = asyncio.get_running_loop()

    def pressed() -> None:
        keys = os.read(descriptor, 64)
        if not keys:
            loop.remove_reader(descriptor)
        elif QUIT_KEYS.intersection(keys):
            done.set()

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, pressed)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
