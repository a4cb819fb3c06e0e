"""The course of a demonstration: traffic on, compare the accounts of the calls again and again, traffic off, the end.

Between the running daemons (``demo_stage``) and who shows it (``demo``). What came of it is a ``Summary``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from cdr.moments import begin_of, local_day
from cdr.records import ProblemRecord
from cdr.report.questions import Interval
from cdr.report.report import By, Report, make_report
from cdr.store.reader import Filter, Reader
from model.ids import EventId
from model.view import Call
from runtime.tasks import StartRefused
from ultra.demo_checks import Comparison, SwitchAdmin, gateway_snapshot, snapshot_differences, table_differences
from ultra.demo_records import record_differences, written_up_to
from ultra.demo_stage import Stage
from ultra.watching import Watch

LINK_SECONDS_MAX: Final = 60.0
"""For the link to come up and every device to be monitored: a second for a hundred devices."""

AGREE_SECONDS_MAX: Final = 15.0
"""For what was under way when the switch was halted to arrive everywhere: milliseconds on an idle machine."""

DRAIN_SECONDS_MAX: Final = 30.0
"""For the last calls to end once nobody begins new ones and everybody hangs up."""

HANG_UP_SECONDS: Final = 0.1
"""Between two rounds of hanging up: what is in the middle of a transfer comes to rest."""

ERRORS_SHOWN_MAX: Final = 5
"""Of the daemons' logs, among the differences."""

WITHIN_US: Final = 20_000_000
"""Threshold of the report's service level."""

UTC: Final = ZoneInfo("UTC")

SNAPSHOT_TRIES: Final = 5
"""The gateway's snapshot must be of the mirror's number; while the switch is halted, it is, but for a rare event."""


@dataclass(slots=True)
class Summary:
    """What a demonstration showed; its names are API (``ultra demo --json``)."""

    seconds: float = 0.0
    epoch: int | None = None
    link: str = ""
    link_reason: str = ""
    events: int = 0
    calls_begun: int = 0
    calls_ended: int = 0
    calls_live: int = 0
    calls_begun_at_simulator: int = 0
    mismatches: int = 0
    gaps: int = 0
    ends_without_call: int = 0
    gateway_errors: int = 0
    checks: int = 0
    mirror_equals_gateway: bool = True
    mirror_equals_simulator: bool = True
    conversations: int = 0
    """Of the records."""
    record_problems: int = 0
    """Invariants that they break."""
    differences: list[str] = field(default_factory=list)

    @property
    def inconsistencies(self) -> list[str]:
        """What must not be, in words; empty when all is well."""
        found = list(self.differences)
        for what, count in (
            ("calls left over", self.calls_live),
            ("mismatches", self.mismatches),
            ("gaps", self.gaps),
            ("calls that ended without having begun", self.ends_without_call),
            ("errors in the daemons' logs", self.gateway_errors),
            ("problems in the records", self.record_problems),
        ):
            if count:
                found.append(f"{count} {what}")
        if self.calls_begun != self.calls_begun_at_simulator:
            found.append(f"{self.calls_begun} calls begun, {self.calls_begun_at_simulator} at the simulator")
        if self.link != "up":
            found.append(f"the link was {self.link or 'never seen'} at the end: {self.link_reason}")
        if not self.checks:
            found.append("it ended before anything could be compared")
        return found


