"""Blocking work beside the loop: in order, its errors told, and no process kept."""

import asyncio
import subprocess
import sys
import threading

import pytest

from runtime.worker_thread import WorkerThread


async def test_work_is_done_in_order_and_beside_the_loop() -> None:
    worker, done = WorkerThread("w"), list[int]()
    await asyncio.gather(*(worker.call(done.append, one) for one in range(5)))
    assert done == [0, 1, 2, 3, 4]
    assert await worker.call(lambda: threading.current_thread().name) == "w"
    worker.close()


async def test_an_error_is_raised_where_it_was_asked_for() -> None:
    worker = WorkerThread("w")
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0)
    assert await worker.call(int, "7") == 7
    worker.close()


async def test_who_is_cancelled_leaves_the_work_and_the_thread_as_they_are() -> None:
    worker, go, done = WorkerThread("w"), threading.Event(), list[str]()

    def slow() -> None:
        go.wait()
        done.append("slow")

    asked = asyncio.ensure_future(worker.call(slow))
    await asyncio.wait({asked}, timeout=0.01)
    asked.cancel()
    go.set()
    await worker.call(done.append, "next")
    assert done == ["slow", "next"]
    worker.close()


def test_a_thread_that_hangs_keeps_no_process() -> None:
    program = (
        "import asyncio, threading\nfrom runtime.worker_thread import WorkerThread\n"
        "async def main():\n    w = WorkerThread('w')\n    began = threading.Event()\n"
        "    def hang():\n        began.set()\n        threading.Event().wait()\n"
        "    asked = asyncio.ensure_future(w.call(hang))\n"
        "    await asyncio.wait({asked}, timeout=0.01)\n    began.wait()\n    asked.cancel()\n"
        "asyncio.run(main())\nprint('gone')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "gone\n"
