"""A thousand extensions at fifty calls a second: the subscriber's mirror, the gateway's snapshot and the switch's own
table of calls say the same, at ten moments and at the end; every call ended once; no mismatch.

Real processes over real TCP. The switch halts for each comparison, so that all speak of one instant.
"""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from model.events import CallEvent, MismatchEvent
from model.ids import CallId
from model.mirror import Mirror
from protocol.client import EventSeen, SnapshotTaken, UlpClient
from protocol.kinds import Role
from runtime.tasks import Daemon, ExitCode
from tests.waiting import until
from ultra.demo_checks import SwitchAdmin, gateway_snapshot, snapshot_differences, table_differences
from ultra.demo_site import DemoSite
from ultra.demo_stage import Stage
from ultra.gateway_session import hello

EXTENSIONS = 1_000
TRUNKS = 300
CALLS_PER_SECOND = 50
MOMENTS, MOMENTS_DEEP = 4, 10
EVENTS_BETWEEN_MOMENTS = 1_500
"""About six seconds of this traffic, so that ten moments make a minute."""
CALLS_MIN = 150
"""For each moment, what six seconds at fifty a second leave after blocked calls; the exact number is the switch's own
account."""


class Subscriber:
    """One consumer of everything, with a mirror and an account of begun and ended calls."""

    def __init__(self) -> None:
        self.mirror: Mirror | None = None
        self.begun: set[CallId] = set()
        self.ended: Counter[CallId] = Counter()
        self.mismatches: list[MismatchEvent] = []
        self.events = 0

    async def listen(self, client: UlpClient) -> None:
        client.subscribe()
        async for item in client.items():
            if isinstance(item, SnapshotTaken):
                assert self.mirror is None, "a second snapshot: something was lost"
                self.mirror = Mirror(item.snapshot)
                self.begun |= {call.call_id for call in item.snapshot.calls}
            elif isinstance(item, EventSeen):
                assert self.mirror is not None
                assert item.event.number == self.mirror.number + 1
                self.mirror.apply(item.event)
                self.note(item.event)

    def has_seen(self, events: int) -> bool:
        return self.events >= events

    def note(self, event: object) -> None:
        self.events += 1
        if isinstance(event, CallEvent):
            self.begun |= {call.call_id for call in event.calls}
            self.ended.update(call.call_id for call in event.calls if call.ended)
        elif isinstance(event, MismatchEvent):
            self.mismatches.append(event)


async def compare(stage: Stage, admin: SwitchAdmin, subscriber: Subscriber) -> int:
    """Halt the switch; mirror, gateway and switch must come to agree. Returns the number of live calls."""
    mirror = subscriber.mirror
    assert mirror is not None
    async with admin.halted() as table:
        await until(lambda: not table_differences(mirror.calls.values(), table))
        place, owner = await gateway_snapshot(stage.server)
        assert place.number == mirror.number
        assert snapshot_differences(mirror.snapshot(), owner) == ()
        return len(table)


async def test_twenty_seconds_of_traffic(tmp_path: Path) -> None:
    await course(tmp_path, MOMENTS)


@pytest.mark.deep
async def test_a_minute_of_traffic(tmp_path: Path) -> None:
    await course(tmp_path, MOMENTS_DEEP)


async def course(folder: Path, moments: int) -> None:
    """Traffic, compared at so many moments of it and at its end."""
    site = DemoSite(("1000-1999",), EXTENSIONS, TRUNKS)
    traffic = ["--calls-per-second", str(CALLS_PER_SECOND), "--mean-talk-seconds", "3", "--seed", "22"]
    figures: dict[str, int] = {}

    async def run(daemon: Daemon) -> None:
        stage = Stage.set_up(folder, site, traffic, daemon.spawn)
        async with stage.running(), SwitchAdmin.connect(stage.admin_port) as admin:
            client = await UlpClient.connect(stage.server, hello("test", Role.CONSUMER))
            subscriber = Subscriber()
            listening = daemon.spawn(subscriber.listen(client), name="subscriber")
            await until(lambda: subscriber.mirror is not None and subscriber.mirror.link.state.is_up)
            live = []
            for moment in range(1, moments + 1):
                await until(partial(subscriber.has_seen, moment * EVENTS_BETWEEN_MOMENTS), seconds_max=60)
                live.append(await compare(stage, admin, subscriber))
            await admin.ask("traffic off")
            await until(lambda: subscriber.mirror is not None and not subscriber.mirror.calls, seconds_max=60)
            assert await compare(stage, admin, subscriber) == 0
            account = await admin.ask("account")
            listening.cancel()
            await asyncio.wait({listening})
            await client.close()
            figures.update(
                events=subscriber.events,
                calls=len(subscriber.begun),
                ended=sum(subscriber.ended.values()),
                mismatches=len(subscriber.mismatches),
                most_live=max(live),
            )
            print(figures, {name: account[name] for name in ("begun", "answered", "ended", "blocked")})
            assert subscriber.mismatches == []
            assert set(subscriber.ended) == subscriber.begun
            assert max(subscriber.ended.values()) == 1
            assert len(subscriber.begun) > moments * CALLS_MIN

    assert await Daemon("traffic test").live(run) is ExitCode.STOPPED
    assert figures