class Course:
    """One demonstration. ``took`` is set whenever the watch has taken something."""

    def __init__(self, stage: Stage, admin: SwitchAdmin, watch: Watch, took: asyncio.Event) -> None:
        self._stage = stage
        self._admin = admin
        self._watch = watch
        self._took = took
        self._begun_before = 0
        self._first_number = 0
        self._calls_before = 0
        self._began = 0.0
        self.summary = Summary()
        self.reports: list[Report] = []
        """Of the day's records, once it has ended."""

    async def begin(self, done: asyncio.Event) -> bool:
        """Wait for the link, then let people call; False when ``done`` came first. StartRefused when the link does not
        come up."""
        if not await self._until(lambda: self._is_up or done.is_set(), LINK_SECONDS_MAX):
            link = None if self._watch.mirror is None else self._watch.mirror.link
            said = str(self._watch.trouble) if link is None else f"{link.state.name.lower()}: {link.reason}"
            raise StartRefused(f"the link to the simulator is not up after {LINK_SECONDS_MAX:.0f} s: {said}")
        if done.is_set():
            return False
        await self._drain()
        self._begun_before = (await self._admin.ask("counts"))["begun"]
        self._first_number = self._number + 1
        self._calls_before = self._watch.calls_begun
        await self._admin.ask("traffic on")
        self._began = asyncio.get_running_loop().time()
        return True

    async def check(self) -> Comparison:
        """Halt the switch, let everything arrive, compare, let it go on."""
        async with self._admin.halted() as table:
            await self._until(lambda: not table_differences(self._calls(), table), AGREE_SECONDS_MAX)
            with_gateway = await self._gateway_differences()
            found = Comparison(with_gateway, table_differences(self._calls(), table))
        self.summary.checks += 1
        self.summary.mirror_equals_gateway &= not found.with_gateway
        self.summary.mirror_equals_simulator &= not found.with_switch
        self.summary.differences += [*found.with_gateway, *found.with_switch]
        return found

    async def end(self) -> None:
        """Compare a last time in full traffic, then everybody hangs up, and what is left over is counted."""
        self.summary.seconds = round(asyncio.get_running_loop().time() - self._began, 3)
        await self.check()
        await self._drain()
        await self.check()
        account = await self._admin.ask("account")
        self.summary.calls_begun_at_simulator = account["begun"] - self._begun_before
        await self._check_records(account["calls"][self._begun_before :])

    async def _drain(self) -> None:
        """Nobody calls any more, everybody hangs up, and that has arrived."""
        await self._admin.ask("traffic off")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN_SECONDS_MAX
        while (table := (await self._admin.ask("table"))["calls"]) and loop.time() < deadline:
            for device in sorted({device for connections in table.values() for device in connections}):
                await self._admin.ask(f"hangup {device}")
            await asyncio.sleep(HANG_UP_SECONDS)
        await self._until(lambda: not self._calls(), AGREE_SECONDS_MAX)

    async def _check_records(self, calls: list[dict[str, Any]]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + AGREE_SECONDS_MAX
        while await written_up_to(self._stage.server) < self._number and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(HANG_UP_SECONDS)  # another process writes them
        reader = Reader.open(self._stage.database)
        try:
            held = [one for one in reader.conversations(Filter()) if self._is_ours(one.conversation_id)]
            self.summary.record_problems = reader.rows_of(ProblemRecord)
            with reader.connection() as connection:
                self.reports = [make_report(connection, by, self._day(), UTC, None) for by in (By.HOUR, By.QUEUE)]
        finally:
            reader.close()
        self.summary.conversations = len(held)
        self.summary.differences += record_differences(calls, held)

    @staticmethod
    def _day() -> Interval:
        now_us = time.time_ns() // 1000
        return Interval(begin_of(local_day(now_us, UTC), UTC), now_us, WITHIN_US)

    def _is_ours(self, conversation_id: str) -> bool:
        return EventId.parse(conversation_id).number >= self._first_number

    def close(self) -> Summary:
        """Write down what the watch has seen."""
        summary, watch = self.summary, self._watch
        summary.epoch, summary.events = watch.epoch, watch.events
        summary.calls_begun = watch.calls_begun - self._calls_before
        summary.calls_ended = watch.calls_ended - self._calls_before
        summary.calls_live, summary.ends_without_call = watch.calls_live, watch.ends_without_call
        summary.mismatches, summary.gaps = watch.mismatches, watch.gaps
        summary.gateway_errors = len(self._stage.errors)
        summary.differences += self._stage.errors[:ERRORS_SHOWN_MAX]
        if watch.mirror is not None:
            summary.link = watch.mirror.link.state.name.lower()
            summary.link_reason = watch.mirror.link.reason
        return summary

    async def _gateway_differences(self) -> tuple[str, ...]:
        for _ in range(SNAPSHOT_TRIES):
            place, snapshot = await gateway_snapshot(self._stage.server)
            await self._until(lambda: self._number >= place.number, AGREE_SECONDS_MAX)  # noqa: B023 — awaited here
            mirror = self._watch.mirror
            if mirror is not None and mirror.number == place.number and self._watch.epoch == place.epoch:
                return snapshot_differences(mirror.snapshot(), snapshot)
        return (f"the mirror at {self._watch.epoch}:{self._number} never met the gateway's snapshot at {place}",)

    def _calls(self) -> list[Call]:
        return [] if self._watch.mirror is None else list(self._watch.mirror.calls.values())

    @property
    def _number(self) -> int:
        return -1 if self._watch.mirror is None else self._watch.mirror.number

    @property
    def _is_up(self) -> bool:
        return self._watch.mirror is not None and self._watch.mirror.link.state.is_up

    async def _until(self, condition: Callable[[], bool], seconds_max: float) -> bool:
        """Wait for what the next items bring; whether the condition came true in time."""
        try:
            async with asyncio.timeout(seconds_max):
                while not condition():
                    self._took.clear()
                    await self._took.wait()
        except TimeoutError:
            return False
        return True
