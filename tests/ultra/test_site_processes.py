"""Simulator and gateway as children: they say where they listen, and come back at the same ports when told to."""

import asyncio
import signal
from pathlib import Path

import pytest

from runtime.tasks import owned_by
from ultra.demo_checks import SwitchAdmin, gateway_snapshot
from ultra.demo_site import DemoSite, write_cdr, write_site
from ultra.site_processes import free_port, log_entry, start_cdr, start_gateway, start_simulator, start_site

SITE = DemoSite(("1000-1009",), 10, 3)
SECONDS_MAX = 20


async def test_both_say_where_they_listen_and_a_killed_switch_comes_back_there(tmp_path: Path) -> None:
    said: list[str] = []
    async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as group:
        spawn = owned_by(group)
        switch, listening = await start_simulator(SITE, ["--idle"], spawn, said.append)
        ports = await listening
        gateway, serving = await start_gateway(write_site(tmp_path, SITE, ports.csta), spawn, said.append)
        _, snapshot = await gateway_snapshot(await serving)
        assert len(snapshot.devices) == 14
        switch.signal(signal.SIGKILL)
        await switch.wait()
        switch, listening = await start_simulator(SITE, ["--idle"], spawn, said.append, ports)
        assert await listening == ports
        async with SwitchAdmin.connect(ports.admin) as admin:
            assert (await admin.ask("counts"))["begun"] == 0
        assert [await child.stop() for child in (gateway, switch)] == [0, 0]
    assert "gateway_started" in [log_entry(line)["event"] for line in said]


async def test_the_records_say_where_their_pages_are(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "etc").mkdir()
    async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as group:
        cdr, listening = await start_cdr(write_cdr(tmp_path, "127.0.0.1:1"), owned_by(group), said.append)
        assert await listening > 0
        assert await cdr.stop() == 0
    assert "cdr_started" in [log_entry(line)["event"] for line in said]


async def test_a_site_under_its_supervisor_says_each_daemon_s_lines_by_its_name(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    etc = write_site(tmp_path, SITE, 1, free_port()).parent
    async with asyncio.timeout(SECONDS_MAX), asyncio.TaskGroup() as group:
        started = asyncio.Event()

        def hear(name: str, line: str) -> None:
            said.append((name, log_entry(line)["event"]))
            if log_entry(line)["event"] == "gateway_started":
                started.set()

        site = await start_site(etc, owned_by(group), hear)
        await started.wait()
        assert await site.stop() == 0
    assert ("gateway", "gateway_started") in said
    assert ("up", "program_started") in said


@pytest.mark.parametrize(
    ("line", "event", "level"),
    [
        ('{"event": "link_lost", "level": "warning"}', "link_lost", "warning"),
        ('{"event": "link_lost"}', "link_lost", "text"),
        ("port.cfg:1:1: P003 error: no kind", "port.cfg:1:1: P003 error: no kind", "text"),
        ("[1]", "[1]", "text"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):", "error"),
    ],
)
def test_a_line_is_an_entry_whatever_it_is(line: str, event: str, level: str) -> None:
    entry = log_entry(line)
    assert (entry["event"], entry["level"]) == (event, level)
