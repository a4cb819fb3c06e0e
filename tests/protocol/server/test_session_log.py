"""What the log tells of sessions, by what really happens to them."""

import asyncio
from collections.abc import Mapping
from typing import Any

from structlog.testing import capture_logs

from model.ids import DeviceNumber
from protocol.kinds import Kind, Role
from protocol.limits import ServerLimits
from protocol.requests import Request
from tests.protocol.running import raw_client, serving
from tests.waiting import until

SMALL_BUFFER = 4096


def of(logged: list[Any], event: str) -> list[Mapping[str, Any]]:
    return [line for line in logged if line["event"] == event]


async def test_a_slow_consumer_is_told_by_who_it_is_where_it_was_and_how_far_behind() -> None:
    limits = ServerLimits(waiting_bytes_max=64 * 1024, goodbye_seconds=0.1)
    with capture_logs() as logged:
        async with serving(limits) as site, raw_client(site, SMALL_BUFFER) as slow:
            await slow.open(name="wallboard")
            slow.subscribe()
            await slow.frames_until(Kind.SNAPSHOT_END)
            slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
            for _ in range(1_000):
                site.publish_many(100)
                await asyncio.sleep(0)
                if site.server.slow_consumers:
                    break
            published = site.server.stream.last
            await until(lambda: site.server.session_count == 0)
    (line,) = of(logged, "slow_consumer_closed")
    assert line["log_level"] == "warning"
    assert (line["name"], line["code"], line["where"]) == ("wallboard", "slow_consumer", "live")
    assert line["peer"].startswith("127.0.0.1:")
    assert line["session"] == 1
    assert line["waiting_bytes"] > limits.waiting_bytes_max
    assert 300 < line["behind_events"] <= published, "64 KiB of events"
    assert line["behind_seconds"] >= 0
    (ended,) = of(logged, "session_ended")
    assert ended["code"] == "slow_consumer"


async def test_who_came_asked_and_went() -> None:
    with capture_logs() as logged:
        async with serving(ServerLimits(hello_seconds_max=0.05, heartbeat_ms=100)) as site:
            client = await site.client(Role.ADMIN, name="desk")
            await client.request(Request(Kind.ANSWER_CALL, DeviceNumber("8001")))
            await client.close()
            lost = await site.client(Role.ADMIN, name="lost")
            lost.abort()
            await until(lambda: site.server.session_count == 0)
            async with raw_client(site) as mute:
                await mute.frames_until(Kind.REFUSED)
    (asked,) = of(logged, "request_answered")
    assert (asked["name"], asked["request"], asked["device"], asked["code"]) == (
        "desk", "answer_call", "8001", "accepted",
    )  # fmt: skip
    (ended,) = of(logged, "session_ended")
    assert (ended["name"], ended["code"], ended["by_peer"]) == ("desk", "normal", True)
    assert len(of(logged, "session_lost")) == 1
    (refused,) = of(logged, "session_refused")
    assert refused["code"] == "hello_too_late"
    assert [line["name"] for line in of(logged, "session_opened")] == ["desk", "lost"]
