"""How a test waits: for a condition, never for a time to pass.

For what offers no event to wait for (another process, a file, a counter). A condition that does not come true in time
fails the test with its own source text, so that the failure says what was waited for.
"""

import asyncio
import inspect
import selectors
from collections.abc import Awaitable, Callable

SECONDS_MAX = 15.0
"""Far more than anything here takes on a busy machine of two cores; reached only by a failure."""

POLL_SECONDS = 0.005
"""Short against what is waited for, long enough to leave the cores to it."""

ASK_SECONDS = 0.05
"""Between two questions to another process, which has something else to do."""


async def until(condition: Callable[[], object], *, seconds_max: float = SECONDS_MAX) -> None:
    """Wait until `condition()` is true; AssertionError after `seconds_max`. The loop runs meanwhile."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds_max
    while not condition():
        assert loop.time() < deadline, f"waited {seconds_max} s in vain for: {_source(condition)}"
        turn = asyncio.Event()
        loop.call_later(POLL_SECONDS, turn.set)
        await turn.wait()


async def until_told(question: Callable[[], Awaitable[object]], *, seconds_max: float = SECONDS_MAX) -> None:
    """`until` for a condition that another process is asked for."""
    deadline = asyncio.get_running_loop().time() + seconds_max
    while not await question():
        now = asyncio.get_running_loop().time()
        assert now < deadline, f"asked {seconds_max} s in vain: {_source(question)}"
        turn = asyncio.Event()
        asyncio.get_running_loop().call_later(ASK_SECONDS, turn.set)
        await turn.wait()


def until_blocking(condition: Callable[[], object], *, seconds_max: float = SECONDS_MAX) -> None:
    """`until` for tests without an event loop."""
    with selectors.DefaultSelector() as nothing:
        for _ in range(int(seconds_max / POLL_SECONDS)):
            if condition():
                return
            nothing.select(POLL_SECONDS)
    raise AssertionError(f"waited {seconds_max} s in vain for: {_source(condition)}")


def _source(condition: Callable[[], object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
