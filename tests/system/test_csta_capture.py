"""A captured day of a CSTA site in small: everything that decides on what is published, played again byte for byte.

Shipped processes. In the capture: traffic, requests of a client, a link that is lost and comes back, port.cfg read anew
with fewer and with more devices, a licence that ends, the link stopped and started, the switch killed and
started anew.
"""

import asyncio
from pathlib import Path

import pytest

from gateway.capture.part_files import parts_in
from model.states import LinkState
from protocol.kinds import Kind
from runtime.tasks import owned_by
from tests.system.csta_site import CstaSite, csta_site
from tests.system.kept_frames import frames_kept
from tests.system.replaying import first_difference, replayed
from tests.waiting import until
from ultra.demo_site import DemoSite

SITE = DemoSite(("1000-1039",), 40, 10)
TRAFFIC = ("--calls-per-second", "10", "--mean-talk-seconds", "1", "--mean-ring-seconds", "0.3", "--seed", "7")


def settings(part_mb: float) -> str:
    return f'\n[capture]\nfolder = "../var/capture"\npart_mb = {part_mb}\n'


async def more_calls(site: CstaSite, count: int) -> None:
    begun = len(site.subscriber.begun)
    await until(lambda: len(site.subscriber.begun) >= begun + count, seconds_max=40)


async def a_day(site: CstaSite) -> None:
    """Everything that may happen to a gateway."""
    subscriber = site.subscriber
    await more_calls(site, 20)
    for kind, device in ((Kind.MAKE_CALL, "1039"), (Kind.CLEAR_CONNECTION, "1038"), (Kind.HOLD_CALL, "nobody")):
        await subscriber.ask(kind, device, "1037")
    await site.ask_switch("reset_links")
    await until(lambda: not subscriber.is_up)
    await until(lambda: subscriber.is_up, seconds_max=30)
    await more_calls(site, 10)
    port_cfg = site.folder / "port.cfg"
    before = port_cfg.read_text("utf-8")
    port_cfg.write_text(before.replace("1000-1039", "1000-1029"), "utf-8")
    assert (await subscriber.ask(Kind.RELOAD)).accepted
    await more_calls(site, 10)
    port_cfg.write_text(before.replace("1000-1039", "1000-1059"), "utf-8")  # more than there are seats
    assert (await subscriber.ask(Kind.RELOAD)).accepted
    (site.folder / "licence.toml").unlink()
    await subscriber.ask(Kind.RELOAD)  # the verdict counts: evaluation, and fewer seats
    await until(lambda: subscriber.mirror is not None and subscriber.mirror.licence.seats == 32)
    await more_calls(site, 10)
    assert (await subscriber.ask(Kind.LINK_STOP)).accepted
    await until(lambda: subscriber.links[-1][0] is LinkState.DOWN)
    assert (await subscriber.ask(Kind.LINK_START)).accepted
    await until(lambda: subscriber.is_up, seconds_max=30)
    await site.kill_switch()
    await until(lambda: not subscriber.is_up)
    await site.start_switch()
    await until(lambda: subscriber.is_up, seconds_max=30)
    await more_calls(site, 10)


@pytest.mark.parametrize("part_mb", [64, 0.1], ids=["one part", "many parts"])
async def test_it_is_played_again_byte_for_byte(tmp_path: Path, part_mb: float) -> None:
    async with asyncio.TaskGroup() as group:
        async with csta_site(tmp_path, SITE, *TRAFFIC, switch_settings=settings(part_mb)) as site:
            kept = await frames_kept(site.subscriber.server, owned_by(group))
            await a_day(site)
        assert [fault for fault in site.subscriber.faults() if fault["event"] != "file_problem"] == []
    parts = parts_in(tmp_path / "var" / "capture")
    assert (len(parts) > 3) is (part_mb < 1)
    for _ in range(2):
        again = replayed(*parts)
        assert again.exit_code == 0, again.err
        assert first_difference(again.frames, bytes(kept.kept)) == ""
    print(again.err)
    if part_mb < 1:
        alone = [replayed(part) for part in parts]
        assert [one.exit_code for one in alone] == [0] * len(parts), alone
        assert b"".join(one.frames for one in alone) == kept.kept
