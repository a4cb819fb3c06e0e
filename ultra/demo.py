"""``ultra demo``: a simulated PBX, the gateway, the call records, traffic and the live view, in a folder that is gone
afterwards.

All are processes of their own, as on a real site. While it runs, three accounts of the calls (this process's mirror,
the gateway's own, the switch's) are compared again and again, and the records with the switch's at its end; what
differs is said and is the exit code.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from cdr.report.report import Report
from protocol.client import follow
from protocol.errors import UlpError
from protocol.kinds import Role
from runtime.logs import LevelName, LogSettings, open_log
from runtime.tasks import Daemon, ExitCode, StartRefused, run_daemon
from runtime.texts import Language
from simulator.numbering import numbers_of
from ultra.board.screen import Note
from ultra.board.states import STYLE_BAD, STYLE_GOOD, STYLE_QUIET
from ultra.cdr.tables import print_whole, report_table
from ultra.demo_checks import SwitchAdmin
from ultra.demo_course import Course, Summary
from ultra.demo_site import DemoSite
from ultra.demo_stage import Stage
from ultra.event_lines import printable
from ultra.gateway_session import discard_output, hello
from ultra.live_screen import consume, pause, show
from ultra.watching import Watch

CHECKS: Final = 10
"""Comparisons in the course of ``--seconds``; two more come at the end."""

CHECK_SECONDS: Final = 10.0
"""Between two comparisons of a demonstration without an end."""

FIRST_CHECK_SECONDS: Final = 3.0
"""To the first of those, when there is something to compare and the newcomer still watches."""

END_SECONDS_MAX: Final = 180.0
"""From Ctrl-C to the end: last comparison, last calls, two daemons that stop, each with limits of its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command line asked for. ``seconds`` None: until somebody ends it."""

    site: DemoSite
    traffic: list[str]
    seconds: float | None
    on_screen: bool


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), metavar="N", help="End after N seconds [Ctrl-C ends it].")
@click.option("--json", "as_json", is_flag=True, help="No view; at the end one JSON object that says what was seen.")
@click.option("--no-browser", is_flag=True, help="Accepted for scripts; this version has no web page to open.")
@click.option("--extensions", default="1000-1099", show_default=True, help="Extension numbers; each has a seat.")
@click.option("--trunks", type=click.IntRange(0, 999), default=30, show_default=True, help="Trunks T001, T002 …")
@click.option("--calls-per-second", type=click.FloatRange(0.1, 1000), default=3.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same calls.")
def demo(
    seconds: float | None,
    as_json: bool,
    no_browser: bool,
    extensions: str,
    trunks: int,
    calls_per_second: float,
    seed: int,
) -> None:
    """Show it all at work: a simulated PBX, the gateway, the call records, traffic, and the live view of it.

    Needs nothing and leaves nothing behind: free ports of this machine, files in a folder that is removed. Again and
    again the calls are compared with the gateway's own list and with the simulated PBX's, and at the end the records
    with the PBX's account. Exits 1 when they differ, when an event was missed or a call is left over at the end.
    """
    site = DemoSite(tuple(extensions.split(",")), _seats(extensions), trunks, has_records=True)
    traffic = ["--calls-per-second", str(calls_per_second), "--seed", str(seed)]
    open_log(LogSettings(level=LevelName.ERROR), daemon="demo")
    run = _Run(Plan(site, traffic, seconds, not as_json))
    try:
        exit_code = run_daemon("demo", run.live, stop_seconds_max=END_SECONDS_MAX)
    finally:
        if run.stage is not None:
            run.stage.supervisor.kill()
    if run.summary is not None and not run.failure:
        if as_json:
            click.echo(json.dumps(_object(run.summary), ensure_ascii=False))
        else:
            for report in run.reports:
                print_whole(report_table(report, Language.EN))
                click.echo()
            click.echo(_words(run.summary))
    if run.failure:
        raise click.ClickException("\n".join(map(printable, run.failure.splitlines())))
    if run.summary is None or run.summary.inconsistencies:
        exit_code = exit_code or ExitCode.REFUSED
    sys.exit(exit_code)


def _seats(extensions: str) -> int:
    try:
        return len(numbers_of(extensions))
    except ValueError as error:
        raise click.UsageError(f"--extensions: {error}") from error


class _Run:
    """One demonstration from start to end; what came of it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.stage: Stage | None = None
        self.summary: Summary | None = None
        self.reports: list[Report] = []
        self.failure = ""
        self._done = asyncio.Event()
        self._took = asyncio.Event()
        self._notes: tuple[Note, ...] = ()

    async def live(self, daemon: Daemon) -> None:
        """The daemon's main: everything runs inside, and is gone when it returns."""

        async def terminal_closed() -> None:
            daemon.stop("SIGHUP")

        daemon.on_reload(terminal_closed)
        daemon.spawn(self._leave_when(daemon.stopped()), name="demo stop watch")
        try:
            with TemporaryDirectory(prefix="ultra-demo-") as folder:
                self.stage = stage = Stage.set_up(Path(folder), self._plan.site, self._plan.traffic, daemon.spawn)
                async with stage.running(), SwitchAdmin.connect(stage.admin_port) as admin:
                    await admin.ask("traffic off")
                    await self._play(daemon, stage, admin)
                    self.failure = self.failure or stage.failure
        except (OSError, StartRefused) as error:
            self.failure = str(error)

    async def _play(self, daemon: Daemon, stage: Stage, admin: SwitchAdmin) -> None:
        watch = Watch(str(stage.server))
        items = follow([stage.server], hello("demo", Role.CONSUMER), jitter=random.random)
        consuming = daemon.spawn(consume(items, watch, self._took), name="demo subscription")
        course = daemon.spawn(self._course(Course(stage, admin, watch, self._took), stage), name="demo course")
        daemon.spawn(self._leave_when(stage.failed.wait(), course), name="demo failure watch")
        if self._plan.on_screen:
            try:
                await show(watch, self._done, lambda: self._notes)
            except BrokenPipeError:
                discard_output()
            self._leave()
        await asyncio.wait({course})
        consuming.cancel()

    async def _course(self, course: Course, stage: Stage) -> None:
        try:
            self._tell(stage, "nothing compared yet", STYLE_QUIET)
            if await course.begin(self._done):
                await self._check_again_and_again(course, stage)
                await course.end()
            self.summary, self.reports = course.close(), course.reports
        except (OSError, UlpError, StartRefused) as error:
            self.failure = stage.failure or str(error)
        finally:
            self._leave()

    async def _check_again_and_again(self, course: Course, stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        seconds = self._plan.seconds
        interval = FIRST_CHECK_SECONDS if seconds is None else seconds / (CHECKS + 1)
        due = loop.time()
        deadline = math.inf if seconds is None else due + seconds
        while True:
            due = max(due + interval, loop.time())  # a slow check makes the next one no later
            await pause(self._done, min(due, deadline) - loop.time())
            if self._done.is_set() or loop.time() >= deadline:
                return
            interval = CHECK_SECONDS if seconds is None else interval
            found = await course.check()
            if found.agrees and not course.summary.differences:
                times = course.summary.checks
                self._tell(stage, f"compared with the gateway and the simulated PBX: equal ({times} ✓)", STYLE_GOOD)
            else:
                self._tell(stage, f"NOT EQUAL: {course.summary.differences[0]}", STYLE_BAD)

    def _tell(self, stage: Stage, words: str, style: str) -> None:
        hint = f"in another window: ultra tail --server {stage.server}"
        self._notes = (Note(words, style), Note(hint, STYLE_QUIET))

    async def _leave_when(self, happening: Awaitable[object], task: asyncio.Task[None] | None = None) -> None:
        await happening
        self._leave()
        if task is not None:
            task.cancel()

    def _leave(self) -> None:
        self._done.set()
        self._took.set()


def _object(summary: Summary) -> dict[str, object]:
    return {**asdict(summary), "inconsistencies": summary.inconsistencies, "consistent": not summary.inconsistencies}


def _words(summary: Summary) -> str:
    lines = [
        f"{summary.seconds:.0f} s, {summary.events} events, {summary.calls_begun} calls begun,"
        f" {summary.calls_ended} ended, {summary.calls_live} left over",
        f"mismatches {summary.mismatches}, gaps {summary.gaps}, errors in the daemons' logs {summary.gateway_errors}",
        f"{summary.conversations} conversations recorded, {summary.record_problems} problems in them",
    ]
    equal = summary.mirror_equals_gateway and summary.mirror_equals_simulator
    lines.append(
        f"view, gateway and simulated PBX compared {summary.checks} times: {'equal' if equal else 'NOT EQUAL'}"
    )
    lines += [f"NOT AS IT MUST BE: {printable(one)}" for one in summary.inconsistencies]
    return "\n".join(lines)
