"""The gateway as it runs: port.cfg is read anew without dropping a call, seats are given out, the link is started and
stopped. Shipped processes, a client's requests, and the simulated switch's own account of its monitors."""

import signal
from pathlib import Path

from model.states import LinkState
from model.view import Device
from protocol.errors import Code
from protocol.kinds import Kind
from tests.system.csta_site import CstaSite, csta_site
from tests.waiting import until
from ultra.demo_site import DemoSite

TEN = DemoSite(("1000-1009",), 10, 2)


def write_port_cfg(site: CstaSite, *lines: str) -> None:
    (site.folder / "port.cfg").write_text("\n".join(lines) + "\n", "utf-8")


def devices(site: CstaSite) -> dict[str, Device]:
    assert site.subscriber.mirror is not None
    return {str(number): device for number, device in site.subscriber.mirror.devices.items()}


def served(site: CstaSite) -> set[str]:
    """Those that are monitored and have a right to be."""
    return {number for number, device in devices(site).items() if device.licensed and device.monitored}


async def monitors(site: CstaSite) -> int:
    """How many monitors the switch counts."""
    return int(str((await site.ask_switch("counts"))["monitors"]))


async def calls(site: CstaSite) -> dict[str, dict[str, str]]:
    """The switch's table, once the subscriber holds the same."""
    table: dict[str, dict[str, str]] = (await site.ask_switch("table"))["calls"]
    await until(lambda: not site.subscriber.differences(table))
    return table


async def test_devices_come_and_go_without_dropping_a_call(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        await until(lambda: len(served(site)) == 13)  # with two trunks and the queue
        await site.ask_switch("call 1000 1002", "answer 1002")
        await calls(site)
        write_port_cfg(site, "EXT 1002-1003", "EXT 1005 name=new")
        reply = await site.subscriber.ask(Kind.RELOAD)
        assert reply.accepted, reply
        await until(lambda: served(site) == {"1000", "1002", "1003", "1005"})  # 1000 talks: it stays until it is idle
        assert await monitors(site) == 4
        await site.ask_switch("hold 1000")
        await calls(site)
        await site.ask_switch("hangup 1002")
        await until(lambda: served(site) == {"1002", "1003", "1005"})
        await until(lambda: "1000" not in devices(site))
        assert await calls(site) == {}
        assert await monitors(site) == 3
        assert site.subscriber.mismatches == []
        assert site.subscriber.is_up
        write_port_cfg(site, "EXT 1000-1001")
        site.subscriber.gateway.signal(signal.SIGHUP)
        await until(lambda: served(site) == {"1000", "1001"})
        assert site.subscriber.faults() == []


async def test_a_broken_file_leaves_the_old_in_force_and_says_so(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        await until(lambda: len(served(site)) == 13)
        write_port_cfg(site, "EXT 1001", "EXTENSION 1002", "EXT 1001")
        reply = await site.subscriber.ask(Kind.RELOAD)
        assert (reply.code, reply.text) == (Code.MALFORMED, "not taken over")
        assert any("port.cfg:2:1:" in line for line in reply.lines), reply.lines
        assert any("port.cfg:3:5:" in line for line in reply.lines), reply.lines
        assert len(served(site)) == 13
        await until(lambda: any(entry.get("event") == "reload_refused" for entry in site.subscriber.logged))
        assert (await site.subscriber.ask(Kind.MAKE_CALL, "1000", "1001")).accepted
        await calls(site)


async def test_seats(tmp_path: Path) -> None:
    async with csta_site(tmp_path, DemoSite(("1000-1003",), 2, 1), "--idle") as site:
        await until(lambda: served(site) == {"1000", "1001", "T001", "6000"})
        without = devices(site)["1002"]
        assert (without.licensed, without.reason) == (
            False,
            "no seat: extension 3 in port.cfg, and the licence has 2 seats",
        )
        refused = await site.subscriber.ask(Kind.MAKE_CALL, "1002", "1000")
        assert (refused.code, refused.text) == (Code.NO_SEAT, without.reason)
        # Whoever is in a call keeps the seat, though others stand above now; those wait.
        await site.ask_switch("call 1001 1003", "answer 1003")
        await calls(site)
        write_port_cfg(site, "EXT 1003", "EXT 1000", "EXT 1001")
        assert (await site.subscriber.ask(Kind.RELOAD)).accepted
        await until(lambda: served(site) == {"1001", "1003"})
        assert "kept by a call" in devices(site)["1000"].reason
        await site.ask_switch("hangup 1001")
        await until(lambda: served(site) == {"1000", "1003"})
        assert devices(site)["1001"].reason.startswith("no seat: extension 3")
        assert site.subscriber.faults() == []


async def test_the_link_is_stopped_and_started(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        await until(lambda: len(served(site)) == 13)
        stopped = await site.subscriber.ask(Kind.LINK_STOP)
        assert stopped.link is not None
        assert (stopped.link.state, stopped.text) == (LinkState.DOWN, "link stopped")
        await until(lambda: not site.subscriber.is_up)
        assert (await site.subscriber.ask(Kind.LINK_STOP)).text == "the link does not run"
        assert (await site.subscriber.ask(Kind.MAKE_CALL, "1000", "1001")).code == Code.LINK_DOWN
        assert await monitors(site) == 0
        await site.ask_switch("call 1000 1001")
        assert (await site.subscriber.ask(Kind.LINK_START)).text == "link started"
        await until(lambda: site.subscriber.is_up)
        assert len(await calls(site)) == 1
        assert (await site.subscriber.ask(Kind.LINK_START)).text == "the link runs already"
