"""What holds for every test: a skip in CI is a failure, no test leaves a task or a log's level behind, hypothesis has
time, Ctrl-C works."""

import asyncio
import inspect
import os
import signal
import time
from collections.abc import AsyncIterator, Generator, Iterator
from typing import TypeVar

import pytest
import structlog
from hypothesis import settings

from runtime.tasks import tasks_left

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

TURNS_MAX = 10
"""Turns of the loop that closing transports and cancelled tasks get to end after a test."""

EXAMPLES_DEEP = 5_000

# A busy machine is no bug of the code under test.
settings.register_profile("usual", deadline=None)
settings.register_profile("deep", deadline=None, max_examples=EXAMPLES_DEEP)


def pytest_configure(config: pytest.Config) -> None:
    # A script's background jobs (`make test &`) are started with SIGINT ignored, and so is every child of theirs: a
    # test that sends Ctrl-C to a program would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Commands that run within the test process tell local times.
    os.environ["TZ"] = "UTC"
    time.tzset()
    settings.load_profile("deep" if config.getoption("-m") == "deep" else "usual")


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A log that a test opens, with its level, is none of the next test's."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True)
def every_task_ends(request: pytest.FixtureRequest) -> None:
    """Asynchronous tests are checked for tasks that outlived their owner."""
    if inspect.iscoroutinefunction(getattr(request.node, "function", None)):
        request.getfixturevalue("no_task_left")


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails a test whose tasks still run when it and its fixtures have ended."""
    before = set(tasks_left())
    yield
    for _ in range(TURNS_MAX):
        if set(tasks_left()) <= before:
            return
        await asyncio.sleep(0)
    left = sorted(set(tasks_left()) - before)
    pytest.fail(f"tasks left over: {', '.join(left)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _skip_counts((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _skip_counts((yield))


def _skip_counts(report: Report) -> Report:
    """Where everything can be had, a peer that is missing is a failure and not an excuse."""
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as failed with CI=true: {reason}"
    return report
