"""A thread that does blocking work for the event loop, one piece after the other, and never keeps the process.

`asyncio.to_thread` would: the interpreter waits at its end for every thread of an executor, and a database that answers
nothing any more may hold one for ever.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class WorkerThread:
    """The thread begins with the first piece of work."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """What the function returns or raises. Whoever is cancelled meanwhile does not learn it; it is done all the
        same."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(settle: Callable[[Any], None], outcome: Any) -> None:
            if not done.done():
                settle(outcome)

        def work() -> None:
            try:
                outcome, settle = function(*arguments), done.set_result
            except BaseException as error:
                outcome, settle = error, done.set_exception  # type: ignore[assignment]
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, settle, outcome)

        self._work.put(work)
        return await done

    def close(self) -> None:
        """The thread ends after the piece of work that it is at; nobody waits for it."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
